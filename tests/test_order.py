"""Order per message group, through failures, kill -9 and restarts; `verify` agrees after each test."""

import random
import threading

import pytest

from harness.target import Answer
from harness.waiting import wait_until

EVENTS = 1000
SEED = 20


@pytest.fixture(autouse=True)
def tallies_agree(request):
    """After each test the product recounts itself."""
    name = "own_product" if "own_product" in request.fixturenames else "product"
    running = request.getfixturevalue(name)
    yield
    running.verify()


def failing_fifth(seed):
    dice = random.Random(seed)
    return lambda _: 503 if dice.random() < 0.2 else 200


def numbered(event_type, count, group="orders"):
    return [{"type": event_type, "data": str(n), "messageGroup": group} for n in range(count)]


def numbers(deliveries):
    return [int(delivery.body) for delivery in deliveries]


def without_repeats(values):
    """Consecutive repeats are one delivery's attempts, or the head's again after a kill."""
    return [value for index, value in enumerate(values) if index == 0 or values[index - 1] != value]


@pytest.mark.slow
def test_thousand_events_through_a_target_that_fails_a_fifth(own_product, make_target, event_type):
    target = make_target(choose=failing_fifth(SEED))
    own_product.subscribe(target, event_type, retryStrategy=[0.05] * 8)
    own_product.publish_many(numbered(event_type, EVENTS))
    target.wait_accepted(EVENTS, timeout=100)
    assert numbers(target.accepted) == list(range(EVENTS))
    assert without_repeats(numbers(target.deliveries)) == list(range(EVENTS))
    last = target.accepted[-1].job_id
    own_product.wait_status(last, "COMPLETED")
    assert len(target.accepted) == EVENTS


@pytest.mark.slow
def test_thousand_events_with_kill_9_three_times(own_product, make_target, event_type):
    target = make_target(choose=failing_fifth(SEED + 1))
    own_product.subscribe(target, event_type, retryStrategy=[0.05] * 8)
    own_product.publish_many(numbered(event_type, EVENTS))
    kills = 0
    for threshold in (150, 450, 800):
        target.wait_accepted(threshold, timeout=100)
        own_product.kill9()
        kills += 1
        own_product.restart()
    wait_until(lambda: EVENTS - 1 in numbers(target.accepted), 100, "the last event")
    own_product.wait_status(target.accepted[-1].job_id, "COMPLETED")
    assert without_repeats(numbers(target.accepted)) == list(range(EVENTS))
    assert without_repeats(numbers(target.deliveries)) == list(range(EVENTS))
    assert len(target.accepted) - EVENTS <= kills


@pytest.mark.slow
def test_orderly_restarts_lose_nothing_and_repeat_nothing(own_product, make_target, event_type):
    target = make_target(choose=lambda _: Answer(delay=0.005))
    own_product.subscribe(target, event_type)
    events = numbered(event_type, 300, "a") + numbered(event_type, 300, "b")
    own_product.publish_many(events)
    for threshold in (100, 300, 450):
        target.wait_accepted(threshold, timeout=60)
        own_product.restart()
    target.wait_accepted(600, timeout=60)
    own_product.wait_status(target.accepted[-1].job_id, "COMPLETED")
    assert len(target.deliveries) == 600
    assert len({delivery.job_id for delivery in target.deliveries}) == 600


def publish_until_stopped(product, event_type, stopped, answered):
    """Publishes one event after the other; `answered` gets the number of each that was answered 201."""
    number = 0
    while not stopped.is_set():
        try:
            reply = product.call(
                "POST",
                "/api/events",
                {"type": event_type, "source": "test", "data": str(number), "messageGroup": f"g{number % 7}"},
            )
        except OSError:
            stopped.wait(0.02)
            continue
        if reply.status == 201:
            answered.append(number)
        number += 1


@pytest.mark.slow
def test_every_accepted_event_survives_kill_9(own_product, target, event_type):
    own_product.subscribe(target, event_type)
    stopped, answered = threading.Event(), []
    publisher = threading.Thread(
        target=publish_until_stopped, args=(own_product, event_type, stopped, answered)
    )
    publisher.start()
    for kill in range(1, 5):
        wait_until(lambda kill=kill: len(answered) >= 60 * kill, 30, "more accepted events")
        own_product.kill9()
        own_product.restart()
    stopped.set()
    publisher.join()
    wait_until(lambda: set(answered) <= set(numbers(target.accepted)), 30, "each accepted event")
    for group in range(7):
        mine = [number for number in numbers(target.deliveries) if number % 7 == group]
        assert without_repeats(mine) == sorted(set(mine)), f"group {group} is out of order"


def test_groups_do_not_hold_each_other_back(own_product, make_target, event_type):
    target = make_target(choose=lambda delivery: 503 if delivery.body == b"sick" else 200)
    own_product.subscribe(target, event_type, retryStrategy=[0.1])
    own_product.publish(event_type, "sick", messageGroup="a")
    target.wait()
    own_product.publish(event_type, "behind", messageGroup="a")
    own_product.publish(event_type, "well", messageGroup="b")
    target.wait_accepted()
    assert target.bodies() == [b"well"]


