"""Every outcome explained: for each event of each kind the explanation names the cause."""

import time

import pytest

from harness.target import HANG, Answer, not_yet
from harness.waiting import wait_until

EVENTS_EACH = 50
OTHERS_ALL = 1000
FAR = {"retryStrategy": [300]}
QUICK = {"retryStrategy": [0.05]}
SHOP, OTHER_SHOP = "0000000000SHP", "000000000THER"


def explain(product, event):
    return product.must("GET", f"/api/events/{event['id']}/explain?others={OTHERS_ALL}")


def entry(explanation, subscription):
    """What an explanation says of one subscription."""
    return next(one for one in explanation["subscriptions"] if one["id"] == subscription["id"])


def publish_all(product, event_type, **more):
    return product.publish_many([{"type": event_type, "data": str(n), **more} for n in range(EVENTS_EACH)])


def failing_target(product, make_target, event_type, failures, status=503):
    """A target that refuses, but for deliveries beforehand, so many that its breaker stays closed."""
    target = make_target(choose=lambda delivery: 200 if delivery.path == "/well" else status)
    product.subscribe(target.url("/well"), f"{event_type}.well")
    product.publish_many([{"type": f"{event_type}.well"}] * (failures + 10))
    target.wait_accepted(failures + 10)
    return target


def assert_cause(product, event, subscription, code, *words):
    """The one job of the event has that cause, once it is so; the text and the summary have the words."""

    def arrived():
        explanation = explain(product, event)
        one = entry(explanation, subscription)
        assert one["matched"] and one["reason"] in ("MATCHED", "DELETED"), one
        [job] = one["jobs"]
        return (job, explanation["summary"]) if job["cause"]["code"] == code else None

    job, summary = wait_until(arrived, 10, f"the cause {code}")
    for word in words:
        assert word in job["cause"]["text"], job
        assert word in summary, summary
    return job


def assert_waits(product, event, subscription, code, *words):
    """The same for an open job, which says itself what it waits for."""
    job = assert_cause(product, event, subscription, code, *words)
    assert product.job(job["id"])["waitsFor"]["code"] == code
    return job


def assert_unmatched(product, event, subscription, reason, *words):
    explanation = explain(product, event)
    one = entry(explanation, subscription)
    assert (one["matched"], one["reason"], one["jobs"]) == (False, reason, [])
    for word in words:
        assert word in one["text"], one
    assert "no job" in explanation["summary"]


def test_no_match_by_type(product, target, event_type):
    subscription = product.subscribe(target, f"{event_type}.paid")
    for event in publish_all(product, f"{event_type}.sent"):
        words = (f"{event_type}.paid", f"{event_type}.sent")
        assert_unmatched(product, event, subscription, "OTHER_TYPE", *words)


def test_no_match_by_spec_version(product, target, event_type):
    types = [{"eventTypeCode": event_type, "specVersion": "2.0"}]
    subscription = product.subscribe(target, types)
    for event in publish_all(product, event_type):
        assert_unmatched(product, event, subscription, "OTHER_VERSION", "version 2.0", "not 1.0")


def test_no_match_by_client(product, target, event_type):
    subscription = product.subscribe(target, event_type, clientId=SHOP)
    body = {"events": [{"type": event_type, "source": "test", "data": "{}"}] * EVENTS_EACH}
    reply = product.call("POST", "/api/events/batch", body, headers={"X-Client-ID": OTHER_SHOP})
    for event in reply.json["events"]:
        assert_unmatched(product, event, subscription, "OTHER_CLIENT", "another client")


def test_subscription_created_after(product, target, event_type):
    events = publish_all(product, event_type)
    time.sleep(0.01)
    subscription = product.subscribe(target, event_type)
    for event in events:
        assert_unmatched(product, event, subscription, "CREATED_AFTER", subscription["createdAt"])


def test_subscription_edited_since(product, target, event_type):
    subscription = product.subscribe(target, f"{event_type}.paid")
    events = publish_all(product, event_type)
    path = f"/api/subscriptions/{subscription['id']}"
    edited = product.must("PUT", path, {"eventTypes": [event_type]})
    for event in events:
        assert_unmatched(product, event, subscription, "EDITED_SINCE", edited["updatedAt"])
        assert entry(explain(product, event), subscription)["editedAt"] == edited["updatedAt"]


def test_filtered_out(product, target, event_type):
    subscription = product.subscribe(target, event_type, filter={"data.amount": {"gte": 100}})
    events = [{"type": event_type, "data": {"amount": amount}} for amount in range(EVENTS_EACH)]
    for amount, event in enumerate(product.publish_many(events)):
        assert_unmatched(product, event, subscription, "FILTERED_OUT", f"data.amount gte 100: it is {amount}")
        assert "data.amount gte 100" in explain(product, event)["summary"]


