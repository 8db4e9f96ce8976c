"""
Every webhook payload that GitHub sends goes through FlowCatalyst: published in batches, matched by two
subscriptions with wildcards, delivered to a receiver that now and then fails, and checked byte for byte.

    examples/github/run            exits 0 only if every body, signature and order is right
"""

import collections
import json
import random
import sys
import time
from dataclasses import dataclass

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from harness.product import Product
from harness.target import Target

BATCH_EVENTS_MAX = 100
BATCH_BYTES_MAX = 16 * 1024 * 1024
DELIVERY_SECONDS_MAX = 60
FAILURES = 0.1  # of all requests, so that retries and their order are seen too
SEED = 7

ORDERED = {"name": "All of GitHub, in order", "eventTypes": ["github.**"], "mode": "NEXT_ON_ERROR"}
CREATED = {"name": "Whatever was created", "eventTypes": ["github.*.created"], "mode": "IMMEDIATE"}


@dataclass
class Payload:
    """One example: the event that it becomes, and the bytes that the receiver must get."""

    event_type: str
    repository: str
    body: bytes
    event_id: str = ""

    def event(self):
        """The event as JSON text, with the payload in it exactly as it is."""
        head = {"type": self.event_type, "source": "https://github.com"}
        if self.repository:
            head["messageGroup"] = self.repository
        return json.dumps(head).encode()[:-1] + b', "data": ' + self.body + b"}"


def load(path):
    with open(path, encoding="utf-8") as file:
        kinds = json.load(file)
    for kind in kinds:
        for example in kind["examples"]:
            action = example.get("action")
            event_type = f"github.{kind['name']}" + (f".{action}" if isinstance(action, str) else "")
            repository = (example.get("repository") or {}).get("full_name", "")
            yield Payload(event_type, repository, json.dumps(example, indent=2, ensure_ascii=False).encode())


def batches(payloads):
    """Lists of payloads that fit into one call each."""
    batch, size = [], 0
    for payload in payloads:
        length = len(payload.event()) + 1
        if batch and (len(batch) == BATCH_EVENTS_MAX or size + length > BATCH_BYTES_MAX - 100):
            yield batch
            batch, size = [], 0
        batch.append(payload)
        size += length
    yield batch


def publish(product, payloads):
    """Publishes everything and notes the ids; the number of calls."""
    calls = 0
    for batch in batches(payloads):
        body = b'{"events":[' + b",".join(payload.event() for payload in batch) + b"]}"
        stored = product.must("POST", "/api/events/batch", body)["events"]
        for payload, event in zip(batch, stored, strict=True):
            payload.event_id = event["id"]
        calls += 1
    return calls


def receiver():
    dice = random.Random(SEED)
    return Target(choose=lambda _: 503 if dice.random() < FAILURES else 200)


def subscribe(product, target, subscription):
    body = {**subscription, "targetUrl": target.url(), "retryStrategy": [0.05]}
    return product.must("POST", "/api/subscriptions", body)["signingSecret"]


def event_of(delivery):
    return delivery.header("X-FlowCatalyst-Causation-ID")


def wrong_signatures(secret, target):
    for delivery in target.deliveries:
        try:
            Webhook(secret).verify(delivery.body, dict(delivery.headers), json_parse=False)
        except WebhookVerificationError as error:
            yield f"{delivery.header('X-FlowCatalyst-Code')}: {error}"


def wrong_bodies(payloads, target):
    """Each payload must have arrived once, with its own bytes, and nothing else."""
    received = collections.defaultdict(list)
    for delivery in target.accepted:
        received[event_of(delivery)].append(delivery.body)
    for payload in payloads:
        bodies = received.pop(payload.event_id, [])
        if bodies != [payload.body]:
            yield f"{payload.event_type}: {len(bodies)} deliveries, {'other bytes' if bodies else 'lost'}"
    yield from (f"event {event_id}: nobody asked for it" for event_id in received)


def wrong_orders(payloads, target):
    """Per repository, the accepted deliveries must have the order of publishing."""
    published = collections.defaultdict(list)
    for payload in payloads:
        if payload.repository:
            published[payload.repository].append(payload.event_id)
    arrived = [event_of(delivery) for delivery in target.accepted]
    for repository, event_ids in published.items():
        wanted = set(event_ids)
        if [event_id for event_id in arrived if event_id in wanted] != event_ids:
            yield f"{repository}: out of order"


def report(what, good, complaints):
    """One line of the summary, and the first complaints if there are any."""
    complaints = list(complaints)
    print(f"{what:<12}{good if not complaints else f'WRONG: {len(complaints)}'}")
    for complaint in complaints[:5]:
        print(f"            {complaint}")
    return not complaints


def run(product, payloads):
    ordered, created = receiver(), receiver()
    secrets = [subscribe(product, ordered, ORDERED), subscribe(product, created, CREATED)]
    expected = [payload for payload in payloads if payload.event_type.endswith(".created")]

    started = time.monotonic()
    calls = publish(product, payloads)
    ordered.wait_accepted(len(payloads), DELIVERY_SECONDS_MAX)
    created.wait_accepted(len(expected), DELIVERY_SECONDS_MAX)
    seconds = time.monotonic() - started

    repositories = {payload.repository for payload in payloads if payload.repository}
    bodies = sum(len(payload.body) for payload in payloads)
    requests = len(ordered.deliveries) + len(created.deliveries)
    deliveries = len(ordered.accepted) + len(created.accepted)
    kinds = len({payload.event_type for payload in payloads})
    print(f"published   {len(payloads)} events of {kinds} types, {bodies / 1e6:.1f} MB, in {calls} calls")
    print(f"delivered   {deliveries} to two subscriptions in {seconds:.1f} s")
    print(f"retried     {requests - deliveries} that the receiver first answered with 503")
    signatures = [*wrong_signatures(secrets[0], ordered), *wrong_signatures(secrets[1], created)]
    contents = [*wrong_bodies(payloads, ordered), *wrong_bodies(expected, created)]
    good = [
        report("bodies", "each arrived once, byte for byte", contents),
        report("signatures", f"all {requests} valid, says the Standard Webhooks library", signatures),
        report(
            "order", f"right in each of {len(repositories)} repositories", wrong_orders(payloads, ordered)
        ),
    ]
    return all(good)


def main():
    payloads = list(load(sys.argv[1]))
    product = Product()
    try:
        product.start()
        good = run(product, payloads)
        product.verify()
        product.stop()
    finally:
        product.dispose()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
