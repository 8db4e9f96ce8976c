"""Retention: what is over goes once its time is, what is not stays, and everything still adds up."""

import pytest

from harness.waiting import wait_until

SHORT = {"EVENT_RETENTION": "2s", "JOB_RETENTION": "1s"}


def is_gone(product, path):
    return product.api("GET", path)[0] == 404


def test_what_is_over_goes_and_what_is_open_stays(make_product, target, make_target, event_type):
    product = make_product(**SHORT).start()
    product.subscribe(target, event_type)
    held = product.subscribe(make_target(), f"{event_type}.held")
    product.must("POST", f"/api/subscriptions/{held['id']}/pause")
    done = product.publish_many([{"type": event_type, "data": str(n)} for n in range(30)])
    unmatched = product.publish(f"{event_type}.nobody")
    waiting = product.publish(f"{event_type}.held")
    target.wait_accepted(30)
    [job] = product.jobs(eventId=done[0]["id"])
    for event in [*done, unmatched]:
        wait_until(lambda event=event: is_gone(product, f"/api/events/{event['id']}"), why="an event to go")
    assert is_gone(product, f"/api/dispatch/jobs/{job['id']}")
    assert product.api("GET", f"/api/events/{waiting['id']}")[0] == 200
    [held_job] = product.jobs(eventId=waiting["id"])
    assert held_job["status"] == "PENDING"
    product.verify()
    product.must("POST", f"/api/subscriptions/{held['id']}/resume")
    product.wait_status(held_job["id"], "COMPLETED")
    product.stop()
    product.verify()


def test_the_error_that_blocks_a_group_stays_and_can_be_sent_again(make_product, make_target, event_type):
    product = make_product(**SHORT).start()
    target = make_target([404])
    product.subscribe(target, event_type, mode="BLOCK_ON_ERROR")
    first = product.publish(event_type, "1", messageGroup="g")
    other = product.publish(event_type, "2", messageGroup="g")
    past = product.publish(f"{event_type}.nobody")
    [head] = product.jobs(eventId=first["id"])
    product.wait_status(head["id"], "ERROR")
    wait_until(lambda: is_gone(product, f"/api/events/{past['id']}"), why="retention to pass")
    assert product.job(head["id"])["status"] == "ERROR"
    product.must("POST", f"/api/dispatch/jobs/{head['id']}/retry")
    target.wait_accepted(2)
    assert target.bodies()[-2:] == [b"1", b"2"]
    wait_until(lambda: is_gone(product, f"/api/events/{other['id']}"), why="the group to go")
    product.verify()


def test_a_deduplication_id_outlives_a_short_retention(make_product, event_type):
    product = make_product(**SHORT).start()
    event = product.publish(event_type, deduplicationId="once")
    past = product.publish(event_type)
    wait_until(lambda: is_gone(product, f"/api/events/{past['id']}"), why="retention to pass")
    again = product.publish(event_type, deduplicationId="once")
    assert again["duplicate"] is True and again["id"] == event["id"]


@pytest.mark.parametrize("variable", ["EVENT_RETENTION", "JOB_RETENTION"])
@pytest.mark.parametrize("value", ["ninety days", "90", "0s", "-1h", "500ms"])
def test_a_malformed_retention_stops_the_start_and_names_itself(make_product, variable, value):
    result = make_product(**{variable: value}).cli()
    assert result.returncode == 1
    assert variable in result.stderr


def test_config_shows_retention(make_product):
    text = make_product(JOB_RETENTION="36h").cli("config").stdout
    assert "EVENT_RETENTION=90d" in text
    assert "JOB_RETENTION=1d12h" in text