def test_paused(product, target, event_type):
    subscription = product.subscribe(target, event_type)
    product.must("POST", f"/api/subscriptions/{subscription['id']}/pause")
    for event in publish_all(product, event_type):
        job = assert_waits(product, event, subscription, "SUBSCRIPTION_PAUSED", "paused since")
        assert job["cause"]["since"] <= event["createdAt"]


def test_paused_by_its_target(product, make_target, event_type):
    target = make_target([410])
    subscription = product.subscribe(target, event_type)
    events = publish_all(product, event_type, messageGroup="g")
    for event in events:
        assert_waits(product, event, subscription, "SUBSCRIPTION_PAUSED", "410 Gone")


def test_held_behind_a_head_that_is_retried(product, make_target, event_type):
    target = make_target([503])
    subscription = product.subscribe(target, event_type, **FAR)
    head, *held = publish_all(product, event_type, messageGroup="g")
    first = assert_waits(product, head, subscription, "RETRY", "HTTP 503")
    for event in held:
        job = assert_waits(product, event, subscription, "BEHIND_HEAD", first["id"], '"g"', "HTTP 503")
        assert job["cause"]["jobId"] == first["id"]
        assert job["cause"]["until"] == first["nextAttemptAt"]
        assert "nextAttemptAt" not in job


def test_held_behind_an_error_that_blocks(product, make_target, event_type):
    target = make_target([400])
    subscription = product.subscribe(target, event_type, mode="BLOCK_ON_ERROR")
    head, *held = publish_all(product, event_type, messageGroup="g")
    first = assert_cause(product, head, subscription, "REJECTED", "holds back its message group")
    for event in held:
        words = (first["id"], "retried or cancelled")
        job = assert_waits(product, event, subscription, "BLOCKED_BY_ERROR", *words)
        assert job["cause"]["jobId"] == first["id"]


def test_waiting_for_the_rate_of_the_pool(product, target, event_type):
    pool = product.pool(event_type, rateLimit=1)
    subscription = product.subscribe(target, event_type, dispatchPoolId=pool["id"])
    first, *waiting = publish_all(product, event_type)
    assert_cause(product, first, subscription, "DELIVERED")
    for event in waiting:
        job = assert_waits(product, event, subscription, "POOL_RATE", event_type)
        assert job["cause"]["until"] > event["createdAt"]


def test_waiting_for_the_rate_of_the_subscription(product, target, event_type):
    subscription = product.subscribe(target, event_type, rateLimitPerMin=1)
    first, *waiting = publish_all(product, event_type)
    assert_cause(product, first, subscription, "DELIVERED")
    for event in waiting:
        job = assert_waits(product, event, subscription, "SUBSCRIPTION_RATE", "rate of its subscription")
        assert job["cause"]["until"] > event["createdAt"]


def test_waiting_for_the_concurrency_of_the_pool(product, make_target, event_type):
    target = make_target(choose=lambda _: Answer(delay=8))
    pool = product.pool(event_type, concurrency=1)
    subscription = product.subscribe(target, event_type, dispatchPoolId=pool["id"])
    first, *waiting = publish_all(product, event_type)
    job = assert_waits(product, first, subscription, "IN_FLIGHT", "is being delivered")
    assert job["status"] == "IN_PROGRESS"
    for event in waiting:
        job = assert_waits(product, event, subscription, "POOL_CONCURRENCY", event_type)
        assert job["status"] == "QUEUED"


def test_waiting_for_the_concurrency_of_the_subscription(product, make_target, event_type):
    target = make_target(choose=lambda _: Answer(delay=8))
    subscription = product.subscribe(target, event_type, concurrency=1)
    first, *waiting = publish_all(product, event_type)
    assert_waits(product, first, subscription, "IN_FLIGHT")
    for event in waiting:
        assert_waits(product, event, subscription, "SUBSCRIPTION_CONCURRENCY", "its concurrency allows")


def test_breaker_open(product, make_target, event_type):
    target = make_target(choose=lambda _: 503)
    subscription = product.subscribe(target, event_type, **FAR)
    product.publish_many([{"type": event_type, "data": str(n)} for n in range(10)])
    target.wait(10)
    for event in publish_all(product, event_type):
        job = assert_waits(product, event, subscription, "BREAKER_OPEN", "circuit breaker")
        assert job["cause"]["until"] > event["createdAt"]


