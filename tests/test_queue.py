"""The linked NATS server, and message pointers of other producers delivered by the same router."""

import random

import pytest

from harness import nats_client
from harness.nats_client import pointer
from harness.target import Answer, not_yet
from harness.waiting import wait_until


@pytest.fixture(scope="module")
def _router(request):
    from harness.product import Product

    product = Product(ROUTER_TARGETS="*").start()
    yield product
    product.stop()
    product.dispose()


@pytest.fixture
def router(_router):
    """A product that delivers pointers to any host."""
    yield _router
    assert _router.is_running(), _router.log_tail()


def send(product, *messages, subject="dispatch.default"):
    nats_client.publish(product.nats_port, messages, subject)


def wait_settled(product, timeout=20):
    left = lambda: nats_client.messages_left(product.nats_port) == 0  # noqa: E731
    wait_until(left, timeout, "every message to be acknowledged")


def ids(deliveries):
    return [delivery.json["messageId"] for delivery in deliveries]


def test_any_client_finds_the_stream(router):
    config = nats_client.stream(router.nats_port).config
    assert config.subjects == ["dispatch.>"]
    assert not config.max_age


def test_pointer_is_posted_with_its_id_and_token(router, target, event_type):
    send(router, pointer(target.url("/process"), event_type, token="s3cret"))
    [delivery] = target.wait_accepted()
    assert (delivery.method, delivery.path) == ("POST", "/process")
    assert delivery.body == f'{{"messageId":"{event_type}"}}'.encode()
    assert delivery.header("Authorization") == "Bearer s3cret"
    assert delivery.header("Content-Type") == "application/json"
    wait_settled(router)


def test_pointer_without_token_has_no_authorization(router, target, event_type):
    send(router, pointer(target.url(), event_type, token=""))
    [delivery] = target.wait_accepted()
    assert delivery.header("Authorization") is None


def test_odd_id_is_escaped(router, target):
    odd = 'a"b\\c é'
    send(router, pointer(target.url(), odd))
    [delivery] = target.wait_accepted()
    assert delivery.json == {"messageId": odd}


@pytest.mark.parametrize("bad", [b"not json", b"[]", b'{"id":5}', b"{}", b'{"id":"x","mediationTarget":""}'])
def test_bad_pointer_is_dropped_and_blocks_nobody(router, target, event_type, bad):
    send(router, bad, pointer(target.url(), event_type))
    target.wait_accepted()
    assert ids(target.deliveries) == [event_type]
    wait_settled(router)


def test_failed_pointer_is_tried_again_one_second_later(router, make_target, event_type):
    target = make_target([503])
    send(router, pointer(target.url(), event_type))
    first, second = target.wait(2)
    assert second.at - first.at >= 1.0
    wait_settled(router)


def test_not_yet_comes_back_after_the_delay_it_asked_for(router, make_target, event_type):
    target = make_target([not_yet(2)])
    send(router, pointer(target.url(), event_type))
    first, second = target.wait(2)
    assert 1.9 <= second.at - first.at < 6
    wait_settled(router)


def test_client_error_drops_the_pointer(router, make_target, event_type):
    target = make_target([404])
    send(router, pointer(target.url(), event_type))
    target.wait()
    wait_settled(router)
    assert len(target.deliveries) == 1


def test_failure_holds_back_what_came_with_it_in_the_same_group(make_product, make_target, event_type):
    refused = {f"{event_type}-3"}

    def choose(delivery):
        name = delivery.json["messageId"]
        if name in refused:
            refused.discard(name)
            return not_yet(1)
        return Answer(delay=0.01)

    target = make_target(choose=choose)
    names = [f"{event_type}-{number}" for number in range(15)]
    product = make_product().start()
    send(product, *[pointer(target.url(), name, group=event_type) for name in names])
    wait_until(lambda: "ROUTER_TARGETS does not allow" in product.log_tail(), why="the refusal in the log")
    product.restart(ROUTER_TARGETS="*")  # finds all of them at once, so that they come in one batch
    target.wait_accepted(16, timeout=40)  # the refused one was answered with a 2xx too
    assert ids(target.deliveries) == [*names[:4], *names[3:]]
    assert target.in_flight_max == 1
    wait_settled(product)


def test_groups_run_side_by_side(router, make_target, event_type):
    target = make_target(choose=lambda _: Answer(delay=0.3))
    send(router, *[pointer(target.url(), f"{event_type}-{n}", group=f"{event_type}-{n}") for n in range(8)])
    target.wait_accepted(8)
    assert target.in_flight_max > 2
    wait_settled(router)


def test_pool_that_nobody_configured_is_served_too(router, target, event_type):
    send(router, pointer(target.url(), event_type, pool=event_type), subject=f"dispatch.{event_type}")
    target.wait_accepted()
    wait_settled(router)


def test_host_that_the_operator_did_not_allow_is_not_called(own_product, target, event_type):
    send(own_product, pointer(target.url(), event_type))
    wait_until(
        lambda: "ROUTER_TARGETS does not allow" in own_product.log_tail(), why="the refusal in the log"
    )
    assert not target.deliveries


def test_unsettled_pointer_survives_kill_9(make_product, make_target, event_type):
    product = make_product(ROUTER_TARGETS="*").start()
    target = make_target([not_yet(1)])
    send(product, pointer(target.url(), event_type))
    target.wait()
    product.kill9()
    product.restart()
    target.wait_accepted(2, timeout=30)
    assert set(ids(target.deliveries)) == {event_type}
    wait_settled(product)


def numbers(deliveries):
    return [int(delivery.body) for delivery in deliveries]


@pytest.mark.parametrize("handover", ["memory", "queue"])
def test_g03_jobs_are_scheduled_in_order_by_either_hand_over(make_product, make_target, event_type, handover):
    product = make_product(DISPATCH_HANDOVER=handover).start()
    dice = random.Random(4)
    target = make_target(choose=lambda _: 503 if dice.random() < 0.2 else 200)
    product.subscribe(target, event_type, retryStrategy=[0.05] * 8)
    product.publish_many([{"type": event_type, "data": str(n), "messageGroup": "g"} for n in range(200)])
    target.wait_accepted(100, timeout=30)
    product.kill9()
    product.restart()
    wait_until(lambda: 199 in numbers(target.accepted), 60, "the last event")
    product.wait_status(target.accepted[-1].job_id, "COMPLETED")
    assert sorted(set(numbers(target.accepted))) == list(range(200))
    assert numbers(target.deliveries) == sorted(numbers(target.deliveries))
    assert len(target.accepted) <= 201
    product.verify()
