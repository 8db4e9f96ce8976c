"""Deliveries that did not work: which failures are retried, when, and how they are explained."""

import email.utils
import socket
import time

import pytest

from harness.target import HANG, RESET, Answer, not_yet
from harness.waiting import wait_until

QUICK = {"retryStrategy": [0.05]}


def gaps(deliveries):
    return [later.at - earlier.at for earlier, later in zip(deliveries, deliveries[1:], strict=False)]


def only_job(product, event):
    [job] = product.jobs(eventId=event["id"])
    return job


@pytest.mark.slow
def test_target_down_for_30_seconds_gets_the_event_afterwards(product, target, event_type):
    product.subscribe(target, event_type)
    target.down()
    event = product.publish(event_type, "patience")
    time.sleep(30)
    target.up()
    [delivery] = target.wait_accepted(timeout=60)
    assert delivery.body == b"patience"
    product.wait_status(delivery.job_id, "COMPLETED")
    *failed, last = product.attempts(only_job(product, event)["id"])
    assert len(failed) >= 3
    for attempt in failed:
        assert attempt["status"] == "CONNECTION_ERROR"
        assert attempt["errorMessage"]
        assert attempt["durationMillis"] >= 0
    assert (last["status"], last["responseCode"]) == ("SUCCESS", 200)


def test_first_round_waits_one_second_then_two(product, make_target, event_type):
    target = make_target([503, 503])
    product.subscribe(target, event_type)
    product.publish(event_type)
    first, second = gaps(target.wait(3))
    assert 1.0 <= first < 2.0
    assert 2.0 <= second < 3.5


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
def test_status_is_retried(product, make_target, event_type, status):
    target = make_target([status])
    product.subscribe(target, event_type, **QUICK)
    product.publish(event_type)
    [delivery] = target.wait_accepted()
    product.wait_status(delivery.job_id, "COMPLETED")
    failed, _ = product.attempts(delivery.job_id)
    assert failed["responseCode"] == status
    assert str(status) in failed["errorMessage"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 422])
def test_b32_client_error_ends_the_job_at_once(product, make_target, event_type, status):
    target = make_target([Answer(status, b"no such order")])
    product.subscribe(target, event_type, **QUICK)
    event = product.publish(event_type)
    target.wait()
    job = product.wait_status(only_job(product, event)["id"], "ERROR")
    assert str(status) in job["lastError"]
    [attempt] = product.attempts(job["id"])
    assert (attempt["status"], attempt["responseCode"]) == ("CLIENT_ERROR", status)
    assert attempt["responseBody"] == "no such order"
    assert len(target.deliveries) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirect_is_not_followed_and_ends_the_job(product, make_target, event_type, status):
    elsewhere = make_target()
    target = make_target([Answer(status, headers={"Location": elsewhere.url()})])
    product.subscribe(target, event_type, **QUICK)
    event = product.publish(event_type)
    target.wait()
    job = product.wait_status(only_job(product, event)["id"], "ERROR")
    assert [attempt["responseCode"] for attempt in product.attempts(job["id"])] == [status]
    assert not elsewhere.deliveries


def test_reset_connection_is_retried(product, make_target, event_type):
    target = make_target([RESET])
    product.subscribe(target, event_type, **QUICK)
    product.publish(event_type)
    [delivery] = target.wait_accepted()
    product.wait_status(delivery.job_id, "COMPLETED")
    assert product.attempts(delivery.job_id)[0]["status"] == "CONNECTION_ERROR"


def test_target_that_takes_its_time_to_connect_is_waited_for(product, event_type):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        with socket.create_connection(address):  # the listener has room for no other, so who connects has to ask again
            product.subscribe(f"http://127.0.0.1:{address[1]}/far", event_type, **QUICK)
            event = product.publish(event_type)
            time.sleep(0.3)  # meanwhile the first packet is dropped; the next one comes after a second
            listener.accept()[0].close()
        with listener.accept()[0] as connection:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            job = product.wait_status(only_job(product, event)["id"], "COMPLETED")
    [attempt] = product.attempts(job["id"])
    assert attempt["durationMillis"] >= 600
    assert attempt["timingsMicros"]["connect"] >= 600_000


def test_b30_answer_that_never_comes_is_a_timeout_and_retried(product, make_target, event_type):
    target = make_target([HANG])
    product.subscribe(target, event_type, timeoutSeconds=1, **QUICK)
    product.publish(event_type)
    [delivery] = target.wait_accepted()
    product.wait_status(delivery.job_id, "COMPLETED")
    attempt = product.attempts(delivery.job_id)[0]
    assert attempt["status"] == "TIMEOUT"
    assert 1000 <= attempt["durationMillis"] < 3000


