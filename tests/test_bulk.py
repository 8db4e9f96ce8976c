"""Bulk operations: jobs sent again, cancelled or made anew by filter; `verify` agrees after each test."""

import datetime
import threading
import time

import pytest

from harness.bulk import (
    BULK,
    changed,
    completed,
    dead_jobs,
    dry_run,
    numbered,
    numbers,
    once_each,
    start,
    state,
)
from harness.waiting import wait_until

LONG_AGO = "2020-01-01T00:00:00Z"


@pytest.fixture(autouse=True)
def tallies_agree(request):
    """After each test the product recounts itself."""
    name = "own_product" if "own_product" in request.fixturenames else "product"
    running = request.getfixturevalue(name)
    yield
    running.verify()


def test_a_dry_run_counts_and_changes_nothing(product, make_target, event_type):
    subscription, target, _ = dead_jobs(product, make_target, event_type, 25)
    counted = dry_run(product, "RETRY", subscriptionIds=[subscription["id"]])
    assert (counted["matched"], counted["matchedIsExact"]) == (25, True)
    assert len(counted["sample"]) == 20
    assert all(product.job(job)["status"] == "ERROR" for job in counted["sample"])
    assert dry_run(product, "RETRY", types=[event_type])["matched"] == 25
    assert dry_run(product, "RETRY", types=[event_type], to=LONG_AGO)["matched"] == 0
    assert dry_run(product, "RETRY", types=[event_type], neverAttempted=True)["matched"] == 0
    assert dry_run(product, "RETRY", types=[event_type], messageGroup="g7")["matched"] == 1
    assert dry_run(product, "CANCEL", types=[event_type])["matched"] == 0, "none is open"
    assert dry_run(product, "REPLAY", types=[event_type])["matched"] == 25
    assert target.accepted == []


def test_a_bulk_retry_sends_what_failed_once(product, make_target, event_type):
    subscription, target, _ = dead_jobs(product, make_target, event_type, 30)
    operation = start(product, "RETRY", subscriptionIds=[subscription["id"]])
    progress = completed(product, operation)
    assert progress == {
        "matched": 30,
        "matchedIsExact": True,
        "processed": 30,
        "changed": 30,
        "skipped": {},
        "failed": 0,
    }
    target.wait_accepted(30)
    assert sorted(numbers(target.accepted)) == list(range(30))
    job = product.wait_status(target.accepted[0].job_id, "COMPLETED")
    assert (job["bulkOperationId"], job["resentBy"]) == (operation["id"], "administrator")
    again = completed(product, start(product, "RETRY", subscriptionIds=[subscription["id"]]))
    assert again["processed"] == 0, "nothing is dead any more"


def test_a_bulk_cancel_ends_what_waits(product, target, event_type):
    subscription = product.subscribe(target, f"{event_type}.*")
    product.must("POST", f"/api/subscriptions/{subscription['id']}/pause")
    product.publish_many(numbered(f"{event_type}.a", 10) + numbered(f"{event_type}.b", 5, group="h"))
    progress = completed(product, start(product, "CANCEL", types=[f"{event_type}.a"]))
    assert (progress["changed"], progress["skipped"]) == (10, {})
    cancelled = product.jobs(subscriptionId=subscription["id"], status="CANCELLED")
    assert {job["code"] for job in cancelled} == {f"{event_type}.a"}
    assert all("cancelled by administrator (bulk operation " in job["lastError"] for job in cancelled)
    product.must("POST", f"/api/subscriptions/{subscription['id']}/resume")
    target.wait_accepted(5)
    assert numbers(target.accepted) == list(range(5))


