"""Deaths of the product at named points (src/runtime/fault.h), and a load under which it dies."""

import random

from harness import load
from harness import product as product_module
from harness.load import CONCURRENCY, Publisher, listed_events, missing
from harness.waiting import wait_until

KILLED = 137
BACKLOG_MAX = 2000
BUILDS = product_module.REPOSITORY / "build"


def debug_binary():
    """A build with fault points: the sanitizers' where there is one."""
    for preset in ("asan", "dev"):
        binary = BUILDS / preset / "apps" / "flowcatalyst"
        if binary.exists():
            return str(binary)
    raise AssertionError(f"no debug build below {BUILDS}: run scripts/build dev flowcatalyst")


def start_to_die(product, point, passages=1):
    """It may come to the point before anybody saw it ready."""
    try:
        product.start(FC_FAULT=f"{point}:{passages}")
    except AssertionError:
        assert product.process.poll() == KILLED, product.log_tail()


def wait_for_death(product, timeout=60):
    wait_until(lambda: not product.is_running(), timeout, "the product to die")
    assert product.process.returncode == KILLED, product.log_tail()


def dying_cli(product, point, passages, *arguments):
    """A command that dies at the point."""
    result = product.cli(*arguments, FC_FAULT=f"{point}:{passages}")
    assert result.returncode == KILLED, f"{result.returncode}\n{result.stdout}{result.stderr}"


def failing_twentieth(seed):
    dice = random.Random(seed)
    return lambda _: 503 if dice.random() < 0.05 else 200


class Scene(load.Scene):
    """A load under which the product dies, at a target that fails now and then."""

    def __init__(self, product, target, event_type):
        super().__init__(product, target, event_type, batches=(1, 1, 10, 40), pause=0.002)
        # What has no deduplication id is the only thing that short retention deletes.
        self.publishers.append(Publisher(product, event_type, "unkeyed", pause=0.01, keyed=False))

    def is_ahead(self):
        """The target would not keep up."""
        accepted = sum(len(publisher.accepted) for publisher in self.publishers)
        return accepted > len(self.target.deliveries) + BACKLOG_MAX

    def wait_for_deliveries(self, count):
        self.target.wait(len(self.target.deliveries) + count, timeout=60)

    def wait_for_all(self):
        """However long it takes, while deliveries come."""
        while True:
            seen = len(self.target.accepted)
            left = missing(self.publishers, self.target)
            if not left:
                return
            self.target.wait_accepted(seen + 1, timeout=60)

    def end(self, deaths, keeps_all=True):
        """Publishing ends, everything arrives, and all who know of it agree. `keeps_all`: none was purged."""
        self.stop_publishing()
        assert not [each.refused for each in self.publishers if each.refused]
        assert all(each.accepted for each in self.publishers)
        self.assert_all_arrive(repeats_max=deaths * CONCURRENCY)
        if keeps_all:
            self.check_lists()
        self.product.stop()
        self.product.verify()

    def check_lists(self):
        accepted = {event for publisher in self.publishers for event in publisher.ids.values()}
        # An event whose answer was lost is stored and nobody's.
        wait_until(
            lambda: accepted <= set(listed_events(self.product, self.event_type)), 30, "all in the list"
        )
        ids = self.publishers[0].ids
        for number in (min(ids), max(ids)):
            [job] = self.product.jobs(eventId=ids[number])
            self.product.wait_status(job["id"], "COMPLETED")
