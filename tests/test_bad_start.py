"""What is wrong at start ends the start: exit 1, and one message that names the variable, port or file."""

import os
import socket
import sqlite3

import pytest

from harness.target import Answer

MALFORMED = {
    "HTTP_PORT": ["abc", "70000", "-1", "80 80"],
    "NATS_PORT": ["x", "0.5"],
    "FLOWCATALYST_DEV": ["maybe"],
    "QUEUE_TYPE": ["rabbit"],
    "STORE_TYPE": ["oracle"],
    "WEBHOOK_TIMESTAMP_FORMAT": ["roman"],
    "DISPATCH_HANDOVER": ["pigeon"],
}


def assert_refused(result, *words):
    assert result.returncode == 1, f"exit {result.returncode}\n{result.stdout}{result.stderr}"
    for word in words:
        assert str(word) in result.stderr, f"{word} is not in: {result.stderr}"


@pytest.mark.parametrize(
    "name, value", [(name, value) for name, values in MALFORMED.items() for value in values]
)
def test_malformed_variable_is_named(make_product, name, value):
    product = make_product()
    assert_refused(product.cli(timeout=20, **{name: value}), name)
    assert not product.data.exists(), "something was stored"


def test_all_malformed_variables_are_named_at_once(make_product):
    result = make_product().cli(timeout=20, HTTP_PORT="abc", QUEUE_TYPE="rabbit")
    assert_refused(result, "HTTP_PORT", "QUEUE_TYPE")


@pytest.mark.parametrize("variable", ["HTTP_PORT", "NATS_PORT"])
def test_port_in_use_is_named(make_product, variable):
    product = make_product()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert_refused(product.cli(timeout=20, **{variable: str(port)}), variable, port)


def test_data_directory_that_cannot_be_made_is_named(make_product):
    product = make_product()
    blocker = product.folder / "file"
    blocker.write_text("not a directory")
    wanted = str(blocker / "data")
    assert_refused(product.cli(timeout=20, DATA_DIR=wanted), "DATA_DIR", wanted)


def test_data_directory_that_is_not_writable_is_named(make_product):
    product = make_product()
    if os.geteuid() == 0:
        wanted = "/proc/self"  # not even root may create a file there
    else:
        product.data.mkdir(mode=0o500)
        wanted = str(product.data)
    assert_refused(product.cli(timeout=20, DATA_DIR=wanted), "DATA_DIR", wanted)


def test_second_process_on_the_data_directory_names_the_first(own_product, make_product):
    second = make_product()
    result = second.cli(timeout=20, DATA_DIR=str(own_product.data))
    assert_refused(result, own_product.process.pid, own_product.data)
    assert "DATA_DIR_IN_USE" not in result.stderr, "codes are for programs"
    assert own_product.is_running()
    own_product.verify()


def test_lock_of_a_killed_process_is_no_obstacle(own_product):
    own_product.kill9()
    own_product.restart()


def store_file(product):
    files = [path for path in product.data.rglob("*") if path.is_file() and not path.name.endswith("-search")]
    [store] = [path for path in files if path.open("rb").read(16) == b"SQLite format 3\0"]
    return store


def test_store_of_a_newer_version_is_refused_untouched(own_product):
    own_product.stop()
    store = store_file(own_product)
    with sqlite3.connect(store) as connection:
        [version] = connection.execute("pragma user_version").fetchone()
        assert version > 0
        connection.execute(f"pragma user_version = {version + 1000}")
    connection.close()
    content = store.read_bytes()
    assert_refused(own_product.cli(timeout=20), store.name, version + 1000)
    assert store.read_bytes() == content


def test_file_that_is_no_store_is_refused_untouched(own_product):
    own_product.stop()
    store = store_file(own_product)
    for leftover in store.parent.glob(store.name + "-*"):
        leftover.unlink()
    store.write_bytes(b"somebody's notes\n" * 100)
    assert_refused(own_product.cli(timeout=20), store.name)
    assert store.read_bytes() == b"somebody's notes\n" * 100


def test_loopback_target_is_refused_outside_development_mode(own_product, make_target, event_type):
    target = make_target(choose=lambda _: Answer(503))
    own_product.subscribe(target, event_type, retryStrategy=[0.2])
    own_product.publish(event_type)
    job_id = target.wait()[0].job_id
    own_product.stop()
    called = len(target.deliveries)
    own_product.start(FLOWCATALYST_DEV="false", FLOWCATALYST_ADMIN_TOKEN=own_product.token)
    job = own_product.wait_status(job_id, "ERROR")
    assert "127.0.0.1" in job["lastError"]
    body = {"name": "n", "eventTypes": ["a"], "targetUrl": target.url()}
    reply = own_product.call("POST", "/api/subscriptions", body)
    assert (reply.status, reply.json["errors"][0]["pointer"]) == (400, "/targetUrl")
    assert len(target.deliveries) == called


def test_without_development_mode_and_token_nobody_gets_in(make_product):
    product = make_product().start(FLOWCATALYST_DEV=None)
    for token in (None, "", "guess"):
        assert product.call("GET", "/api/subscriptions", token=token).status == 401
    product.stop()
