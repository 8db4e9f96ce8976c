"""The jobs API: jobs made by applications, one by one and in batches; what became of them; again, and no more."""

import re
import time

import pytest

from harness.target import Answer
from harness.waiting import wait_until

JOBS = "/api/dispatch/jobs"
UTC_MILLIS = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


@pytest.fixture
def subscription(product, target, event_type):
    """A subscription that no event matches: its jobs are those that a test makes."""
    return product.subscribe(target, f"{event_type}.unused")


def job_body(subscription, target, payload, **more):
    return {"subscriptionId": subscription["id"], "targetUrl": target.url(), "payload": payload, **more}


@pytest.mark.parametrize("wrap", [list, lambda jobs: {"jobs": jobs}], ids=["array", "jobs"])
def test_batch_of_jobs_is_delivered(product, target, subscription, wrap):
    jobs = [job_body(subscription, target, f"p{n}", messageGroup="g") for n in range(100)]
    answer = product.call("POST", f"{JOBS}/batch", wrap(jobs))
    assert answer.status == 201
    assert answer.json["count"] == len(answer.json["jobs"]) == 100
    target.wait_accepted(100)
    assert target.bodies() == [f"p{n}".encode() for n in range(100)], "in the order of the batch"


def test_items_are_judged_one_by_one(product, target, subscription):
    items = [job_body(subscription, target, "a"), {"payload": "b"}, job_body(subscription, target, "c")]
    answer = product.call("POST", f"{JOBS}/batch", {"items": items})
    assert answer.status == 200
    results = answer.json["results"]
    assert [result["status"] for result in results] == ["CREATED", "ERROR", "CREATED"]
    assert "/targetUrl is required" in results[1]["error"]
    target.wait_accepted(2)
    assert sorted(target.bodies()) == [b"a", b"c"]


@pytest.mark.parametrize(
    ("make", "pointer"),
    [
        (lambda good: [], ""),
        (lambda good: {}, "/jobs"),
        (lambda good: {"jobs": 7}, "/jobs"),
        (lambda good: {"items": []}, "/items"),
        (lambda good: [good] * 101, ""),
        (lambda good: [good, {**good, "timeoutSeconds": -1}], "/1/timeoutSeconds"),
        (lambda good: {"jobs": [good, {**good, "subscriptionId": "0000000000001"}]}, "/jobs/1/subscriptionId"),
        (lambda good: {"jobs": [good, {**good, "eventId": "0000000000001"}]}, "/jobs/1/eventId"),
    ],
)
def test_a_bad_batch_stores_nothing_and_names_the_fault(product, target, subscription, make, pointer):
    answer = product.call("POST", f"{JOBS}/batch", make(job_body(subscription, target, "x")))
    assert answer.status == 400
    assert pointer in [error["pointer"] for error in answer.json["errors"]]
    assert product.jobs(subscriptionId=subscription["id"]) == []


def test_b39_idempotency_key_holds_in_batches(product, target, subscription, event_type):
    once = job_body(subscription, target, "first", idempotencyKey=f"{event_type}-k")
    [first, twin] = product.must("POST", f"{JOBS}/batch", [once, {**once, "payload": "second"}])["jobs"]
    assert first["id"] == twin["id"] and twin["duplicate"] is True
    items = product.must("POST", f"{JOBS}/batch", {"items": [once]})["results"]
    assert items == [{"id": first["id"], "status": "DUPLICATE"}]
    product.wait_status(first["id"], "COMPLETED")
    assert target.bodies() == [b"first"]


def test_b37_a_list_without_rows_is_empty_and_not_null(product, target, subscription):
    empty = product.must("GET", f"{JOBS}?subscriptionId={subscription['id']}")
    assert empty["items"] == [] and empty["total"] == 0
    [job] = product.must("POST", f"{JOBS}/batch", [far_away(subscription, target)])["jobs"]
    assert product.must("GET", f"{JOBS}/{job['id']}/attempts")["items"] == []


def far_away(subscription, target):
    return job_body(subscription, target, "later", scheduledFor="2100-01-01T00:00:00Z")


def test_b38_every_time_is_utc_with_milliseconds(product, target, subscription):
    body = job_body(subscription, target, "x", expiresAt="2100-01-01T02:30:00.5+02:30")
    job = product.must("POST", JOBS, body)
    assert job["expiresAt"] == "2100-01-01T00:00:00.500Z"
    done = product.wait_status(job["id"], "COMPLETED")
    [attempt] = product.attempts(job["id"])
    times = {**done, **{f"attempt.{name}": value for name, value in attempt.items()}}
    found = {name: value for name, value in times.items() if name.endswith(("At", "Time"))}
    assert {"createdAt", "updatedAt", "completedAt", "lastAttemptAt", "attempt.attemptedAt"} <= set(found)
    assert all(UTC_MILLIS.match(value) for value in found.values()), found
    assert done["createdAt"] <= done["lastAttemptAt"] <= done["completedAt"]


