"""The receivers that docs/webhooks.md prints, in five languages, tell the product's deliveries from forgeries."""

import dataclasses
import datetime
import http.client
import os
import runpy
import socket
import subprocess

import pytest
from standardwebhooks.webhooks import Webhook

from harness.ports import free_port
from harness.product import REPOSITORY
from harness.waiting import wait_until
from harness.webhooks import hex_signature

EXAMPLES = REPOSITORY / "examples" / "webhooks"
SOURCES = [
    "python/receiver.py",
    "python/older_signature.py",
    "javascript/receiver.mjs",
    "go/receiver.go",
    "rust/receiver.rs",
    "java/Receiver.java",
]
LANGUAGES = ["rust", "java", "go", "javascript", "python"]  # the slowest to build starts first
VERIFY_BYTES = ["go"]  # the other libraries take the body for UTF-8
BUILD_SECONDS_MAX = 900  # with all packages to fetch; a few seconds when they are there
STALE_SECONDS = 301
OTHER_SECRET = "whsec_" + "A" * 43 + "="
TEXT = '{"über": "ü"}'


class Receiver:
    """A receiver of the page in `language`, running; `posted(delivery)` is what it answers to the same request."""

    def __init__(self, language, secret, folder):
        self.port = free_port()
        self.output = folder / "output.txt"
        environment = {**os.environ, "WEBHOOK_SECRET": secret, "PORT": str(self.port), "LC_ALL": "C.UTF-8"}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [EXAMPLES / "run", language], env=environment, stdout=output, stderr=subprocess.STDOUT
            )
        wait_until(self._listens_or_dead, BUILD_SECONDS_MAX, f"the {language} receiver to listen")
        assert self.process.poll() is None, self.output.read_text()

    def _listens_or_dead(self):
        with socket.socket() as probe:
            return self.process.poll() is not None or probe.connect_ex(("127.0.0.1", self.port)) == 0

    def url(self):
        return f"http://127.0.0.1:{self.port}/"

    def posted(self, headers, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("POST", "/", body, headers)
            return connection.getresponse().status
        finally:
            connection.close()

    def handled(self, webhook_id):
        """How often it did the work of this delivery."""
        return self.output.read_bytes().count(webhook_id.encode())


@pytest.fixture
def start_receiver(tmp_path):
    started = []

    def start(language, secret):
        started.append(Receiver(language, secret, tmp_path))
        return started[-1]

    yield start
    for receiver in started:
        receiver.process.kill()
        receiver.process.wait()


def headers_of(delivery):
    """Without those that say how the body is transferred, so that it can be changed."""
    return {name.lower(): value for name, value in delivery.headers if name.lower() != "content-length"}


def forgeries(secret, delivery):
    """What must be refused: the fault, the headers, the body."""
    headers, body = headers_of(delivery), delivery.body
    job_id, sent_at = headers["webhook-id"], int(headers["webhook-timestamp"])

    def signed_by(other, at):
        moment = datetime.datetime.fromtimestamp(at, datetime.timezone.utc)
        signature = Webhook(other).sign(job_id, moment, body.decode())
        return {**headers, "webhook-timestamp": str(at), "webhook-signature": signature}

    yield "changed body", headers, body + b" "
    yield "changed timestamp", {**headers, "webhook-timestamp": str(sent_at + 1)}, body
    yield "changed id", {**headers, "webhook-id": job_id + "0"}, body
    yield "another secret", signed_by(OTHER_SECRET, sent_at), body
    yield "sent long ago", signed_by(secret, sent_at - STALE_SECONDS), body
    yield "no signature", {**headers, "webhook-signature": ""}, body
    yield "no headers", {}, body


def deliver(product, target, event_type, **data):
    """One more delivery, as it arrived at the target."""
    seen = len(target.accepted)
    event = {"type": event_type, "source": "test", **(data or {"data": TEXT})}
    product.must("POST", "/api/events", event)
    return target.wait_accepted(seen + 1)[-1]


@pytest.mark.slow
@pytest.mark.timeout(BUILD_SECONDS_MAX + 60)
@pytest.mark.parametrize("language", LANGUAGES)
def test_receiver_of_the_page_tells_right_from_wrong(product, target, start_receiver, event_type, language):
    subscription = product.subscribe(target, event_type)
    secret, path = subscription["signingSecret"], f"/api/subscriptions/{subscription['id']}"
    receiver = start_receiver(language, secret)

    first = deliver(product, target, event_type)
    for fault, headers, body in forgeries(secret, first):
        assert receiver.posted(headers, body) == 401, fault
    assert receiver.handled(first.job_id) == 0
    for _ in range(2):
        assert receiver.posted(headers_of(first), first.body) == 204
        assert receiver.handled(first.job_id) == 1
    assert f"{first.job_id} {TEXT}" in receiver.output.read_text()

    octets = deliver(product, target, event_type, dataBase64="AP8=", dataContentType="image/x")
    assert receiver.posted(headers_of(octets), octets.body) == (204 if language in VERIFY_BYTES else 401)

    product.must("POST", f"{path}/rotate-secret", {})
    rotated = deliver(product, target, event_type)
    assert len(rotated.header("webhook-signature").split(" ")) == 2
    assert receiver.posted(headers_of(rotated), rotated.body) == 204

    product.must("PUT", path, {"targetUrl": receiver.url()})  # and now without us between them
    product.subscribe(receiver.url(), event_type, name="signs with another secret")
    event = product.publish(event_type, TEXT)
    for job in product.jobs(eventId=event["id"]):
        right = job["subscriptionId"] == subscription["id"]
        product.wait_status(job["id"], "COMPLETED" if right else "ERROR")
        assert receiver.handled(job["id"]) == (1 if right else 0)


def test_older_signature_as_the_page_checks_it(product, target, event_type):
    check = runpy.run_path(str(EXAMPLES / "python" / "older_signature.py"))["is_from_flowcatalyst"]
    secret = product.subscribe(target, event_type)["signingSecret"]
    delivery = deliver(product, target, event_type)
    headers, body = dict(delivery.headers), delivery.body
    assert check(secret, headers, body)
    assert not check(OTHER_SECRET, headers, body)
    assert not check(secret, headers, body + b" ")
    assert not check(secret, {}, body)
    assert not check(secret, {**headers, "X-FlowCatalyst-Signature": "ü"}, body)
    sent_at = int(headers["X-FlowCatalyst-Timestamp"])
    for other in ["", "soon", str(sent_at + 1)]:
        assert not check(secret, {**headers, "X-FlowCatalyst-Timestamp": other}, body)
    stale = dataclasses.replace(
        delivery, headers=[("X-FlowCatalyst-Timestamp", str(sent_at - STALE_SECONDS))]
    )
    signature = hex_signature(secret, stale)
    assert not check(secret, {**dict(stale.headers), "X-FlowCatalyst-Signature": signature}, body)


@pytest.mark.parametrize("source", SOURCES)
def test_page_prints_what_is_tested(source):
    language, _ = source.split("/")
    page = (REPOSITORY / "docs" / "webhooks.md").read_text()
    assert f"```{language}\n{(EXAMPLES / source).read_text()}```\n" in page
