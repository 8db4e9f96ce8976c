"""Dispatch pools: limits that are enforced, holding and releasing, and no harm to other pools."""

import itertools
import time

import pytest

from harness.target import Answer
from harness.waiting import wait_until

SLACK_SECONDS = 0.1  # how late a request may be noticed by the target compared to the one before it


def many(event_type, count, group=None):
    common = {"type": event_type, **({"messageGroup": group} if group else {})}
    return [{**common, "data": str(n)} for n in range(count)]


def assert_rate(deliveries, per_second, burst):
    times = [delivery.at for delivery in deliveries]
    for first in range(len(times)):
        for last in range(first, len(times)):
            window = times[last] - times[first] + SLACK_SECONDS
            assert last - first + 1 <= per_second * window + burst, (
                f"{last - first + 1} requests in {window:.2f} s"
            )


def test_pool_is_created_read_listed_and_changed(product, event_type):
    created = product.call(
        "POST", "/api/dispatch-pools", {"code": event_type, "name": "n", "concurrency": 3, "rateLimit": 60}
    )
    assert created.status == 201
    pool = created.json
    path = f"/api/dispatch-pools/{pool['id']}"
    assert created.headers["location"].endswith(path)
    assert (pool["code"], pool["concurrency"], pool["status"]) == (event_type, 3, "ACTIVE")
    assert pool["rateLimit"] == pool["rateLimitPerMin"] == 60
    assert pool["id"] in [row["id"] for row in product.must("GET", "/api/dispatch-pools?size=100")["pools"]]
    changed = product.must("PUT", path, {"concurrency": 5})
    assert (changed["concurrency"], changed["name"]) == (5, "n")


def test_default_pool_is_there_from_the_start(product):
    pools = product.must("GET", "/api/dispatch-pools?size=100")["pools"]
    [default] = [pool for pool in pools if pool["code"] == "DEFAULT-POOL" or pool["code"] == "default"]
    assert default["concurrency"] == 64
    assert not default.get("rateLimit")


def test_code_of_a_pool_is_unique(product, event_type):
    product.pool(event_type)
    assert product.api("POST", "/api/dispatch-pools", {"code": event_type, "name": "n"})[0] == 409


@pytest.mark.parametrize("key", ["id", "code"])
def test_g13_the_limits_are_those_of_the_pool_that_is_named_by_id_or_code(
    product, make_target, event_type, key
):
    target = make_target(choose=lambda _: Answer(delay=0.05))
    pool = product.pool(event_type, concurrency=2)
    subscription = product.subscribe(target, event_type, dispatchPoolId=pool[key])
    assert subscription["dispatchPoolId"] == pool["id"]
    product.publish_many(many(event_type, 12))
    target.wait_accepted(12)
    assert target.in_flight_max == 2


@pytest.mark.parametrize("concurrency", [1, 3])
def test_concurrency_is_used_and_never_exceeded(product, make_target, event_type, concurrency):
    target = make_target(choose=lambda _: Answer(delay=0.05))
    pool = product.pool(event_type, concurrency=concurrency)
    product.subscribe(target, event_type, dispatchPoolId=pool["id"])
    product.publish_many(many(event_type, 30))
    target.wait_accepted(30)
    assert target.in_flight_max == concurrency


def test_concurrency_counts_all_subscriptions_of_the_pool(product, make_target, event_type):
    target = make_target(choose=lambda _: Answer(delay=0.05))
    pool = product.pool(event_type, concurrency=2)
    for path in ("/a", "/b"):
        product.subscribe(target.url(path), event_type, dispatchPoolId=pool["id"])
    product.publish_many(many(event_type, 15))
    target.wait_accepted(30)
    assert target.in_flight_max == 2


def test_lowered_concurrency_holds_for_what_waits(product, make_target, event_type):
    target = make_target(choose=lambda _: Answer(delay=0.05))
    pool = product.pool(event_type, concurrency=4)
    product.subscribe(target, event_type, dispatchPoolId=pool["id"])
    product.must("POST", f"/api/dispatch-pools/{pool['id']}/suspend")
    product.publish_many(many(event_type, 20))
    product.must("PUT", f"/api/dispatch-pools/{pool['id']}", {"concurrency": 1})
    product.must("POST", f"/api/dispatch-pools/{pool['id']}/activate")
    target.wait_accepted(20)
    assert target.in_flight_max == 1


def test_rate_is_reached_and_never_exceeded(product, target, event_type):
    pool = product.pool(event_type, concurrency=20, rateLimit=600)
    product.subscribe(target, event_type, dispatchPoolId=pool["id"])
    started = time.monotonic()
    product.publish_many(many(event_type, 50))
    deliveries = target.wait_accepted(50, timeout=20)
    assert_rate(deliveries, per_second=10, burst=10)
    assert 3.5 < time.monotonic() - started < 9