def test_b33_due_jobs_are_found_in_order_of_their_time(product, target, subscription):
    now = time.time()

    def at(offset):
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now + offset)) + ".000Z"

    jobs = [job_body(subscription, target, f"{n}", scheduledFor=at(n)) for n in (3, 2)]
    made = product.must("POST", f"{JOBS}/batch", jobs)["jobs"]
    assert [job["nextAttemptAt"] for job in made] == [at(3), at(2)]
    target.wait_accepted(2)
    assert target.bodies() == [b"2", b"3"]
    assert all(delivery.wall >= int(now) + int(delivery.body) for delivery in target.accepted)


def test_retry_and_cancel_say_who_and_why(product, make_target, subscription):
    refusing = make_target([400])
    job = product.must("POST", JOBS, job_body(subscription, refusing, "x"))
    product.wait_status(job["id"], "ERROR")
    again = product.must("POST", f"{JOBS}/{job['id']}/retry", {"reason": "repaired"})
    assert again["resentBy"] == "administrator: repaired"
    done = product.wait_status(job["id"], "COMPLETED")
    assert done["resentBy"] == "administrator: repaired" and done["attemptCount"] == 2
    waiting = product.must("POST", JOBS, far_away(subscription, refusing))
    cancelled = product.must("POST", f"{JOBS}/{waiting['id']}/cancel", {"reason": "a test"})
    assert cancelled["status"] == "CANCELLED"
    assert cancelled["lastError"] == "cancelled by administrator: a test"
    assert cancelled["completedAt"] >= waiting["createdAt"]
    refused = product.call("POST", f"{JOBS}/{waiting['id']}/cancel")
    assert (refused.status, refused.json["error"]) == (409, "JOB_ALREADY_ENDED")


def test_a_job_that_an_application_made_is_found_by_its_kind_and_its_code(product, target, subscription, event_type):
    code = f"{event_type}:invoices:invoice:sent"
    job = product.must("POST", JOBS, job_body(subscription, target, "x", kind="TASK", code=code))
    assert [one["id"] for one in product.jobs(kind="TASK", code=code)] == [job["id"]]
    assert product.jobs(kind="EVENT", code=code) == []
    options = product.must("GET", f"/api/bff/dispatch-jobs/filter-options?applications={event_type}")
    assert [option["value"] for option in options["codes"]] == [code]
    refused = product.call("POST", JOBS, job_body(subscription, target, "x", kind="REPORT"))
    assert [fault["pointer"] for fault in refused.json["errors"]] == ["/kind"]
def test_zeros_and_empty_ids_are_as_absent(product, target, subscription):
    empty = {"timeoutSeconds": 0, "maxRetries": 0, "clientId": "", "dispatchPoolId": ""}
    job = product.must("POST", JOBS, job_body(subscription, target, "x", **empty))
    assert job["timeoutSeconds"] == 30 and "maxRetries" not in job and "clientId" not in job


def test_an_archived_pool_takes_no_jobs_and_keeps_none(product, target, subscription, event_type):
    pool = product.pool(event_type)
    job = product.must("POST", JOBS, job_body(subscription, target, "x", dispatchPoolId=event_type))
    product.wait_status(job["id"], "COMPLETED")
    product.must("POST", f"/api/dispatch-pools/{event_type}/archive")
    refused = product.call("POST", JOBS, job_body(subscription, target, "y", dispatchPoolId=pool["id"]))
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (400, "/dispatchPoolId")
    product.must("POST", f"{JOBS}/{job['id']}/retry")
    target.wait_accepted(2)
    assert product.wait_status(job["id"], "COMPLETED")["attemptCount"] == 2


def test_a_job_has_the_envelope_that_it_asks_for(product, target, subscription):
    job = product.must("POST", JOBS, job_body(subscription, target, {"n": 1}, code="invoice.send", dataOnly=False))
    [delivery] = target.wait_accepted()
    assert job["dataOnly"] is False
    assert {name: delivery.json[name] for name in ("id", "type", "data")} == {
        "id": job["id"],
        "type": "invoice.send",
        "data": {"n": 1},
    }


@pytest.mark.slow
def test_b30_a_timeout_above_30_s_is_kept(product, make_target, subscription):
    slow = make_target(choose=lambda _: Answer(delay=32.0))
    job = product.must("POST", JOBS, job_body(subscription, slow, "x", timeoutSeconds=60))
    done = product.wait_status(job["id"], "COMPLETED", timeout=60)
    assert done["attemptCount"] == 1


@pytest.mark.slow
def test_b45_a_target_slower_than_15_s_is_asked_once(product, make_target, subscription):
    slow = make_target(choose=lambda _: Answer(delay=17.0))
    job = product.must("POST", JOBS, job_body(subscription, slow, "x", timeoutSeconds=30))
    slow.wait()
    wait_until(lambda: product.job(job["id"])["status"] == "IN_PROGRESS", 5, "the job to be shown in progress")
    product.wait_status(job["id"], "COMPLETED", timeout=30)
    assert len(slow.deliveries) == 1
