"""The commands of the binary."""

import json
import re
import signal
import stat
import subprocess

import pytest

from harness.ports import free_port
from harness.product import BINARY
from harness.target import HANG
from harness.waiting import wait_until


class Listener:
    """A running `flowcatalyst listen`, and the lines that it has printed."""

    def __init__(self, product, *options, port=None):
        self.port = port or free_port()
        self.log = product.folder / f"listen-{self.port}.txt"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [BINARY, "listen", "--port", str(self.port), *options],
                env=product.environment(),
                cwd=product.folder,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_until(lambda: str(self.port) in self.text(), why="the listener to say its port")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook"

    def text(self):
        return self.log.read_text(errors="replace")

    def wait_line(self, word):
        """The first printed line that contains `word`."""

        def found():
            return next((line for line in self.text().splitlines() if word in line), None)

        return wait_until(found, why=f"{word!r} in the listener's output")

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(10)


@pytest.fixture
def listen():
    """`listen(product, *options, port=None)`: a listener that is stopped at the end and must end with 0."""
    running = []

    def start(product, *options, **more):
        running.append(Listener(product, *options, **more))
        return running[-1]

    yield start
    for listener in running:
        assert listener.stop() == 0, listener.text()


def job_of(product, event):
    [job] = product.jobs(eventId=event["id"])
    return job


def test_version(make_product):
    result = make_product().cli("--version")
    assert result.returncode == 0
    assert re.search(r"\d+\.\d+\.\d+", result.stdout)


def test_help_names_every_command(make_product):
    result = make_product().cli("--help")
    assert result.returncode == 0
    for command in ("token", "listen", "send", "verify", "config"):
        assert command in result.stdout


@pytest.mark.parametrize("arguments", [["no-such-command"], ["listen", "--no-such-option"], ["send"]])
def test_wrong_usage_is_explained(make_product, arguments):
    result = make_product().cli(*arguments)
    assert result.returncode not in (0, 2)
    assert result.stderr
    if arguments == ["no-such-command"]:
        for command in ("token", "listen", "backup", "import", "config"):
            assert command in result.stderr


def test_start_says_the_url_and_a_first_curl_that_works_as_printed(own_product):
    text = own_product.log.read_text()
    assert f"http://localhost:{own_product.http_port}" in text
    commands = text[text.index("  export TOKEN=") :]
    shown = subprocess.run(["bash", "-c", commands], capture_output=True, text=True, timeout=20, check=False)
    event = json.loads(shown.stdout)
    assert own_product.api("GET", f"/api/events/{event['id']}")[0] == 200


def test_token_is_printed_and_private(own_product):
    assert own_product.cli("token").stdout == own_product.token + "\n"
    assert stat.S_IMODE((own_product.data / "dev-token").stat().st_mode) == 0o600


def test_token_stays_the_same_over_a_restart(own_product):
    before = own_product.token
    own_product.restart()
    assert own_product.token == before
    assert own_product.api("GET", "/api/subscriptions")[0] == 200


def test_token_before_the_first_start_says_what_to_do(make_product):
    result = make_product().cli("token")
    assert result.returncode == 1
    assert "dev-token" in result.stderr


def test_config_prints_settings_and_masks_secrets(make_product):
    product = make_product(FLOWCATALYST_APP_KEY="a-very-secret-application-key-0123")
    result = product.cli("config")
    assert result.returncode == 0
    assert "HTTP_PORT" in result.stdout and str(product.http_port) in result.stdout
    assert "FLOWCATALYST_APP_KEY" in result.stdout
    assert "a-very-secret" not in result.stdout + result.stderr


def test_listen_prints_a_line_a_delivery(product, listen, event_type):
    listener = listen(product)
    product.subscribe(listener.url, event_type)
    event = product.publish(event_type, "hello", messageGroup="g")
    job = product.wait_status(job_of(product, event)["id"], "COMPLETED")
    assert event_type in listener.wait_line(job["id"])


def test_listen_verifies_signatures(product, listen, make_target, event_type):
    secret = product.subscribe(make_target(), f"{event_type}.other")["signingSecret"]
    listener = listen(product, "--secret", secret)
    product.subscribe(listener.url, event_type)
    event = product.publish(event_type)
    assert "invalid" in listener.wait_line(job_of(product, event)["id"]).lower()


