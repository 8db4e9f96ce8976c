"""
The product dies under load, at random moments and at named points: what it had answered is delivered, in order,
and what the generator, the receiver and the store know of it agrees. CRASH_KILLS: how many random kills (10;
`make soak` asks for 300).
"""

import os
import pathlib
import random
import time

import pytest

from harness import product as product_module
from harness.deaths import Scene, debug_binary, failing_twentieth, start_to_die, wait_for_death

KILLS = int(os.environ.get("CRASH_KILLS", "10"))
SEED = int(os.environ.get("CRASH_SEED", "4"))
START_SECONDS = 0.15  # about what a start takes

pytestmark = [pytest.mark.slow, pytest.mark.kills]


@pytest.mark.timeout(120 + 10 * KILLS)
def test_random_kills_under_load(make_product, make_target, event_type):
    scene = Scene(make_product(), make_target(choose=failing_twentieth(SEED)), event_type)
    scene.publish()
    dice = random.Random(SEED)
    for kill in range(KILLS):
        scene.wait_for_deliveries(dice.randrange(1, 200))
        scene.product.kill9()
        scene.product.verify()
        if dice.random() < 0.25:
            scene.product.launch()
            time.sleep(dice.uniform(0, START_SECONDS))
            scene.product.kill9()
            scene.product.verify()
        scene.product.start()
        if kill % 25 == 24:
            print(f"{kill + 1} of {KILLS} kills, {len(scene.target.deliveries)} deliveries", flush=True)
    scene.end(KILLS)


# Where it dies, and after how many passages.
POINTS = {
    "inside-batch": (1, 90),
    "inside-commit": (5, 200),
    "after-commit": (5, 200),
    "before-outcome": (1, 300),
    "after-outcome": (1, 300),
    "before-checkpoint": (1, 2),
    "after-checkpoint": (1, 2),
    "inside-index": (1, 3),
}


@pytest.mark.parametrize("point", POINTS)
def test_death_at_a_named_point(point, debug_build, make_product, make_target, event_type):
    scene = Scene(make_product(), make_target(choose=failing_twentieth(SEED)), event_type)
    die(scene, point, POINTS[point])
    scene.end(len(POINTS[point]))


SHORT = {"JOB_RETENTION": "1s", "EVENT_RETENTION": "1s"}


@pytest.mark.parametrize(
    "point, passages", [("inside-purge", (150, 3)), ("after-purge", (2, 1)), ("inside-sweep", (1, 1))]
)
def test_death_in_retention(point, passages, debug_build, make_product, make_target, event_type):
    scene = Scene(make_product(**SHORT), make_target(choose=failing_twentieth(SEED)), event_type)
    die(scene, point, passages)
    scene.end(len(passages), keeps_all=False)


def die(scene, point, passages):
    scene.product.stop()
    for deaths, count in enumerate(passages):
        start_to_die(scene.product, point, count)
        if deaths == 0:
            scene.publish()
        wait_for_death(scene.product)
        scene.product.verify()
    scene.product.start()
    scene.wait_for_deliveries(1)


def test_only_debug_builds_have_fault_points():
    assert b"FC_FAULT" in pathlib.Path(debug_binary()).read_bytes()
    release = product_module.REPOSITORY / "bin" / "flowcatalyst"
    assert b"FC_FAULT" not in release.read_bytes()