def test_two_subscriptions_keep_the_order_each_on_its_own(own_product, make_target, event_type):
    good, bad = make_target(), make_target([503, 503, 503])
    own_product.subscribe(good, event_type)
    own_product.subscribe(bad, event_type, retryStrategy=[0.2])
    own_product.publish_many(numbered(event_type, 20))
    good.wait_accepted(20)
    assert len(bad.accepted) < 20
    bad.wait_accepted(20)
    assert numbers(good.accepted) == numbers(bad.accepted) == list(range(20))


def test_events_without_a_group_run_side_by_side(product, make_target, event_type):
    target = make_target(choose=lambda _: Answer(delay=0.3))
    product.subscribe(target, event_type)
    product.publish_many([{"type": event_type, "data": str(n)} for n in range(10)])
    target.wait_accepted(10)
    assert target.in_flight_max > 3


def test_immediate_mode_does_not_serialise_a_group(product, make_target, event_type):
    target = make_target(choose=lambda _: Answer(delay=0.3))
    product.subscribe(target, event_type, mode="IMMEDIATE")
    product.publish_many(numbered(event_type, 10))
    target.wait_accepted(10)
    assert target.in_flight_max > 3


def test_ordered_group_has_one_delivery_in_flight(product, make_target, event_type):
    target = make_target(choose=lambda _: Answer(delay=0.02))
    product.subscribe(target, event_type)
    product.publish_many(numbered(event_type, 30))
    target.wait_accepted(30)
    assert target.in_flight_max == 1
    assert numbers(target.accepted) == list(range(30))


def test_next_on_error_goes_on_after_a_dead_job(product, make_target, event_type):
    target = make_target(choose=lambda delivery: 422 if delivery.body == b"1" else 200)
    product.subscribe(target, event_type, mode="NEXT_ON_ERROR")
    product.publish_many(numbered(event_type, 4))
    target.wait_accepted(3)
    assert numbers(target.deliveries) == [0, 1, 2, 3]


def blocked_group(product, make_target, event_type):
    """A group whose second of four events was refused: its target, and the job that blocks it."""
    refused = {b"1"}
    target = make_target(choose=lambda delivery: 422 if delivery.body in refused else 200)
    product.subscribe(target, event_type, mode="BLOCK_ON_ERROR")
    product.publish_many(numbered(event_type, 4))
    head = product.wait_status(target.wait(2)[1].job_id, "ERROR")
    product.publish(
        event_type, "100", messageGroup="another"
    )  # delivered after whatever had been let through
    target.wait_accepted(2)
    assert numbers(target.deliveries) == [0, 1, 100]
    return target, refused, head


def test_block_on_error_holds_the_group_until_the_head_is_retried(product, make_target, event_type):
    target, refused, head = blocked_group(product, make_target, event_type)
    refused.clear()
    product.must("POST", f"/api/dispatch/jobs/{head['id']}/retry")
    target.wait_accepted(5)
    assert numbers(target.accepted) == [0, 100, 1, 2, 3]


def test_block_on_error_stays_blocked_when_the_retry_fails_too(product, make_target, event_type):
    target, _, head = blocked_group(product, make_target, event_type)
    product.must("POST", f"/api/dispatch/jobs/{head['id']}/retry")
    target.wait(4)
    product.wait_status(head["id"], "ERROR")
    assert numbers(target.deliveries) == [0, 1, 100, 1]


def test_block_on_error_goes_on_when_the_head_is_cancelled(product, make_target, event_type):
    target, _, head = blocked_group(product, make_target, event_type)
    product.must("POST", f"/api/dispatch/jobs/{head['id']}/cancel")
    target.wait_accepted(4)
    assert numbers(target.accepted) == [0, 100, 2, 3]


def test_blocked_group_stays_blocked_over_a_restart(own_product, make_target, event_type):
    target, refused, head = blocked_group(own_product, make_target, event_type)
    own_product.restart()
    own_product.publish(event_type, "101", messageGroup="another")
    target.wait_accepted(3)
    assert numbers(target.deliveries) == [0, 1, 100, 101]
    refused.clear()
    own_product.must("POST", f"/api/dispatch/jobs/{head['id']}/retry")
    target.wait_accepted(6)
    assert numbers(target.accepted) == [0, 100, 101, 1, 2, 3]


def test_cancelling_the_head_opens_the_next(product, make_target, event_type):
    target = make_target(choose=lambda delivery: 503 if delivery.body == b"0" else 200)
    product.subscribe(target, event_type, retryStrategy=[0.5])
    product.publish_many(numbered(event_type, 3))
    head = target.wait()[0].job_id
    product.wait_status(head, "PENDING")
    product.must("POST", f"/api/dispatch/jobs/{head}/cancel")
    target.wait_accepted(2)
    assert numbers(target.accepted) == [1, 2]


def test_retry_of_a_dead_job_is_the_next_head(product, make_target, event_type):
    refused = {b"0"}
    target = make_target(choose=lambda delivery: 422 if delivery.body in refused else Answer(delay=0.1))
    product.subscribe(target, event_type)
    product.publish_many(numbered(event_type, 6))
    dead = product.wait_status(target.wait()[0].job_id, "ERROR")
    refused.clear()
    product.must("POST", f"/api/dispatch/jobs/{dead['id']}/retry")
    target.wait_accepted(6)
    order = numbers(target.accepted)
    assert [number for number in order if number] == [1, 2, 3, 4, 5]
    assert order.index(0) < 5, "the retried job came last, behind those that waited"
    assert target.in_flight_max == 1