def test_a_replay_makes_new_jobs_in_order(product, make_target, event_type):
    first, second = make_target(), make_target()
    product.subscribe(first, event_type)
    late = product.subscribe(second, event_type, name=f"late {event_type}")
    events = product.publish_many(numbered(event_type, 120))
    first.wait_accepted(120)
    second.wait_accepted(120)
    operation = start(product, "REPLAY", types=[event_type], subscriptionIds=[late["id"]])
    assert completed(product, operation)["changed"] == 120
    second.wait_accepted(240)
    assert numbers(second.accepted) == list(range(120)) * 2
    assert len(first.accepted) == 120, "only whom it names"
    assert len({delivery.job_id for delivery in second.accepted}) == 240, "new jobs"
    replayed = product.job(second.accepted[-1].job_id)
    assert (replayed["origin"], replayed["bulkOperationId"]) == ("REPLAY", operation["id"])
    assert product.must("GET", f"/api/events/{events[0]['id']}")["dispatchJobCount"] == 3


def test_a_replay_to_a_paused_subscription_waits(product, target, event_type):
    subscription = product.subscribe(target, event_type)
    product.publish_many(numbered(event_type, 5))
    target.wait_accepted(5)
    product.must("POST", f"/api/subscriptions/{subscription['id']}/pause")
    assert completed(product, start(product, "REPLAY", types=[event_type]))["changed"] == 5
    assert len(product.jobs(subscriptionId=subscription["id"], status="PENDING")) == 5
    product.must("POST", f"/api/subscriptions/{subscription['id']}/resume")
    target.wait_accepted(10)
    assert numbers(target.accepted) == list(range(5)) * 2


def test_pause_resume_and_stop(product, make_target, event_type):
    dead_jobs(product, make_target, event_type, 60)
    operation = start(product, "RETRY", rate=600, types=[event_type])
    path = f"{BULK}/{operation['id']}"
    wait_until(lambda: changed(product, operation) > 0, 10, "the first step")
    assert product.must("POST", f"{path}/pause")["state"] == "PAUSED"
    time.sleep(0.3)  # the step that ran
    held = changed(product, operation)
    time.sleep(1.5)
    assert changed(product, operation) == held < 60
    assert product.call("POST", f"{path}/pause").json["error"] == "BULK_OPERATION_NOT_RUNNING"
    assert product.must("POST", f"{path}/resume")["state"] == "RUNNING"
    wait_until(lambda: changed(product, operation) > held, 10, "it goes on")
    assert product.call("DELETE", path).json["error"] == "BULK_OPERATION_NOT_ENDED"
    stopped = product.must("POST", f"{path}/stop")
    assert (stopped["state"], bool(stopped["endedAt"])) == ("STOPPED", True)
    time.sleep(0.3)
    left = changed(product, operation)
    time.sleep(1.2)
    assert changed(product, operation) == left < 60
    assert product.call("POST", f"{path}/resume").status == 409
    assert product.call("POST", f"{path}/stop").json["error"] == "BULK_OPERATION_ENDED"
    assert product.call("DELETE", path).status == 204
    assert product.call("GET", path).json["error"] == "BULK_OPERATION_NOT_FOUND"


def test_the_rate_is_obeyed(product, make_target, event_type):
    _, target, _ = dead_jobs(product, make_target, event_type, 40)
    completed(product, start(product, "RETRY", rate=600, types=[event_type]))
    target.wait_accepted(40)
    times = sorted(delivery.at for delivery in target.accepted)
    assert times[-1] - times[0] > 2.5, "10 a second"
    for begin in times:
        within = [at for at in times if begin <= at < begin + 0.9]
        assert len(within) <= 20, "two steps at most"


