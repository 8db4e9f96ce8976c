"""
The wall clock steps by an hour, forward and back, under load and over a restart: nothing is lost, early or
delayed by it. Waits and ages go by the boot clock; only `webhook-timestamp` follows the wall clock.
"""

import collections
import itertools
import os
import threading
import time
from datetime import datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families

from harness.load import Publisher, listed_events, missing, out_of_order, repeats
from harness.stepped_clock import SteppedClock
from harness.target import not_yet
from harness.waiting import wait_until

HOUR = 3600
ROUNDS = int(os.environ.get("CLOCK_ROUNDS", "1"))  # of the four steps
EARLY = 0.02  # what two clocks and a millisecond's rounding may differ
LATE = 1.0  # what a busy machine may take
RETRY, DELAY, NOT_YET, AGE, RATE = 1.5, 2, 1, 4, 120

pytestmark = [pytest.mark.slow, pytest.mark.clock]


@pytest.fixture
def clock(tmp_path):
    return SteppedClock(tmp_path)


# A target that fails more often than not is given a rest, so only some of the events fail.
def is_to_fail(number):
    return number % 5 == 0


def first_fails(delivery):
    return 503 if is_to_fail(int(delivery.body)) and delivery.header("X-FlowCatalyst-Attempt") == "1" else 200


def always_fails(delivery):
    return 503 if is_to_fail(int(delivery.body)) else 200


class Stream(threading.Thread):
    """An event of a type every 0.1 s; when each was accepted, by the number in it."""

    def __init__(self, product, event_type):
        super().__init__(daemon=True)
        self.product, self.event_type = product, event_type
        self.accepted = {}
        self._stopped = threading.Event()

    def run(self):
        for number in itertools.count():
            before = time.monotonic()
            try:
                self.product.publish(self.event_type, str(number))
            except OSError:  # the test has failed, the product is gone
                return
            self.accepted[number] = (before, time.monotonic())
            if self._stopped.wait(0.1):
                return

    def stop(self):
        self._stopped.set()
        self.join(20)


def attempts_by_job(target):
    jobs = collections.defaultdict(list)
    for delivery in list(target.deliveries):
        jobs[delivery.job_id].append(delivery.at)
    return jobs


def assert_kept(waits, wanted, jitter=0.0):
    assert waits
    assert min(waits) >= wanted - EARLY, f"early: {sorted(waits)[:5]}"
    assert max(waits) <= wanted * (1 + jitter) + LATE, f"late: {sorted(waits)[-5:]}"


def ages(product):
    """The metrics that tell how old something is."""
    text = product.call("GET", "/metrics", token=None).body.decode()
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if "age_seconds" in sample.name
    }


class Waits:
    """One subscription for each kind of wait, each with events of its own."""

    def __init__(self, product, make_target, event_type):
        self.product = product
        self.retried = make_target(choose=first_fails)
        self.delayed, self.limited = make_target(), make_target()
        self.asked_to_wait = make_target(choose=self._not_yet)
        self.expiring = make_target(choose=always_fails)
        product.pool("limited", concurrency=50, rateLimit=RATE)
        self.streams = {}
        for name, target, more in (
            ("retried", self.retried, {"retryStrategy": [RETRY] * 20, "maxAgeSeconds": 60}),
            ("delayed", self.delayed, {"delaySeconds": DELAY, "maxAgeSeconds": 60}),
            ("limited", self.limited, {"dispatchPoolId": "limited"}),
            ("asked", self.asked_to_wait, {"maxAgeSeconds": 60}),
            ("expiring", self.expiring, {"retryStrategy": [60], "maxAgeSeconds": AGE}),
        ):
            subscription = product.subscribe(target, f"{event_type}.{name}", **more)
            self.streams[name] = Stream(product, f"{event_type}.{name}")
        self.expired_by = {"status": "ERROR", "subscriptionId": subscription["id"]}

    def _not_yet(self, delivery):
        is_first = all(other.job_id != delivery.job_id for other in self.asked_to_wait.deliveries)
        return not_yet(NOT_YET) if is_first else 200

    def check(self):
        for stream in self.streams.values():
            stream.stop()
        counts = {name: len(stream.accepted) for name, stream in self.streams.items()}
        self.retried.wait_accepted(counts["retried"])
        self.delayed.wait_accepted(counts["delayed"])
        self.asked_to_wait.wait(2 * counts["asked"])
        for target, wanted in ((self.retried, RETRY), (self.asked_to_wait, NOT_YET)):
            attempts = [times for times in attempts_by_job(target).values() if len(times) > 1]
            assert_kept([second - first for first, second in attempts], wanted, jitter=0.1)
        accepted = self.streams["delayed"].accepted
        times = {int(delivery.body): delivery.at for delivery in self.delayed.deliveries}
        assert times.keys() == accepted.keys()
        # It is created between the call and its answer.
        assert_kept([times[n] - called for n, (called, _) in accepted.items()], DELAY)
        self.check_rate()
        self.check_expiry(sum(map(is_to_fail, self.streams["expiring"].accepted)))

    def check_rate(self):
        """Neither a burst nor a stop: what came until each moment is what the rate gives."""
        times = [delivery.at for delivery in self.limited.deliveries]
        a_second = RATE / 60
        for at, when in enumerate(times):
            assert at <= (when - times[0]) * a_second + a_second + 1, f"{at} after {when - times[0]} s"
            assert at >= (when - times[0] - LATE) * a_second - 1, f"{at} after {when - times[0]} s"

    def check_expiry(self, count):
        wait_until(lambda: len(self.expired()) == count, 30, "all to expire")
        for job in self.expired():
            age = moment(job["completedAt"]) - moment(job["createdAt"])
            assert AGE - EARLY <= age <= AGE + LATE, job

    def expired(self):
        jobs = []
        for page in itertools.count():
            found = self.product.jobs(**self.expired_by, page=page)
            if not found:
                return jobs
            jobs += found


