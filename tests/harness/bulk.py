"""Bulk operations: started, followed, and jobs for them to work on."""

from harness.waiting import wait_until

BULK = "/api/bulk-operations"
ENDED = ("COMPLETED", "STOPPED", "FAILED")


class Switch:
    """What a target answers, changed by the test."""

    def __init__(self, status):
        self.status = status

    def __call__(self, _):
        return self.status


def start(product, kind, rate=600_000, **wanted):
    answer = product.must("POST", BULK, {"kind": kind, "ratePerMinute": rate, "filter": wanted})
    assert answer["dryRun"] is False
    return answer["operation"]


def dry_run(product, kind, **wanted):
    answer = product.must("POST", BULK, {"kind": kind, "dryRun": True, "filter": wanted})
    assert answer["dryRun"] is True and "operation" not in answer
    return answer


def state(product, operation):
    return product.must("GET", f"{BULK}/{operation['id']}")


def ended(product, operation, timeout=60):
    def is_over():
        shown = state(product, operation)
        return shown if shown["state"] in ENDED else None

    return wait_until(is_over, timeout, f"{operation['kind']} to end: {state(product, operation)}")


def completed(product, operation, timeout=60):
    over = ended(product, operation, timeout)
    assert over["state"] == "COMPLETED", over
    return over["progress"]


def changed(product, operation):
    return state(product, operation)["progress"]["changed"]


def numbered(event_type, count, group="g", first=0):
    return [{"type": event_type, "data": str(n), "messageGroup": group} for n in range(first, first + count)]


def numbers(deliveries):
    return [int(delivery.body) for delivery in deliveries]


def once_each(deliveries):
    """Without those that a process which died sent again: by job."""
    return list({delivery.job_id: delivery for delivery in deliveries}.values())


def dead_jobs(product, make_target, event_type, count, group=None, **more):
    """Jobs that ended in ERROR; the subscription, its target and what that answers from now on (200)."""
    answers = Switch(400)
    target = make_target(choose=answers)
    subscription = product.subscribe(target, event_type, **more)
    groups = [group or f"g{n}" for n in range(count)]
    product.publish_many(
        [{"type": event_type, "data": str(n), "messageGroup": groups[n]} for n in range(count)]
    )
    wanted = f"subscriptionId={subscription['id']}&status=ERROR"
    wait_until(
        lambda: product.must("GET", f"/api/dispatch/jobs?{wanted}")["total"] == count, 60, f"{count} errors"
    )
    answers.status = 200
    return subscription, target, answers