def test_retries_count_against_the_rate(product, make_target, event_type):
    every_third = itertools.cycle([503, 200, 200])  # more would open the target's breaker
    target = make_target(choose=lambda _: next(every_third))
    pool = product.pool(event_type, concurrency=20, rateLimit=300)
    product.subscribe(target, event_type, dispatchPoolId=pool["id"], retryStrategy=[0.05])
    product.publish_many(many(event_type, 20))
    target.wait_accepted(20, timeout=20)
    assert len(target.deliveries) >= 29
    assert_rate(target.deliveries, per_second=5, burst=5)


def test_waiting_for_rate_or_permit_costs_no_attempt(product, make_target, event_type):
    target = make_target(choose=lambda _: Answer(delay=0.1))
    pool = product.pool(event_type, concurrency=1, rateLimit=600)
    product.subscribe(target, event_type, dispatchPoolId=pool["id"], maxRetries=1)
    product.publish_many(many(event_type, 15))
    for delivery in target.wait_accepted(15):
        assert product.wait_status(delivery.job_id, "COMPLETED")["attemptCount"] == 1


def test_g09_suspended_pool_holds_and_activation_releases_in_order(product, target, event_type):
    pool = product.pool(event_type)
    path = f"/api/dispatch-pools/{pool['id']}"
    subscription = product.subscribe(target, event_type, dispatchPoolId=pool["id"])
    product.must("POST", f"{path}/suspend")
    assert product.must("GET", path)["status"] == "SUSPENDED"
    product.publish_many(many(event_type, 5, group="g"))
    held = product.jobs(subscriptionId=subscription["id"])
    assert [job["status"] for job in held] == ["PENDING"] * 5
    assert not target.deliveries
    product.must("POST", f"{path}/activate")
    target.wait_accepted(5)
    assert target.bodies() == [b"0", b"1", b"2", b"3", b"4"]


def test_suspended_pool_stays_suspended_over_a_restart(own_product, target, event_type):
    pool = own_product.pool(event_type)
    path = f"/api/dispatch-pools/{pool['id']}"
    own_product.subscribe(target, event_type, dispatchPoolId=pool["id"])
    own_product.subscribe(target.url("/free"), event_type)
    own_product.must("POST", f"{path}/suspend")
    own_product.publish(event_type)
    own_product.restart()
    own_product.publish(event_type)
    wait_until(lambda: len(target.accepted) == 2, why="both events through the other pool")
    assert {delivery.path for delivery in target.deliveries} == {"/free"}
    own_product.must("POST", f"{path}/activate")
    target.wait_accepted(4)


def test_slow_target_does_not_delay_another_pool(product, make_target, event_type):
    slow, quick = make_target(choose=lambda _: Answer(delay=3)), make_target()
    pool = product.pool(event_type, concurrency=2)
    product.subscribe(slow, f"{event_type}.slow", dispatchPoolId=pool["id"])
    product.subscribe(quick, f"{event_type}.quick")
    product.publish_many(many(f"{event_type}.slow", 20))
    slow.wait(2)
    started = time.monotonic()
    product.publish_many(many(f"{event_type}.quick", 20))
    quick.wait_accepted(20)
    assert time.monotonic() - started < 2


def test_dead_target_does_not_delay_others_of_its_pool(product, make_target, event_type):
    dead, well = make_target(), make_target()
    dead.down()
    pool = product.pool(event_type, concurrency=2)
    product.subscribe(dead, f"{event_type}.dead", dispatchPoolId=pool["id"])
    product.subscribe(well, f"{event_type}.well", dispatchPoolId=pool["id"])
    product.publish_many(many(f"{event_type}.dead", 100))
    started = time.monotonic()
    product.publish_many(many(f"{event_type}.well", 20))
    well.wait_accepted(20)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("concurrency", [1, 3])
def test_concurrency_of_a_subscription_is_used_and_never_exceeded(
    product, make_target, event_type, concurrency
):
    target, other = make_target(choose=lambda _: Answer(delay=0.05)), make_target()
    subscription = product.subscribe(target, event_type, concurrency=concurrency)
    product.subscribe(other, event_type)
    assert subscription["concurrency"] == concurrency
    product.publish_many(many(event_type, 20))
    other.wait_accepted(20)
    target.wait_accepted(20)
    assert target.in_flight_max == concurrency


def test_concurrency_of_a_subscription_counts_its_jobs_in_all_pools(product, make_target, event_type):
    target = make_target(choose=lambda _: Answer(delay=0.05))
    pool = product.pool(event_type)
    subscription = product.subscribe(target, event_type, concurrency=1)
    for number in range(8):
        own = {"dispatchPoolId": pool["id"]} if number % 2 else {}
        body = {"subscriptionId": subscription["id"], "targetUrl": target.url(), "payload": "{}", **own}
        product.must("POST", "/api/dispatch/jobs", body)
    target.wait_accepted(8)
    assert target.in_flight_max == 1


def test_rate_of_a_subscription_is_never_exceeded_and_changes_at_once(product, make_target, event_type):
    target, other = make_target(), make_target()
    subscription = product.subscribe(target, event_type, rateLimit=60)
    assert subscription["rateLimit"] == subscription["rateLimitPerMin"] == 60
    product.subscribe(other, event_type)
    started = time.monotonic()
    product.publish_many(many(event_type, 40))
    other.wait_accepted(40)
    target.wait(3)
    assert time.monotonic() - started > 1.9
    assert_rate(target.deliveries, per_second=1, burst=1)
    path = f"/api/subscriptions/{subscription['id']}"
    assert product.must("PUT", path, {"rateLimitPerMin": None}).get("rateLimit") is None
    target.wait_accepted(40, timeout=3)


