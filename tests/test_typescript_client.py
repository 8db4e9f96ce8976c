"""A client generated from the API document compiles under `--strict` and does the main job.

The second run needs no network: what npm installs stays below build/."""

import json
import os
import subprocess

import pytest

from harness.product import REPOSITORY
from harness.webhooks import assert_signed

SOURCES = REPOSITORY / "tests" / "typescript"


def run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def installed():
    """Where the generator, the compiler and the client's library lie."""
    return run([REPOSITORY / "tests" / "node-modules", SOURCES], SOURCES).strip() + "/node_modules"


@pytest.fixture(scope="module")
def workplace(installed, tmp_path_factory):
    """The sources with the client that the generator makes of api/openapi.json."""
    folder = tmp_path_factory.mktemp("typescript")
    for name in ("package.json", "tsconfig.json", "main_job.ts"):
        (folder / name).write_text((SOURCES / name).read_text())
    (folder / "node_modules").symlink_to(installed)
    document = REPOSITORY / "api" / "openapi.json"
    run(["node_modules/.bin/openapi-typescript", document, "--output", "client.d.ts"], folder)
    return folder


@pytest.fixture(scope="module")
def program(workplace):
    run(["node_modules/.bin/tsc"], workplace)
    return workplace / "built" / "main_job.js"


def test_generated_client_does_the_main_job(program, product, target):
    url = f"http://127.0.0.1:{product.http_port}"
    said = json.loads(run(["node", program, url, product.token, target.url()], program.parent))
    [delivery] = target.wait_accepted()
    assert_signed(said["secret"], delivery)
    assert delivery.json == {"from": "TypeScript"}
    assert delivery.job_id == said["job"]
    assert said["status"] == "COMPLETED"
    assert said["attempts"] == [["SUCCESS", 200]]
    assert said["listed"] == [said["job"]]
    assert said["refused"] == ["/source", "/type"]
    assert said["missing"] == "EVENT_NOT_FOUND"


def test_wrong_body_does_not_compile(workplace):
    wrong = (workplace / "main_job.ts").read_text().replace("targetUrl, mode", "targetUrl: 7, mode")
    (workplace / "wrong.ts").write_text(wrong)
    command = ["node_modules/.bin/tsc", "--noEmit", "--strict", "--module", "nodenext", "wrong.ts"]
    done = subprocess.run(command, cwd=workplace, capture_output=True, text=True, timeout=120, check=False)
    os.remove(workplace / "wrong.ts")
    assert "'number' is not assignable to type 'string'" in done.stdout