def test_no_more_than_two_of_a_client_work_at_a_time(own_product, make_target, event_type):
    dead_jobs(own_product, make_target, event_type, 10)
    slow = [start(own_product, "RETRY", rate=1, types=[event_type]) for _ in range(3)]
    assert [operation["state"] for operation in slow] == ["RUNNING", "RUNNING", "QUEUED"]
    others = own_product.call(
        "POST", BULK, {"kind": "RETRY", "all": True}, headers={"X-Client-ID": "0HZXEQ5Y8JY5Z"}
    ).json["operation"]
    assert completed(own_product, others)["processed"] == 0, "another client does not wait for them"
    own_product.must("POST", f"{BULK}/{slow[0]['id']}/stop")
    wait_until(lambda: changed(own_product, slow[2]) > 0, 10, "the queued one to begin")
    listed = own_product.must("GET", f"{BULK}?state=RUNNING")["bulkOperations"]
    assert [operation["id"] for operation in listed] == [slow[2]["id"], slow[1]["id"]]
    for operation in slow[1:]:
        own_product.must("POST", f"{BULK}/{operation['id']}/stop")


@pytest.mark.slow
@pytest.mark.parametrize("kill", [True, False], ids=["kill9", "restart"])
def test_a_replay_survives_a_restart_with_nothing_twice_or_left_out(
    own_product, target, event_type, kill
):
    count = 400
    own_product.subscribe(target, event_type)
    own_product.publish_many(numbered(event_type, count))
    target.wait_accepted(count, timeout=60)
    operation = start(own_product, "REPLAY", rate=12_000, types=[event_type])
    for threshold in (count + 60, count + 250):
        target.wait_accepted(threshold, timeout=60)
        if kill:
            own_product.kill9()
        own_product.restart()
    progress = completed(own_product, operation)
    assert (progress["processed"], progress["changed"], progress["skipped"]) == (count, count, {})
    wait_until(lambda: len(once_each(target.accepted)) >= 2 * count, 60, "all replayed")
    own_product.wait_status(target.accepted[-1].job_id, "COMPLETED")
    assert numbers(once_each(target.accepted)) == list(range(count)) * 2
    # A busy machine answers a total that is only a lower bound.
    wait_until(
        lambda: own_product.must("GET", "/api/dispatch/jobs?status=COMPLETED")["total"] == 2 * count,
        30,
        "one new job an event, not one more",
    )


@pytest.mark.slow
def test_a_retry_survives_kill_9_with_nothing_twice_or_left_out(own_product, make_target, event_type):
    count = 300
    _, target, _ = dead_jobs(own_product, make_target, event_type, count)
    attempts = len(target.deliveries)
    operation = start(own_product, "RETRY", rate=12_000, types=[event_type])
    kills = 0
    for threshold in (50, 180):
        target.wait_accepted(threshold, timeout=60)
        own_product.kill9()
        kills += 1
        own_product.restart()
    assert completed(own_product, operation)["changed"] == count
    wait_until(lambda: len(once_each(target.accepted)) >= count, 60, "all of them")
    assert sorted(numbers(once_each(target.accepted))) == list(range(count))
    wait_until(
        lambda: own_product.must("GET", "/api/dispatch/jobs?status=COMPLETED")["total"] == count, 30, "the end"
    )
    in_flight_max = 64  # what a process that dies may have sent without writing it down
    assert len(target.deliveries) - attempts <= count + kills * in_flight_max


@pytest.mark.slow
def test_a_replay_keeps_the_order_of_a_group_while_new_events_flow(product, target, event_type):
    product.subscribe(target, event_type)
    product.publish_many(numbered(event_type, 200))
    target.wait_accepted(200, timeout=60)
    over = threading.Event()
    published = []

    def publish_on():
        number = 1000
        while not over.is_set():
            product.publish(event_type, str(number), messageGroup="g")
            published.append(number)
            number += 1

    flow = threading.Thread(target=publish_on)
    flow.start()
    try:
        operation = start(product, "REPLAY", rate=6_000, types=[event_type])
        progress = completed(product, operation)
    finally:
        over.set()
        flow.join()
    assert progress["changed"] >= 200
    target.wait_accepted(200 + progress["changed"] + len(published), timeout=60)
    seen = numbers(target.accepted)[200:]
    replayed = [number for number in seen if number < 1000]
    assert replayed == list(range(200))
    new = [number for number in seen if number >= 1000]
    firsts = list(dict.fromkeys(new))
    assert firsts == published, "new events keep their order among the replayed ones"


