"""
The product dies under load, at random moments and at named points: what it had answered is delivered, in order, and what the
generator, the receiver and the store know of it agrees. CRASH_KILLS: how many random kills (10; `make soak` asks for 300).
"""

import os
import pathlib
import random

import pytest

from harness import product as product_module
from harness.load import Publisher, missing, out_of_order, repeats
from harness.waiting import wait_until

KILLS = int(os.environ.get("CRASH_KILLS", "10"))
SEED = int(os.environ.get("CRASH_SEED", "4"))
CONCURRENCY = 16
BUILDS = product_module.REPOSITORY / "build"

pytestmark = pytest.mark.slow


def failing_twentieth(seed):
    dice = random.Random(seed)
    return lambda _: 503 if dice.random() < 0.05 else 200


class Scene:
    """A product with a subscription, a target that fails now and then, and publishers."""

    def __init__(self, product, target, event_type):
        self.product = product
        self.target = target
        product.start()
        product.pool("crash", concurrency=CONCURRENCY)
        product.subscribe(target, event_type, dispatchPoolId="crash", retryStrategy=[0.05] * 20)
        self.publishers = [
            Publisher(product, event_type, f"p{n}", batch=batch, pause=0.002)
            for n, batch in enumerate((1, 1, 10, 40))
        ]

    def publish(self):
        for publisher in self.publishers:
            publisher.start()

    def wait_for_progress(self):
        before = len(self.target.accepted)
        wait_until(lambda: len(self.target.accepted) > before, 30, "deliveries after the restart")

    def end(self, deaths):
        """Publishing ends, everything arrives, and all who know of it agree."""
        for publisher in self.publishers:
            publisher.stop()
        for publisher in self.publishers:
            publisher.join(20)
        assert not [each.refused for each in self.publishers if each.refused]
        assert sum(len(each.accepted) for each in self.publishers) > 0
        wait_until(lambda: not missing(self.publishers, self.target), 60, "every accepted event to arrive")
        assert out_of_order(self.target) == {}
        assert repeats(self.target) <= deaths * CONCURRENCY
        self.product.verify()
        publisher = self.publishers[0]
        for number in (0, len(publisher.accepted) // 2, len(publisher.accepted) - 1):
            event = publisher.ids[number]
            jobs = self.product.jobs(eventId=event)
            assert len(jobs) == 1
            self.product.wait_status(jobs[0]["id"], "COMPLETED")
        self.product.stop()
        self.product.verify()


def test_random_kills_under_load(make_product, make_target, event_type):
    scene = Scene(make_product(), make_target(choose=failing_twentieth(SEED)), event_type)
    scene.publish()
    dice = random.Random(SEED)
    for _ in range(KILLS):
        scene.wait_for_progress()
        scene.target.wait(len(scene.target.deliveries) + dice.randrange(1, 200), timeout=60)
        scene.product.kill9()
        scene.product.start()
    scene.end(KILLS)


def debug_binary():
    """A build with fault points: the sanitizers' where there is one."""
    for preset in ("asan", "dev"):
        binary = BUILDS / preset / "apps" / "flowcatalyst"
        if binary.exists():
            return str(binary)
    raise AssertionError(f"no debug build below {BUILDS}: run scripts/build dev flowcatalyst")


# Where it dies, and after how many passages.
POINTS = {
    "inside-batch": (1, 90),
    "inside-commit": (5, 200),
    "after-commit": (5, 200),
    "before-outcome": (1, 300),
    "after-outcome": (1, 300),
    "before-checkpoint": (1, 2),
    "after-checkpoint": (1, 2),
}


def start_to_die(product, fault):
    """It may come to the point before anybody saw it ready."""
    try:
        product.start(FC_FAULT=fault)
    except AssertionError:
        assert product.process.poll() == 137, product.log_tail()


@pytest.mark.parametrize("point", POINTS)
def test_death_at_a_named_point(point, make_product, make_target, event_type, monkeypatch):
    monkeypatch.setattr(product_module, "BINARY", debug_binary())
    scene = Scene(make_product(), make_target(choose=failing_twentieth(SEED)), event_type)
    scene.product.stop()
    for deaths, passages in enumerate(POINTS[point]):
        start_to_die(scene.product, f"{point}:{passages}")
        if deaths == 0:
            scene.publish()
        wait_until(lambda: not scene.product.is_running(), 60, f"the product to die at {point}")
        assert scene.product.process.returncode == 137
    scene.product.start()
    scene.wait_for_progress()
    scene.end(len(POINTS[point]))


def test_only_debug_builds_have_fault_points():
    assert b"FC_FAULT" in pathlib.Path(debug_binary()).read_bytes()
    release = product_module.REPOSITORY / "bin" / "flowcatalyst"
    assert b"FC_FAULT" not in release.read_bytes()