def test_retrying_after_an_answer(product, make_target, event_type):
    target = failing_target(product, make_target, event_type, EVENTS_EACH)
    subscription = product.subscribe(target, event_type, **FAR)
    for event in publish_all(product, event_type):
        job = assert_waits(product, event, subscription, "RETRY", "attempt 2", "HTTP 503")
        assert job["cause"]["until"] == job["nextAttemptAt"]
        assert (job["attemptCount"], job["lastError"]) == (1, "HTTP 503")


def test_retrying_without_an_answer(product, make_target, event_type):
    target = failing_target(product, make_target, event_type, EVENTS_EACH)
    subscription = product.subscribe(target, event_type, **FAR)
    target.down()
    for event in publish_all(product, event_type):
        assert_waits(product, event, subscription, "RETRY", "attempt 2", "refused")


def test_not_yet(product, make_target, event_type):
    target = make_target(choose=lambda _: not_yet(60))
    subscription = product.subscribe(target, event_type)
    for event in publish_all(product, event_type):
        assert_waits(product, event, subscription, "RETRY", "attempt 1", "not yet")


def test_delayed(product, target, event_type):
    subscription = product.subscribe(target, event_type, delaySeconds=600)
    for event in publish_all(product, event_type):
        job = assert_waits(product, event, subscription, "DELAYED", "delaySeconds")
        assert job["cause"]["until"] == job["nextAttemptAt"]


def test_dead_because_the_retries_are_used_up(product, make_target, event_type):
    target = failing_target(product, make_target, event_type, 2 * EVENTS_EACH)
    subscription = product.subscribe(target, event_type, maxRetries=2, **QUICK)
    for event in publish_all(product, event_type):
        assert_cause(product, event, subscription, "RETRIES_USED", "2 attempts", "maxRetries", "HTTP 503")


def test_dead_with_retries_that_were_allowed_later(product, make_target, event_type):
    target = failing_target(product, make_target, event_type, EVENTS_EACH)
    subscription = product.subscribe(target, event_type, maxRetries=1)
    events = publish_all(product, event_type)
    for event in events:
        assert_cause(product, event, subscription, "RETRIES_USED")
    product.must("PATCH", f"/api/subscriptions/{subscription['id']}", {"maxRetries": 5})
    for event in events:
        assert_cause(product, event, subscription, "FAILED", "failed after 1 attempt: HTTP 503")


@pytest.mark.parametrize("status", [400, 404, 301])
def test_dead_because_of_the_answer(product, make_target, event_type, status):
    target = make_target(choose=lambda _: status)
    subscription = product.subscribe(target, event_type)
    for event in publish_all(product, event_type):
        assert_cause(product, event, subscription, "REJECTED", f"HTTP {status}", "not retried")


def test_expired(product, make_target, event_type):
    target = failing_target(product, make_target, event_type, 4 * EVENTS_EACH)
    subscription = product.subscribe(target, event_type, maxAgeSeconds=1, retryStrategy=[0.4])
    for event in publish_all(product, event_type):
        assert_cause(product, event, subscription, "EXPIRED", "expired after", "maxAgeSeconds", "HTTP 503")


def test_cancelled_by_an_operator(product, target, event_type):
    subscription = product.subscribe(target, event_type)
    product.must("POST", f"/api/subscriptions/{subscription['id']}/pause")
    for event in publish_all(product, event_type):
        [job] = product.jobs(eventId=event["id"])
        product.must("POST", f"/api/dispatch/jobs/{job['id']}/cancel", {"reason": "not wanted"})
        assert_cause(product, event, subscription, "CANCELLED", "by administrator", "not wanted")


def test_cancelled_with_its_subscription(product, target, event_type):
    subscription = product.subscribe(target, event_type, delaySeconds=600)
    events = publish_all(product, event_type)
    product.call("DELETE", f"/api/subscriptions/{subscription['id']}")
    for event in events:
        assert_cause(product, event, subscription, "CANCELLED", "the subscription was deleted")
        one = entry(explain(product, event), subscription)
        assert (one["reason"], "code" in one) == ("DELETED", False)
        assert "deleted since" in one["text"]


def test_delivered(product, target, event_type):
    subscription = product.subscribe(target, event_type)
    for event in publish_all(product, event_type):
        job = assert_cause(product, event, subscription, "DELIVERED", "was delivered at")
        assert job["status"] == "COMPLETED"
        assert "waitsFor" not in product.job(job["id"])


