"""The code in the documentation runs as it is printed there."""

import os
import re
import subprocess
import sys

import pytest

from harness.ports import free_port
from harness.product import REPOSITORY
from harness.waiting import wait_until

PAGE = REPOSITORY / "docs" / "webhooks.md"


def block(language):
    """The one code block of the page in this language."""
    [code] = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return code


def python_receiver(folder):
    script = folder / "receiver.py"
    script.write_text(block("python"))
    return [sys.executable, str(script)]


def javascript_receiver(folder):
    tests = REPOSITORY / "tests"
    installed = subprocess.run(
        [tests / "node-modules", tests], capture_output=True, text=True, check=True
    ).stdout
    script = folder / "receiver.mjs"
    script.write_text(block("javascript"))
    (folder / "node_modules").symlink_to(installed.strip() + "/node_modules")
    return ["node", str(script)]


@pytest.fixture
def receiver(tmp_path):
    """`receiver(command, secret, port)`: starts it; the file that it prints to."""
    processes = []

    def start(command, secret, port):
        output = tmp_path / "output.txt"
        environment = {**os.environ, "WEBHOOK_SECRET": secret, "PORT": str(port)}
        with output.open("wb") as file:
            processes.append(
                subprocess.Popen(command, env=environment, stdout=file, stderr=subprocess.STDOUT)
            )
        return output

    yield start
    for process in processes:
        process.kill()
        process.wait()


@pytest.mark.parametrize("language", [python_receiver, javascript_receiver])
@pytest.mark.parametrize("right", [True, False], ids=["right secret", "wrong secret"])
def test_receiver_of_the_page_tells_right_from_wrong(
    product, receiver, tmp_path, event_type, language, right
):
    port = free_port()
    subscription = product.subscribe(f"http://127.0.0.1:{port}/", event_type, retryStrategy=[0.1])
    secret = subscription["signingSecret"] if right else "whsec_" + "A" * 43 + "="
    output = receiver(language(tmp_path), secret, port)
    event = product.publish(event_type, '{"über": "ü"}')
    [job] = product.jobs(eventId=event["id"])
    product.wait_status(job["id"], "COMPLETED" if right else "ERROR")
    line = f'{204 if right else 401} {job["id"]} {{"über": "ü"}}'
    wait_until(lambda: line in output.read_text(), why=line)