def test_listen_finds_a_right_signature_valid(product, listen, event_type):
    port = free_port()
    secret = product.subscribe(f"http://127.0.0.1:{port}/hook", event_type)["signingSecret"]
    listener = listen(product, "--secret", secret, port=port)
    event = product.publish(event_type)
    line = listener.wait_line(job_of(product, event)["id"]).lower()
    assert "valid" in line and "invalid" not in line


def test_listen_misbehaves_as_told(product, listen, event_type):
    listener = listen(product, "--fail", "503,timeout,reset")
    product.subscribe(listener.url, event_type, timeoutSeconds=1, retryStrategy=[0.05])
    job_id = job_of(product, product.publish(event_type))["id"]
    wait_until(lambda: len(product.attempts(job_id)) >= 3, why="three attempts")
    seen = {(attempt["status"], attempt.get("responseCode") or 0) for attempt in product.attempts(job_id)}
    assert {("SERVER_ERROR", 503), ("TIMEOUT", 0), ("CONNECTION_ERROR", 0)} <= seen


def test_listen_delays_as_told(product, listen, event_type):
    listener = listen(product, "--delay", "0.3")
    product.subscribe(listener.url, event_type)
    job_id = job_of(product, product.publish(event_type))["id"]
    product.wait_status(job_id, "COMPLETED")
    assert product.attempts(job_id)[0]["durationMillis"] >= 300


def test_listen_on_a_port_in_use_names_it(product, target):
    result = product.cli("listen", "--port", str(target.port))
    assert result.returncode == 1
    assert str(target.port) in result.stderr


@pytest.mark.parametrize("form", [list, lambda events: {"events": events}])
def test_send_publishes_a_file_of_more_than_one_batch(product, target, event_type, form):
    product.subscribe(target, event_type)
    events = [{"type": event_type, "source": "s", "data": str(n), "messageGroup": "g"} for n in range(250)]
    file = product.folder / f"{event_type}.json"
    file.write_text(json.dumps(form(events)))
    result = product.cli("send", "--file", str(file))
    assert result.returncode == 0, result.stderr
    assert "250" in result.stdout
    target.wait_accepted(250)
    assert target.bodies() == [str(n).encode() for n in range(250)]


@pytest.mark.parametrize("content", ["", "{", '[{"type":5}]', "[]"])
def test_send_of_a_bad_file_names_it(product, event_type, content):
    file = product.folder / f"{event_type}.json"
    file.write_text(content)
    result = product.cli("send", "--file", str(file))
    assert result.returncode == 1
    assert str(file) in result.stderr


def test_send_of_a_missing_file_names_it(product):
    result = product.cli("send", "--file", "/no/such/events.json")
    assert result.returncode == 1
    assert "/no/such/events.json" in result.stderr


def test_send_without_a_server_says_where_it_looked(make_product):
    product = make_product()
    file = product.folder / "events.json"
    file.write_text('[{"type":"a","source":"s","data":"x"}]')
    result = product.cli("send", "--file", str(file))
    assert result.returncode == 1


def test_verify_of_a_running_product_and_of_a_stopped_one(own_product, target, event_type):
    own_product.subscribe(target, event_type)
    own_product.publish_many([{"type": event_type, "data": "x"}] * 30)
    own_product.verify()
    target.wait_accepted(30)
    own_product.stop()
    own_product.verify()


def test_verify_without_a_store_could_not_check(make_product):
    assert make_product().cli("verify").returncode == 2


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_the_product_with_0(make_product, name):
    product = make_product().start()
    product.process.send_signal(name)
    assert product.process.wait(10) == 0


def test_stop_does_not_wait_for_a_target_that_hangs_and_loses_nothing(own_product, make_target, event_type):
    target = make_target([HANG])
    own_product.subscribe(target, event_type, timeoutSeconds=60)
    own_product.publish(event_type, "kept")
    target.wait()
    own_product.stop()
    own_product.start()
    target.wait_accepted()
    assert target.bodies() == [b"kept"]
    own_product.verify()
