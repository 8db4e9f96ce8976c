"""The product dies inside a bulk operation: then it goes on, each job is treated once, the counts agree."""

import pytest

from harness.bulk import completed, dead_jobs, numbered, numbers, once_each, start
from harness.deaths import start_to_die, wait_for_death
from harness.waiting import wait_until

COUNT = 150
RATE = 3000  # steps of 50
IN_FLIGHT_MAX = 64  # what a process that dies may have sent without writing it down

# Where it dies, after how many passages, in one process and in the next. A replay passes once a step.
ON_JOBS = {"inside-bulk-step": (20, 45), "before-bulk-progress": (2, 1)}
ON_EVENTS = {"inside-bulk-step": (2, 1), "before-bulk-progress": (2, 2)}

pytestmark = [pytest.mark.slow, pytest.mark.kills]


def run_to_its_end(product, point, passages, kind, event_type):
    """An operation during which the product dies as often as there are passages; what it did in the end."""
    product.stop()
    for deaths, count in enumerate(passages):
        start_to_die(product, point, count)
        if deaths == 0:
            operation = start(product, kind, rate=RATE, types=[event_type])
        wait_for_death(product)
        product.verify()
    product.start()
    progress = completed(product, operation)
    assert (progress["processed"], progress["changed"]) == (COUNT, COUNT)
    assert (progress["skipped"], progress["failed"]) == ({}, 0)


def wait_for_jobs(product, status, count):
    # A busy machine answers a total that is only a lower bound.
    path = f"/api/dispatch/jobs?status={status}"
    wait_until(lambda: product.must("GET", path)["total"] == count, 30, f"{count} {status}")


@pytest.mark.parametrize("point", ON_JOBS)
def test_retry(point, debug_build, own_product, make_target, event_type):
    _, target, _ = dead_jobs(own_product, make_target, event_type, COUNT)
    run_to_its_end(own_product, point, ON_JOBS[point], "RETRY", event_type)
    wait_for_jobs(own_product, "COMPLETED", COUNT)
    assert sorted(numbers(once_each(target.accepted))) == list(range(COUNT))
    assert len(target.accepted) <= COUNT + len(ON_JOBS[point]) * IN_FLIGHT_MAX
    own_product.verify()


@pytest.mark.parametrize("point", ON_JOBS)
def test_cancel(point, debug_build, own_product, target, event_type):
    subscription = own_product.subscribe(target, event_type)
    own_product.must("POST", f"/api/subscriptions/{subscription['id']}/pause")
    own_product.publish_many(numbered(event_type, COUNT))
    run_to_its_end(own_product, point, ON_JOBS[point], "CANCEL", event_type)
    wait_for_jobs(own_product, "CANCELLED", COUNT)
    own_product.must("POST", f"/api/subscriptions/{subscription['id']}/resume")
    own_product.publish_many(numbered(event_type, 1, first=COUNT))
    target.wait_accepted(1)
    assert numbers(target.accepted) == [COUNT], "nothing that was cancelled is sent"
    own_product.verify()


@pytest.mark.parametrize("point", ON_EVENTS)
def test_replay(point, debug_build, own_product, target, event_type):
    own_product.subscribe(target, event_type)
    own_product.publish_many(numbered(event_type, COUNT))
    target.wait_accepted(COUNT, timeout=60)
    run_to_its_end(own_product, point, ON_EVENTS[point], "REPLAY", event_type)
    wait_for_jobs(own_product, "COMPLETED", 2 * COUNT)
    assert numbers(once_each(target.accepted)) == list(range(COUNT)) * 2
    own_product.verify()