@pytest.mark.slow
def test_a_bulk_retry_keeps_the_order_of_a_group_while_new_events_flow(product, make_target, event_type):
    _, target, _ = dead_jobs(product, make_target, event_type, 150, group="g")
    operation = start(product, "RETRY", rate=6_000, types=[event_type])
    new = 0
    while state(product, operation)["state"] == "RUNNING":
        product.publish(event_type, str(1000 + new), messageGroup="g")
        new += 1
    assert completed(product, operation)["changed"] == 150
    target.wait_accepted(150 + new, timeout=60)
    seen = numbers(target.accepted)
    assert [number for number in seen if number < 1000] == list(range(150))
    assert [number for number in seen if number >= 1000] == list(range(1000, 1000 + new))


def test_a_back_fill_sends_what_a_new_subscription_missed(product, make_target, event_type):
    product.subscribe(make_target(), event_type)
    product.publish_many(numbered(event_type, 30))
    late = make_target()
    subscription = product.subscribe(late, event_type)
    product.publish_many(numbered(event_type, 10, first=30))
    late.wait_accepted(10)
    path = f"/api/subscriptions/{subscription['id']}/backfill"
    counted = product.must("POST", path, {"from": LONG_AGO})
    assert (counted["dryRun"], counted["matched"], len(counted["sample"])) == (True, 30, 20)
    assert "operation" not in counted and len(late.accepted) == 10
    answer = product.call("POST", path, {"from": LONG_AGO, "dryRun": False})
    assert answer.status == 201
    operation = answer.json["operation"]
    assert answer.headers["location"] == f"{BULK}/{operation['id']}"
    progress = completed(product, operation)
    assert (progress["changed"], progress["skipped"]["HAS_JOB"]) == (30, 10)
    late.wait_accepted(40)
    assert numbers(late.accepted) == list(range(30, 40)) + list(range(30))
    assert product.must("POST", path, {"from": LONG_AGO})["matched"] == 0
    now = datetime.datetime.now(datetime.timezone.utc).isoformat()
    assert product.must("POST", path, {"from": now})["matched"] == 0
    assert product.call("POST", path, {"from": now, "to": LONG_AGO}).status == 400
    assert product.call("POST", path, {}).json["errors"][0]["pointer"] == "/from"
    assert product.call("POST", "/api/subscriptions/0HZXEQ5Y8JY5Z/backfill", {"from": now}).status == 404


def test_a_back_fill_obeys_the_payload_filter(product, make_target, event_type):
    product.publish_many([{"type": event_type, "data": {"amount": amount}} for amount in range(10)])
    target = make_target()
    subscription = product.subscribe(target, event_type, filter={"data.amount": {"gte": 7}})
    path = f"/api/subscriptions/{subscription['id']}/backfill"
    assert product.must("POST", path, {"from": LONG_AGO})["matched"] == 3
    completed(product, product.must("POST", path, {"from": LONG_AGO, "dryRun": False})["operation"])
    target.wait_accepted(3)
    assert sorted(delivery.json["amount"] for delivery in target.accepted) == [7, 8, 9]


def test_a_filter_takes_singulars_and_codes_of_pools(product, make_target, event_type):
    pool = product.pool(event_type)
    subscription, _, _ = dead_jobs(product, make_target, event_type, 3, dispatchPoolId=pool["id"])
    mine = {"subscriptionId": subscription["id"], "status": "error"}
    assert dry_run(product, "RETRY", **mine)["matched"] == 3
    assert dry_run(product, "RETRY", **mine, type="nope")["matched"] == 0
    for named in (event_type, pool["id"]):
        assert dry_run(product, "RETRY", dispatchPoolIds=[named], type=event_type)["matched"] == 3
    assert dry_run(product, "RETRY", dispatchPoolId="default", type=event_type)["matched"] == 0
    shown = start(product, "RETRY", **mine, dispatchPoolId=event_type)["filter"]
    assert shown["dispatchPoolIds"] == [pool["id"]]


