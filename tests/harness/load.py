"""A load whose every event can be accounted for, through any number of deaths of the product."""

import json
import threading
import time

from harness.waiting import wait_until

CONCURRENCY = 16


class Publisher(threading.Thread):
    """
    Publishes numbered events into groups of its own, one request after the other. An answer that did not come
    is asked for again with the same deduplication ids, as a careful client does, so that each number is
    accepted once and a group's order is the order of its numbers. Without them (`keyed=False`) it is given up.
    It publishes nothing while `waits()`.
    """

    def __init__(self, product, event_type, name, groups=3, batch=1, pause=0.0, keyed=True, waits=None):
        super().__init__(daemon=True)
        self.product = product
        self.event_type = event_type
        self.publisher = name
        self.groups = groups
        self.batch = batch
        self.pause = pause
        self.keyed = keyed
        self.waits = waits or (lambda: False)
        self.accepted = []  # (group, number), each answered 200 or 201
        self.ids = {}  # number -> id of the event
        self.duplicates = []  # of these: stored before they were answered
        self.refused = []  # any other answer
        self._stopped = threading.Event()

    def stop(self):
        self._stopped.set()

    def run(self):
        number = 0
        while not self._stopped.is_set():
            numbers = range(number, number + self.batch)
            if self._send([self._event(each) for each in numbers]):
                self.accepted += [(self._group(each), each) for each in numbers]
            number += self.batch
            time.sleep(self.pause)
            while self.waits() and not self._stopped.wait(0.01):
                pass

    def _group(self, number):
        return f"{self.publisher}-{number % self.groups}"

    def _event(self, number):
        group = self._group(number)
        event = {
            "type": self.event_type,
            "source": "load",
            "data": json.dumps({"group": group, "number": number}),
            "messageGroup": group,
        }
        return {**event, "deduplicationId": f"{self.publisher}-{number}"} if self.keyed else event

    def _send(self, events):
        """True once they are accepted; False when given up. Tries again while the product is away."""
        single = self.batch == 1
        path, body = ("/api/events", events[0]) if single else ("/api/events/batch", {"events": events})
        while True:
            try:
                reply = self.product.call("POST", path, body, timeout=10)
            except OSError:
                if self._stopped.wait(0.01) or not self.keyed:
                    return False
                continue
            if reply.status in (200, 201):
                stored = [reply.json] if single else reply.json["events"]
                for event, sent in zip(stored, events, strict=True):
                    self.ids[json.loads(sent["data"])["number"]] = event["id"]
                    if event.get("duplicate"):
                        self.duplicates.append(event["id"])
                return True
            self.refused.append(reply)
            if self._stopped.wait(0.05):
                return False


def arrived(target):
    """The numbers of each group, in the order in which the target accepted them."""
    groups = {}
    for delivery in target.accepted:
        data = delivery.json
        groups.setdefault(data["group"], []).append(data["number"])
    return groups


def missing(publishers, target):
    """What was accepted and has not arrived."""
    have = {(group, number) for group, numbers in arrived(target).items() for number in numbers}
    return [one for publisher in publishers for one in publisher.accepted if one not in have]


def repeats(target):
    """How many accepted deliveries were of a job that had been accepted before."""
    ids = [delivery.job_id for delivery in target.accepted]
    return len(ids) - len(set(ids))


def out_of_order(target):
    """Groups in which an event came before an earlier one; an event again at once is a repeat."""
    wrong = {}
    for group, numbers in arrived(target).items():
        once = [number for at, number in enumerate(numbers) if at == 0 or numbers[at - 1] != number]
        if once != sorted(set(once)):
            wrong[group] = once
    return wrong


def listed_events(product, event_type):
    """The ids of a type's events, newest first, page by page as the user interface asks for them."""
    ids, cursor = [], ""
    while True:
        page = product.must("GET", f"/api/bff/events?types={event_type}&size=100{cursor}")
        ids += [event["id"] for event in page["items"]]
        if "nextCursor" not in page:
            return ids
        cursor = f"&cursor={page['nextCursor']}"


class Scene:
    """A product with a subscription in a pool, and publishers of the given batches, whose books must agree."""

    def __init__(self, product, target, event_type, batches, pause):
        self.product = product
        self.target = target
        self.event_type = event_type
        product.start()
        product.pool("load", concurrency=CONCURRENCY)
        product.subscribe(target, event_type, dispatchPoolId="load", retryStrategy=[0.05] * 20)
        self.publishers = [
            Publisher(product, event_type, f"p{n}", batch=batch, pause=pause, waits=self.is_ahead)
            for n, batch in enumerate(batches)
        ]

    def is_ahead(self):
        return False

    def publish(self):
        for publisher in self.publishers:
            publisher.start()

    def stop_publishing(self):
        for publisher in self.publishers:
            publisher.stop()
        for publisher in self.publishers:
            publisher.join(20)

    def wait_for_all(self):
        wait_until(lambda: not missing(self.publishers, self.target), 60, "every accepted event to arrive")

    def assert_all_arrive(self, repeats_max=0):
        """Everything that was accepted, in order, and all who know of it agree."""
        self.wait_for_all()
        assert out_of_order(self.target) == {}
        assert repeats(self.target) <= repeats_max
        self.product.verify()
