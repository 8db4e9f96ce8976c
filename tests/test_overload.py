"""
More than the product can do, and clients that behave badly: what it cannot take it refuses at once, what it
took it delivers, its memory stays within bounds, and nobody else notices.
"""

import contextlib
import json
import pathlib
import resource
import time

import pytest

from harness.load import Publisher, missing, out_of_order, repeats
from harness.waiting import wait_until
from harness.wire import (
    Flood,
    Prober,
    connect,
    descriptor_limit,
    is_closed,
    processor_seconds,
    quantile,
    read_answer,
    request_text,
    resident_mb,
)

pytestmark = pytest.mark.slow


@contextlib.contextmanager
def connections(product, count, **options):
    opened = []
    try:
        for _ in range(count):
            opened.append(connect(product, **options))
        yield opened
    finally:
        for connection in opened:
            connection.close()


def batch_of(event_type, count, size):
    event = {"type": event_type, "source": "flood", "data": "x" * size}
    return json.dumps({"events": [event] * count}).encode()


def test_what_is_accepted_in_an_overload_arrives_and_the_rest_is_refused_at_once(
    make_product, make_target, event_type
):
    # So little may wait that the batches of a few connections are too many.
    product = make_product(INGEST_WAIT_MAX="5ms").start()
    target = make_target()
    product.subscribe(target, event_type)
    publishers = [Publisher(product, event_type, f"p{n}", batch=n, pause=0.002) for n in (1, 10)]
    request = request_text(product, "POST", "/api/events/batch", batch_of(event_type + ".flood", 100, 200))
    floods = [Flood(product, request) for _ in range(16)]
    prober = Prober(product)
    for thread in (*publishers, *floods, prober):
        thread.start()
    time.sleep(4)  # the load is the time
    probed = prober.end()
    for thread in (*floods, *publishers):
        thread.stop()
    for thread in (*floods, *publishers):
        thread.join(20)
    times = {}
    for flood in floods:
        for status, those in flood.times.items():
            times.setdefault(status, []).extend(those)
    assert set(times) == {201, 503}, {status: len(those) for status, those in times.items()}
    assert not sum(flood.closed for flood in floods), "a refusal costs no connection"
    assert {flood.headers[503]["retry-after"] for flood in floods if 503 in flood.headers} == {"1"}
    assert quantile(times[201], 0.99) < 1
    assert quantile(times[503], 0.99) < 0.5
    assert probed < 1, "others are served"
    assert resident_mb(product) < 300
    assert {reply.status for each in publishers for reply in each.refused} <= {503}
    assert all(each.accepted for each in publishers)
    wait_until(lambda: not missing(publishers, target), 30, "every accepted event to arrive")
    assert out_of_order(target) == {}
    assert repeats(target) == 0
    product.publish(event_type, json.dumps({"group": "after", "number": 0}))
    product.verify()
    metrics = product.call("GET", "/metrics").body.decode()
    shed = metrics.split('flowcatalyst_http_requests_shed_total{cause="store"} ')[1].split("\n")[0]
    assert int(float(shed)) >= len(times[503])


def test_ten_thousand_idle_connections_are_kept_and_others_are_served(make_product):
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < 11_000:
        pytest.skip("the system does not allow as many sockets")
    with descriptor_limit(1024):  # the product raises its own
        product = make_product().start()
    before = resident_mb(product)
    with descriptor_limit(11_000), connections(product, 10_000) as idle:
        prober = Prober(product)
        prober.start()
        request = request_text(product, "GET", "/q/health/live")
        for connection in idle[::100]:
            connection.sendall(request)
            assert read_answer(connection)[0] == 200
        wait_until(lambda: prober.times[50:], why="others to be served")
        assert prober.end() < 0.5
        assert not [connection for connection in idle if is_closed(connection)]
        assert resident_mb(product) - before < 100
    product.stop()