def test_jobs_of_what_was_deleted_can_still_be_named(product, target, event_type):
    pool = product.pool(event_type)
    subscription = product.subscribe(target, event_type, dispatchPoolId=pool["id"])
    product.publish(event_type)
    [delivery] = target.wait_accepted()
    product.wait_status(delivery.job_id, "COMPLETED")
    assert product.call("DELETE", f"/api/subscriptions/{subscription['id']}").status == 204
    assert product.call("DELETE", f"/api/dispatch-pools/{pool['id']}").status == 204
    done = {"status": "COMPLETED"}
    assert dry_run(product, "RETRY", subscriptionId=subscription["id"], **done)["matched"] == 1
    assert dry_run(product, "RETRY", dispatchPoolId=pool["id"], **done)["matched"] == 1


def test_an_operation_for_a_client_leaves_others_alone(own_product, make_target, event_type):
    dead_jobs(own_product, make_target, event_type, 5)
    shop = {"X-Client-ID": "0HZXEQ5Y8JY5Z"}
    counted = own_product.call("POST", BULK, {"kind": "RETRY", "all": True, "dryRun": True}, headers=shop)
    assert counted.json["matched"] == 0, "those are the platform's"
    other = {"kind": "RETRY", "filter": {"clientIds": ["0HZXEQ5Y8JY60"]}}
    refused = own_product.call("POST", BULK, other, headers=shop)
    assert refused.json["errors"][0]["pointer"] == "/filter/clientIds/0"


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/kind"]),
        ({"kind": "ERASE"}, ["/kind"]),
        ({"kind": "RETRY", "ratePerMinute": 0}, ["/ratePerMinute"]),
        ({"kind": "CANCEL"}, ["/filter"]),
        ({"kind": "CANCEL", "filter": {"types": [], "neverAttempted": False}}, ["/filter"]),
        ({"kind": "CANCEL", "all": True, "filter": {"type": "a"}}, ["/filter"]),
        ({"kind": "CANCEL", "filter": {"subscriptionsIds": [], "typ": "a"}}, ["/filter/subscriptionsIds", "/filter/typ"]),
        ({"kind": "RETRY", "filter": {"subscriptionId": "0HZXEQ5Y8JY5Z"}}, ["/filter/subscriptionIds/0"]),
        ({"kind": "RETRY", "filter": {"dispatchPoolIds": ["default", "nope"]}}, ["/filter/dispatchPoolIds/1"]),
        ({"kind": "RETRY", "filter": {"dispatchPoolId": "0HZXEQ5Y8JY5Z"}}, ["/filter/dispatchPoolIds/0"]),
        ({"kind": "RETRY", "filter": {"from": "yesterday", "statuses": ["LOST"]}}, ["/filter/from", "/filter/statuses/0"]),
        ({"kind": "RETRY", "filter": {"from": "2026-01-02T00:00:00Z", "to": LONG_AGO}}, ["/filter/to"]),
        ({"kind": "CANCEL", "filter": {"statuses": ["COMPLETED"]}}, ["/filter"]),
        ({"kind": "REPLAY", "filter": {"statuses": ["ERROR"]}}, ["/filter"]),
        ({"kind": "REPLAY", "filter": {"subscriptionIds": ["0HZXEQ5Y8JY5Z"]}}, ["/filter/subscriptionIds/0"]),
        ({"kind": "REPLAY", "filter": {"types": ["a"] * 101}}, ["/filter/types"]),
    ],
)
def test_bad_input_names_the_fault_and_starts_nothing(product, body, pointers):
    before = product.must("GET", BULK)["total"]
    answer = product.call("POST", BULK, body)
    assert answer.status == 400
    assert [error["pointer"] for error in answer.json["errors"]] == pointers
    assert product.must("GET", BULK)["total"] == before