@pytest.mark.parametrize(
    ("member", "value"), [("concurrency", -1), ("concurrency", 10_001), ("rateLimit", -1), ("rateLimitPerMin", -1)]
)
def test_limit_of_a_subscription_out_of_range_is_named(product, target, event_type, member, value):
    body = {"name": "n", "eventTypes": [event_type], "targetUrl": target.url(), member: value}
    status, problem = product.api("POST", "/api/subscriptions", body)
    assert (status, [fault["pointer"] for fault in problem["errors"]]) == (400, [f"/{member}"])


def test_zero_is_no_limit_and_the_default_concurrency(product, target, event_type):
    pool = product.pool(event_type, concurrency=0, rateLimit=0)
    assert pool["concurrency"] == 10 and "rateLimit" not in pool
    path = f"/api/dispatch-pools/{pool['id']}"
    product.must("PUT", path, {"concurrency": 3, "rateLimit": 60})
    changed = product.must("PUT", path, {"concurrency": 0, "rateLimit": 0})
    assert changed["concurrency"] == 3 and "rateLimit" not in changed
    subscription = product.subscribe(target, event_type, timeoutSeconds=0, maxRetries=0, maxAgeSeconds=0)
    assert (subscription["timeoutSeconds"], subscription["maxAgeSeconds"]) == (30, 86_400)
    assert "maxRetries" not in subscription


def test_pool_answers_all_that_earlier_editions_do(product, event_type):
    pool = product.pool(event_type, rateLimit=60)
    path = f"/api/dispatch-pools/{pool['id']}"
    assert (pool["mediatorType"], pool["queueCapacity"], pool["enabled"]) == ("HTTP_WEBHOOK", 500, True)
    suspended = product.must("POST", f"{path}/suspend")
    assert (suspended["message"], suspended["poolId"]) == ("the dispatch pool was suspended", pool["id"])
    assert "enabled" not in suspended and "holds" not in suspended
    changed = product.must("PATCH", path, {"rateLimit": None, "description": "d"})
    assert "rateLimit" not in changed and changed["description"] == "d"
    assert changed["concurrency"] == pool["concurrency"]


def test_pools_are_filtered_by_each_parameter(product, event_type):
    client = "0000000000ABC"
    ours = product.pool(event_type)
    theirs = product.pool(f"x.{event_type}", clientId=client)
    product.must("POST", f"/api/dispatch-pools/{theirs['id']}/suspend")

    def found(query):
        rows = product.must("GET", f"/api/dispatch-pools?size=1000&{query}")["pools"]
        return [pool["id"] in [row["id"] for row in rows] for pool in (ours, theirs)]

    expected = {
        "": [True, True],
        f"text={event_type.upper()}": [True, True],
        f"text=x.{event_type}": [False, True],
        "status=SUSPENDED": [False, True],
        "status=suspended,active": [True, True],
        f"clientId={client}": [False, True],
        "anchorLevel=true": [True, False],
        "anchorLevel=false": [False, True],
    }
    assert {query: found(query) for query in expected} == expected


def test_pool_that_is_used_stays(product, target, event_type):
    pool = product.pool(event_type)
    path = f"/api/dispatch-pools/{pool['id']}"
    subscription = product.subscribe(target, event_type, dispatchPoolId=pool["id"])

    def assert_refused(method, suffix=""):
        status, problem = product.api(method, path + suffix)
        assert (status, problem["error"]) == (409, "DISPATCH_POOL_IN_USE")
        assert f'"{subscription["code"]}"' in problem["detail"]

    assert_refused("DELETE")
    product.must("PUT", f"/api/subscriptions/{subscription['id']}", {"dispatchPoolId": "default"})
    product.must("POST", f"{path}/suspend")
    job = {"subscriptionId": subscription["id"], "targetUrl": target.url(), "payload": "x"}
    product.must("POST", "/api/dispatch/jobs", {**job, "dispatchPoolId": pool["id"]})
    assert_refused("DELETE")
    assert_refused("POST", "/archive")
    product.must("POST", f"{path}/activate")
    [delivery] = target.wait_accepted()
    product.wait_status(delivery.job_id, "COMPLETED")
    assert product.call("DELETE", path).status == 204


def test_concurrency_of_a_subscription_holds_on_the_queue_too(make_product, make_target, event_type):
    product = make_product(DISPATCH_HANDOVER="queue").start()
    target, other = make_target(choose=lambda _: Answer(delay=0.05)), make_target()
    product.subscribe(target, event_type, concurrency=2)
    product.subscribe(other, event_type)
    product.publish_many(many(event_type, 20))
    other.wait_accepted(20)
    target.wait_accepted(20)
    assert target.in_flight_max == 2