def test_delivered_at_a_later_attempt_and_sent_again(product, make_target, event_type):
    answers = [400]
    target = make_target(choose=lambda _: answers[-1])
    subscription = product.subscribe(target, event_type)
    for event in publish_all(product, event_type):
        job = assert_cause(product, event, subscription, "REJECTED")
        assert "resentBy" not in job
    answers.append(200)
    for dead in product.jobs(subscriptionId=subscription["id"], status="ERROR"):
        product.must("POST", f"/api/dispatch/jobs/{dead['id']}/retry", {"reason": "mended"})
        job = assert_cause(product, {"id": dead["eventId"]}, subscription, "DELIVERED", "at attempt 2")
        assert job["resentBy"] == "administrator: mended"


def test_duplicate(product, target, event_type):
    subscription = product.subscribe(target, event_type)
    batch = [{"type": event_type, "deduplicationId": f"{event_type}-{n}"} for n in range(EVENTS_EACH)]
    events = product.publish_many(batch)
    for start in (10, 30):
        again = product.publish_many(batch[start:])
        assert [event["id"] for event in again] == [event["id"] for event in events[start:]]
    for number, event in enumerate(events):
        assert_cause(product, event, subscription, "DELIVERED")
        explanation = explain(product, event)
        assert explanation["duplicates"] == (number >= 10) + (number >= 30)
        assert ("published again" in explanation["summary"]) == (number >= 10)


def test_suspended_pool(product, target, event_type):
    pool = product.pool(event_type)
    subscription = product.subscribe(target, event_type, dispatchPoolId=pool["id"])
    product.must("POST", f"/api/dispatch-pools/{pool['id']}/suspend")
    for event in publish_all(product, event_type):
        job = assert_waits(product, event, subscription, "POOL_SUSPENDED", event_type, "suspended since")
        assert job["cause"]["since"] <= event["createdAt"]


def test_waiting_on_the_queue(make_product, make_target, event_type):
    product = make_product(DISPATCH_HANDOVER="queue").start()
    target = make_target(choose=lambda _: HANG)
    pool = product.pool(event_type, concurrency=1)
    subscription = product.subscribe(target, event_type, dispatchPoolId=pool["id"])
    first, *waiting = publish_all(product, event_type)
    assert_waits(product, first, subscription, "IN_FLIGHT")
    for event in waiting:
        assert_waits(product, event, subscription, "QUEUE", "waits on the queue", event_type)
    target.down()


def test_waiting_in_the_store(own_product, make_target, event_type):
    """More jobs of one subscription than are in memory."""
    target = make_target(choose=lambda _: HANG)
    subscription = own_product.subscribe(target, event_type, concurrency=1)
    events = own_product.publish_many([{"type": event_type}] * (1_000 + EVENTS_EACH + 10))
    target.wait(1)
    for event in events[-EVENTS_EACH:]:
        assert_waits(own_product, event, subscription, "BACKLOG", "is due")
    target.down()


def test_every_job_explains_itself(product, make_target, event_type):
    well, ill = make_target(), make_target(choose=lambda _: 404)
    product.subscribe(well, event_type)
    product.subscribe(ill, event_type)
    for event in publish_all(product, event_type):
        for job in product.jobs(eventId=event["id"]):
            ended = product.wait_status(job["id"], "COMPLETED", "ERROR")
            shown = product.must("GET", f"/api/dispatch/jobs/{job['id']}/explain")
            wanted = "DELIVERED" if ended["status"] == "COMPLETED" else "REJECTED"
            assert shown["cause"]["code"] == wanted and shown["cause"]["text"] in shown["summary"]
            assert "waitsFor" not in ended


def test_an_edit_of_other_things_leaves_the_explanation_alone(product, target, event_type):
    subscription = product.subscribe(target, event_type)
    path = f"/api/subscriptions/{subscription['id']}"
    events = publish_all(product, event_type)
    product.must("PATCH", path, {"description": "typo fixed", "eventTypes": [event_type]})
    for event in events:
        assert_cause(product, event, subscription, "DELIVERED")
        assert "editedAt" not in entry(explain(product, event), subscription)


def test_jobs_that_retention_took_are_said_to_have_been(make_product, target, event_type):
    product = make_product(JOB_RETENTION="1s").start()
    subscription = product.subscribe(target, event_type)
    events = publish_all(product, event_type)
    target.wait_accepted(EVENTS_EACH)
    wait_until(lambda: not product.jobs(subscriptionId=subscription["id"]), why="retention to take the jobs")

    def assert_removed():
        for event in events:
            explanation = explain(product, event)
            one = entry(explanation, subscription)
            assert (one["matched"], one["reason"], one["jobs"]) == (True, "JOB_REMOVED", []), one
            assert explanation["summary"] == "It became 1 job, removed after JOB_RETENTION."

    assert_removed()
    path = f"/api/subscriptions/{subscription['id']}"
    product.must("PATCH", path, {"description": "typo fixed"})
    assert_removed()
    product.must("PATCH", path, {"eventTypes": [event_type, "another"]})
    for event in events:
        one = entry(explain(product, event), subscription)
        assert (one["matched"], one["reason"]) == (False, "EDITED_SINCE")
        assert "is not known" in one["text"]