def test_connections_that_rested_end_with_their_clients(make_product):
    product = make_product().start()
    with connections(product, 20):
        time.sleep(2.5)  # for so long idle that they hold no buffers
    wait_until(lambda: active_connections(product) <= 1, 5, "the product to see that they are closed")
    before = processor_seconds(product)
    time.sleep(1)
    assert processor_seconds(product) - before < 0.2


def test_idle_connections_give_way_where_there_are_too_many(make_product):
    product = make_product(HTTP_CONNECTIONS_MAX="50").start()
    request = request_text(product, "GET", "/q/health/live")
    with connections(product, 60) as idle:
        for connection in idle[-10:]:
            connection.sendall(request)
            assert read_answer(connection)[0] == 200
        assert product.call("GET", "/api/subscriptions").status == 200
        wait_until(lambda: is_closed(idle[0]), why="the one that was idle longest to give way")


def test_out_of_descriptors_it_neither_dies_nor_spins(make_product):
    product = make_product().start()
    few = len(list(pathlib.Path(f"/proc/{product.process.pid}/fd").iterdir())) + 30
    resource.prlimit(product.process.pid, resource.RLIMIT_NOFILE, (few, few))
    with connections(product, 100) as idle:
        assert product.call("GET", "/q/health/live").status == 200
        before = processor_seconds(product)
        wait_until(lambda: sum(map(is_closed, idle)) >= 70, 20, "idle connections to give way")
        assert product.call("GET", "/api/subscriptions").status == 200
        assert processor_seconds(product) - before < 2
    assert product.log.read_text().count("cannot accept a connection") <= 3
    product.stop()


@pytest.mark.parametrize("part", ["head", "body"])
def test_slow_loris_is_cut_off_and_others_do_not_notice(make_product, part):
    product = make_product(HTTP_HEAD_TIMEOUT="1s", HTTP_BODY_TIMEOUT="1s").start()
    text = request_text(product, "POST", "/api/events", b"{" + b" " * 1000)
    begin = 20 if part == "head" else text.index(b"\r\n\r\n") + 5
    prober = Prober(product)
    prober.start()
    with connections(product, 200) as slow:
        began = time.monotonic()
        left = set(slow)
        for connection in slow:
            connection.sendall(text[:begin])
        at = begin
        while left and time.monotonic() - began < 10:
            at += 1
            for connection in list(left):
                if is_closed(connection):
                    left.remove(connection)
                    continue
                with contextlib.suppress(OSError):
                    connection.send(text[at : at + 1])
            time.sleep(0.05)  # that is how slow they are
        assert not left
        assert time.monotonic() - began < 5
    assert prober.end() < 0.5


def test_client_that_does_not_read_costs_bounded_memory_and_is_cut_off(make_product, event_type):
    product = make_product(HTTP_WRITE_TIMEOUT="2s", HTTP_ANSWERS_MIB_MAX="16").start()
    path = "/api/events/" + product.publish(event_type, "x" * 1_000_000)["id"]
    assert len(product.call("GET", path).body) > 1_000_000
    prober = Prober(product)
    prober.start()
    before = resident_mb(product)
    asking = request_text(product, "GET", path) * 20
    with connections(product, 150, receive_buffer=4096) as greedy:
        most = before
        for connection in greedy:
            connection.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                connection.send(asking)
            most = max(most, resident_mb(product))
        began = time.monotonic()
        while active_connections(product) > 5 and time.monotonic() - began < 20:
            most = max(most, resident_mb(product))
            time.sleep(0.05)  # the memory is looked at meanwhile
        assert active_connections(product) <= 5
        assert most - before < 100, f"{len(greedy)} answers of a megabyte"
    assert prober.end() < 2, "others are served, behind the writing of megabytes"


def active_connections(product):
    metrics = product.call("GET", "/metrics").body.decode()
    return int(float(metrics.split("\nflowcatalyst_http_active_connections ")[1].split("\n")[0]))