def moment(text):
    return datetime.fromisoformat(text).timestamp()


def stepped_deliveries(target, offset):
    """How many of the last deliveries were signed at a wall clock that is wrong by so much."""
    last = list(target.deliveries)[-5:]
    return sum(abs(int(one.header("webhook-timestamp")) - one.wall - offset) < 5 for one in last)


@pytest.mark.timeout(120 + 60 * ROUNDS)
def test_steps_under_load(clock, make_product, make_target, target, event_type):
    product = make_product(**clock.settings).start()
    started = time.time()
    product.subscribe(target, event_type)
    publishers = [Publisher(product, event_type, f"p{n}", batch=b, pause=0.03) for n, b in enumerate((1, 10))]
    waits = Waits(product, make_target, event_type)
    for thread in [*publishers, *waits.streams.values()]:
        thread.start()
    for offset in (HOUR, 0, -HOUR, 0) * ROUNDS:
        waits.retried.wait(len(waits.retried.deliveries) + 20)
        clock.set(offset)
        wait_until(lambda: stepped_deliveries(target, offset) == 5, 10, "the step to be seen")
        seen = ages(product)
        assert seen and all(0 <= age < time.time() - started + 5 for age in seen.values()), seen
    for publisher in publishers:
        publisher.stop()
        publisher.join(20)
    waits.check()
    wait_until(lambda: not missing(publishers, target), 30, "every accepted event to arrive")
    assert out_of_order(target) == {} and repeats(target) == 0
    assert product.must("GET", "/api/dispatch/jobs?status=ERROR&size=1")["total"] == len(waits.expired())
    check_events(product, event_type, publishers, started)
    product.verify()
    product.stop()
    product.verify()


def check_events(product, event_type, publishers, started):
    """Ids grow as the events came, times with them; the index has them all; a key is known again."""
    for publisher in publishers:
        ids = [publisher.ids[number] for number in sorted(publisher.ids)]
        assert ids == sorted(set(ids))
        again = product.publish(event_type, deduplicationId=f"{publisher.publisher}-0")
        assert (again["id"], again["duplicate"]) == (ids[0], True)
    accepted = {event for publisher in publishers for event in publisher.ids.values()}
    wait_until(lambda: set(listed_events(product, event_type)) == accepted, 30, "all in the list")
    listed = listed_events(product, event_type)
    assert listed == sorted(listed, reverse=True)
    created = [moment(product.must("GET", f"/api/events/{event}")["createdAt"]) for event in listed[::50]]
    assert created == sorted(created, reverse=True)
    assert started - 1 < created[-1] and created[0] < time.time() + 1


def test_restart_after_the_clock_went_back(clock, make_product, make_target, event_type):
    """Time goes on from what is stored: waits last as long as they were to, plus the time nobody ran."""
    product = make_product(**clock.settings).start()
    retried, delayed, plain = make_target([503]), make_target(), make_target()
    product.subscribe(retried, f"{event_type}.retried", retryStrategy=[RETRY] * 20)
    product.subscribe(delayed, f"{event_type}.delayed", delaySeconds=DELAY)
    product.subscribe(plain, f"{event_type}.plain")
    before = [product.publish(f"{event_type}.plain", str(n), messageGroup="g")["id"] for n in range(5)]
    created = time.monotonic()
    product.publish(f"{event_type}.delayed")
    product.publish(f"{event_type}.retried")
    for delivered in [retried.wait(1)[0].job_id, *(delivery.job_id for delivery in plain.wait_accepted(5))]:
        # One whose outcome the store does not have yet would be sent again.
        wait_until(lambda job=delivered: product.attempts(job), 10, "the attempt to be stored")
    clock.set(-HOUR)
    product.kill9()
    product.verify()
    down = time.monotonic()
    product.start()
    down = time.monotonic() - down
    assert "the clock is behind what is stored" in product.log_tail()
    after = [product.publish(f"{event_type}.plain", str(n), messageGroup="g")["id"] for n in range(5, 10)]
    assert before + after == sorted({*before, *after})
    first, second = retried.wait(2)
    assert RETRY - EARLY <= second.at - first.at <= RETRY * 1.1 + down + LATE
    assert DELAY - EARLY <= delayed.wait(1)[0].at - created <= DELAY + down + LATE
    plain.wait_accepted(10)
    assert [int(delivery.body) for delivery in plain.accepted] == list(range(10))
    times = [moment(product.must("GET", f"/api/events/{event}")["createdAt"]) for event in before + after]
    assert times == sorted(times) and abs(times[-1] - time.time()) < 30
    newest_first = [*reversed(before + after)]
    wait_until(lambda: listed_events(product, f"{event_type}.plain") == newest_first, 20, "all in the list")
    clock.set(0)
    product.restart()
    assert product.publish(f"{event_type}.plain", "10", messageGroup="g")["id"] > after[-1]
    plain.wait_accepted(11)
    product.verify()