def test_gone_pauses_the_subscription_and_resume_delivers(product, make_target, event_type):
    target = make_target([410])
    subscription = product.subscribe(target, event_type, **QUICK)
    event = product.publish(event_type)
    path = f"/api/subscriptions/{subscription['id']}"
    wait_until(lambda: product.must("GET", path)["status"] == "PAUSED", why="the pause")
    assert only_job(product, event)["status"] == "PENDING"
    product.must("POST", f"{path}/resume")
    target.wait_accepted()


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_in_seconds_lengthens_the_wait(product, make_target, event_type, status):
    target = make_target([Answer(status, headers={"Retry-After": "2"})])
    product.subscribe(target, event_type, **QUICK)
    product.publish(event_type)
    [gap] = gaps(target.wait(2))
    assert gap >= 2.0


def test_retry_after_as_a_date_lengthens_the_wait(product, make_target, event_type):
    in_three_seconds = {"Retry-After": lambda: email.utils.formatdate(time.time() + 3, usegmt=True)}
    target = make_target([Answer(503, headers=in_three_seconds)])
    product.subscribe(target, event_type, **QUICK)
    product.publish(event_type)
    [gap] = gaps(target.wait(2))
    assert gap >= 1.9  # the date has whole seconds


@pytest.mark.parametrize("value", ["0", "-5", "soon", ""])
def test_retry_after_never_shortens_the_wait(product, make_target, event_type, value):
    target = make_target([Answer(503, headers={"Retry-After": value})])
    product.subscribe(target, event_type, retryStrategy=[0.5])
    product.publish(event_type)
    [gap] = gaps(target.wait(2))
    assert gap >= 0.5


def test_not_yet_waits_without_spending_an_attempt(product, make_target, event_type):
    target = make_target([not_yet(1), not_yet(1)])
    product.subscribe(target, event_type, maxRetries=1)
    product.publish(event_type)
    deliveries = target.wait(3)
    assert all(gap >= 1.0 for gap in gaps(deliveries))
    job = product.wait_status(deliveries[0].job_id, "COMPLETED")
    assert job["attemptCount"] == 1
    assert len(product.attempts(job["id"])) == 3


@pytest.mark.parametrize("body", [b"", b"thanks", b"[]", b'{"ack":true}', b'{"other":1}', b'{"ack":false'])
def test_any_other_2xx_body_is_a_success(product, make_target, event_type, body):
    target = make_target([Answer(202, body)])
    product.subscribe(target, event_type)
    product.publish(event_type)
    [delivery] = target.wait()
    product.wait_status(delivery.job_id, "COMPLETED")
    assert len(target.deliveries) == 1


def test_no_content_is_a_success(product, make_target, event_type):
    target = make_target([204])
    product.subscribe(target, event_type)
    product.publish(event_type)
    [delivery] = target.wait()
    product.wait_status(delivery.job_id, "COMPLETED")


def test_max_retries_is_the_total_of_attempts(product, make_target, event_type):
    target = make_target(choose=lambda _: 500)
    product.subscribe(target, event_type, maxRetries=3, **QUICK)
    product.publish(event_type)
    job = product.wait_status(target.wait(3)[0].job_id, "ERROR")
    assert job["attemptCount"] == 3
    assert [attempt["attemptNumber"] for attempt in product.attempts(job["id"])] == [1, 2, 3]
    assert len(target.deliveries) == 3


def test_list_of_delays_is_kept_and_its_last_repeats(product, make_target, event_type):
    target = make_target([500] * 4)
    product.subscribe(target, event_type, retryStrategy=[0.1, 0.4])
    product.publish(event_type)
    waits = gaps(target.wait(5))
    assert all(least <= wait < least + 0.5 for least, wait in zip([0.1, 0.4, 0.4, 0.4], waits, strict=True))


@pytest.mark.parametrize("strategy", ["linear", "exponential", "LINEAR"])
def test_named_strategies_are_accepted(product, make_target, event_type, strategy):
    target = make_target([500])
    product.subscribe(target, event_type, retryStrategy=strategy)
    product.publish(event_type)
    [gap] = gaps(target.wait(2))
    assert gap >= 0.9


def test_job_that_grows_too_old_ends_as_expired(product, make_target, event_type):
    target = make_target(choose=lambda _: 500)
    product.subscribe(target, event_type, maxAgeSeconds=1, retryStrategy=[0.2])
    product.publish(event_type)
    job = product.wait_status(target.wait()[0].job_id, "ERROR")
    assert "expired" in job["lastError"].lower()