def test_imported_events_became_no_jobs(own_product, make_product, target, event_type):
    other = make_product().start()
    subscription = other.subscribe(target, event_type)
    other.stop()
    events = publish_all(own_product, event_type)
    exported = own_product.folder / "export.jsonl"
    assert own_product.cli("export", "--file", str(exported)).returncode == 0
    assert other.cli("import", "--file", str(exported)).returncode == 0
    other.start()
    for event in events:
        one = entry(explain(other, event), subscription)
        assert (one["matched"], one["reason"], one["jobs"]) == (False, "IMPORTED", []), one
        assert "makes no jobs" in one["text"]


def test_an_event_with_more_jobs_than_are_shown(own_product, target, event_type):
    own_product.must("POST", "/api/dispatch-pools/default/suspend")
    subscriptions = [own_product.subscribe(target, event_type) for _ in range(210)]
    event = own_product.publish(event_type)
    explanation = explain(own_product, event)
    assert explanation["hasMoreJobs"] and "It became 210 jobs: 210 open" in explanation["summary"]
    told = [entry(explanation, one) for one in subscriptions]
    assert all(one["matched"] and one["reason"] == "MATCHED" for one in told)
    assert sum(len(one["jobs"]) for one in told) == 200
    assert sum("not among those that are shown" in one["text"] for one in told) == 10


def test_several_subscriptions_are_told_apart_and_summed_up(product, make_target, event_type):
    well, ill = make_target(), make_target(choose=lambda _: 404)
    first = product.subscribe(well, event_type)
    second = product.subscribe(ill, event_type)
    third = product.subscribe(well, event_type, filter={"source": "elsewhere"})
    event = product.publish(event_type)
    assert_cause(product, event, first, "DELIVERED")
    failed = assert_cause(product, event, second, "REJECTED")
    explanation = explain(product, event)
    assert entry(explanation, third)["reason"] == "FILTERED_OUT"
    assert [one["id"] for one in explanation["subscriptions"][:2]] == [first["id"], second["id"]]
    assert "2 jobs: 1 delivered, 1 failed" in explanation["summary"]
    assert f"job {failed['id']} failed" in explanation["summary"]


def test_explanation_is_bounded_and_says_what_is_left_out(product, target, event_type):
    wanted = product.subscribe(target, event_type)
    for number in range(3):
        product.subscribe(target, f"{event_type}.{number}")
    event = product.publish(event_type)
    shown = product.must("GET", f"/api/events/{event['id']}/explain?others=1")
    assert [one["id"] for one in shown["subscriptions"]][0] == wanted["id"]
    assert len(shown["subscriptions"]) == 2
    assert shown["subscriptionsNotShown"] >= 2
    assert product.api("GET", f"/api/events/{event['id']}/explain?others=1001")[0] == 400


@pytest.mark.parametrize("prefix", ["/api/events", "/api/bff/events", "/bff/events"])
def test_every_path_explains(product, event_type, prefix):
    event = product.publish(event_type)
    assert product.must("GET", f"{prefix}/{event['id']}/explain")["id"] == event["id"]
    assert product.api("GET", f"{prefix}/0000000000001/explain")[0] == 404


def test_jobs_are_found_by_what_only_memory_knows(product, make_target, event_type):
    target = make_target(choose=lambda _: HANG if len(target.deliveries) <= 1 else 200)
    pool = product.pool(event_type, concurrency=1)
    subscription = product.subscribe(target, event_type, dispatchPoolId=pool["id"], timeoutSeconds=3)
    publish_all(product, event_type)
    target.wait(1)
    found = {
        status: product.jobs(subscriptionId=subscription["id"], status=status)
        for status in ("IN_PROGRESS", "QUEUED")
    }
    assert [len(jobs) for jobs in found.values()] == [1, EVENTS_EACH - 1]
    assert all(job["status"] == status for status, jobs in found.items() for job in jobs)
    assert product.jobs(status="QUEUED", type=event_type, source="TES") == found["QUEUED"]
    assert product.jobs(status="QUEUED", type=event_type, subject="nobody") == []