def test_b30_attempt_keeps_the_first_4_kib_of_the_answer(product, make_target, event_type):
    body = bytes(ord("a") + n % 26 for n in range(10_000))
    target = make_target([Answer(503, body)])
    product.subscribe(target, event_type, **QUICK)
    product.publish(event_type)
    [delivery] = target.wait_accepted()
    kept = product.attempts(delivery.job_id)[0]["responseBody"]
    assert kept.encode() == body[:4096]


def test_attempt_of_an_answer_that_is_no_text_can_still_be_read(product, make_target, event_type):
    target = make_target([Answer(503, b"\xff\xfe\x00\x01")])
    product.subscribe(target, event_type, **QUICK)
    product.publish(event_type)
    [delivery] = target.wait_accepted()
    assert product.attempts(delivery.job_id)[0]["responseCode"] == 503


def test_huge_answer_is_cut_off_and_does_not_hurt(product, make_target, event_type):
    target = make_target([Answer(200, b"x" * 3_000_000)])
    product.subscribe(target, event_type)
    product.publish(event_type)
    [delivery] = target.wait()
    product.wait_status(delivery.job_id, "COMPLETED")


def test_attempts_carry_times_and_timings(product, make_target, event_type):
    target = make_target([Answer(500, delay=0.2), Answer(200, delay=0.1)])
    product.subscribe(target, event_type, **QUICK)
    product.publish(event_type)
    [delivery] = target.wait_accepted()
    product.wait_status(delivery.job_id, "COMPLETED")
    slow, quick = product.attempts(delivery.job_id)
    assert slow["durationMillis"] >= 200 and 100 <= quick["durationMillis"] < 1000
    assert slow["attemptedAt"] < slow["completedAt"] <= quick["attemptedAt"]
    for attempt in (slow, quick):
        parts = {
            name: attempt["timingsMicros"][name]
            for name in ("queueWait", "connect", "tls", "firstByte", "total")
        }
        assert all(micros >= 0 for micros in parts.values())
        assert parts["total"] >= parts["firstByte"] >= 100_000


def test_retry_of_a_dead_job_delivers_it(product, make_target, event_type):
    target = make_target([404])
    product.subscribe(target, event_type)
    product.publish(event_type, "again")
    job = product.wait_status(target.wait()[0].job_id, "ERROR")
    product.must("POST", f"/api/dispatch/jobs/{job['id']}/retry")
    assert product.wait_status(job["id"], "COMPLETED")["attemptCount"] == 2
    assert target.bodies() == [b"again"]


def test_cancelled_job_is_not_delivered_any_more(product, make_target, event_type):
    target = make_target(choose=lambda _: 503)
    product.subscribe(target, event_type, retryStrategy=[0.5])
    product.publish(event_type)
    job_id = target.wait()[0].job_id
    product.wait_status(job_id, "PENDING")
    product.must("POST", f"/api/dispatch/jobs/{job_id}/cancel")
    assert product.job(job_id)["status"] == "CANCELLED"
    seen = len(target.deliveries)
    time.sleep(1.0)  # twice the time to its next attempt
    assert len(target.deliveries) == seen


def test_completed_job_cannot_be_cancelled(product, target, event_type):
    product.subscribe(target, event_type)
    product.publish(event_type)
    job = product.wait_status(target.wait()[0].job_id, "COMPLETED")
    assert product.api("POST", f"/api/dispatch/jobs/{job['id']}/cancel")[0] == 409


def test_completed_job_is_delivered_again_on_request(own_product, target, event_type):
    own_product.subscribe(target, event_type)
    own_product.publish(event_type, "twice")
    job = own_product.wait_status(target.wait()[0].job_id, "COMPLETED")
    own_product.must("POST", f"/api/dispatch/jobs/{job['id']}/retry")
    target.wait_accepted(2)
    assert target.bodies() == [b"twice", b"twice"]
    own_product.wait_status(job["id"], "COMPLETED")
    own_product.verify()


def test_waiting_job_survives_a_restart(own_product, make_target, event_type):
    target = make_target([503])
    own_product.subscribe(target, event_type, retryStrategy=[1.5])
    own_product.publish(event_type, "later")
    job_id = target.wait()[0].job_id
    own_product.wait_status(job_id, "PENDING")
    own_product.restart()
    [delivery] = target.wait_accepted()
    assert delivery.job_id == job_id
    own_product.verify()


def test_attempts_counted_before_kill_9_stay_counted(own_product, make_target, event_type):
    target = make_target([503, 503])
    own_product.subscribe(target, event_type, retryStrategy=[0.05, 1.0])
    own_product.publish(event_type)
    job_id = target.wait(2)[0].job_id
    wait_until(lambda: own_product.job(job_id)["attemptCount"] == 2, why="the second attempt to be stored")
    own_product.kill9()
    own_product.restart()
    target.wait_accepted()
    assert own_product.wait_status(job_id, "COMPLETED")["attemptCount"] == 3
