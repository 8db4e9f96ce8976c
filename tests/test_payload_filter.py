"""Payload filters: only the events that fit become jobs, and a subscription says which fit."""

import pytest

ORDER = b'{"amount": 9007199254740993, "currency": "EUR", "lines": [{"sku": "A-1"}], "vip": true}'


def jobs_of(product, event_type, **event):
    return product.publish(event_type, **event)["dispatchJobCount"]


@pytest.mark.parametrize(
    "filter,fits",
    [
        ({"data.currency": "EUR"}, True),
        ({"data.amount": {"gt": 9007199254740992}}, True),
        ({"data.amount": {"$lte": 9007199254740992}}, False),
        ({"data.lines.0.sku": {"prefix": "A-"}}, True),
        ({"subject": {"exists": False}, "source": "test"}, True),
        ({"or": [{"data.currency": "USD"}, {"not": {"data.vip": True}}]}, False),
    ],
)
def test_only_events_that_fit_become_jobs(product, target, event_type, filter, fits):
    product.subscribe(target, event_type, filter=filter)
    assert jobs_of(product, event_type, data=ORDER.decode()) == int(fits)
    body = b'{"type":"%s","source":"test","data":%s}' % (event_type.encode(), ORDER)
    assert product.must("POST", "/api/events", body)["dispatchJobCount"] == int(fits)
    if fits:
        assert target.wait_accepted(2)[1].body == ORDER


def test_filter_is_changed_lifted_and_kept_over_a_restart(own_product, target, event_type):
    made = own_product.subscribe(target, event_type, filter={"data.a": 1})
    path = f"/api/subscriptions/{made['id']}"
    assert own_product.must("GET", path)["filter"] == {"data.a": 1}
    own_product.restart()
    assert jobs_of(own_product, event_type, data='{"a": 2}') == 0
    assert own_product.must("PUT", path, {"filter": {"data.a": 2}})["filter"] == {"data.a": 2}
    assert jobs_of(own_product, event_type, data='{"a": 2}') == 1
    assert "filter" in own_product.must("PUT", path, {"name": "n"}), "absent is unchanged"
    assert "filter" not in own_product.must("PUT", path, {"filter": None})
    assert jobs_of(own_product, event_type, data='{"a": 3}') == 1


def test_all_faults_of_a_filter_are_named(product):
    bad = {"nope": 1, "data.a": {"like": 1, "in": 5}, "or": [{"time": "soon"}]}
    body = {"name": "n", "eventTypes": ["a"], "targetUrl": "http://127.0.0.1:9/", "filter": bad}
    status, problem = product.api("POST", "/api/subscriptions", body)
    assert status == 400
    pointers = {fault["pointer"] for fault in problem["errors"]}
    assert pointers == {
        "/filter/nope",
        "/filter/data.a/like",
        "/filter/data.a/in",
        "/filter/or/0/time",
    }


# ---- trying a filter out

TEST_FILTER = "/api/subscriptions/test-filter"


def verdict(product, **body):
    return product.must("POST", TEST_FILTER, body)


def inline(**changes):
    return {"type": "order.created", "source": "shop", "data": {"amount": 99}, **changes}


def test_filter_is_tried_on_an_event_that_is_not_published(product):
    fits = {"data.amount": {"lt": 100}, "type": {"prefix": "order."}}
    assert verdict(product, filter=fits, event=inline()) == {"matches": True}
    assert verdict(product, filter=fits, event=inline(data={"amount": 100})) == {
        "matches": False,
        "reason": "data.amount lt 100: it is 100",
    }
    wrong_type = verdict(product, filter=fits, event=inline(), eventTypes=["payment.*"])
    assert wrong_type == {
        "matches": False,
        "reason": "the event's type order.created is none of those wanted",
    }


def test_subscription_is_tried_on_a_stored_event(product, target, event_type):
    subscription = product.subscribe(target, f"{event_type}.*", filter={"subject": "a"})
    for changes, fits in [({"subject": "a"}, True), ({}, False)]:
        event = product.publish(f"{event_type}.made", **changes)
        answer = verdict(product, subscriptionId=subscription["id"], eventId=event["id"])
        assert answer["matches"] is fits
        assert event["dispatchJobCount"] == int(fits), "what the test says is what happens"
    assert answer["reason"] == 'subject eq "a": it is not there'


@pytest.mark.parametrize(
    "body,pointers",
    [
        ({}, {"/filter", "/event"}),
        ({"filter": {"x": 1}, "event": inline()}, {"/filter/x"}),
        ({"filter": {}, "event": {"type": "a b"}}, {"/event/type", "/event/source"}),
        ({"filter": {}, "event": inline(), "eventId": "0000000000001"}, {"/event"}),
        ({"filter": {}, "eventId": "0000000000001"}, {"/eventId"}),
        ({"subscriptionId": "0000000000001", "event": inline()}, {"/subscriptionId"}),
    ],
)
def test_a_bad_trial_names_its_faults(product, body, pointers):
    status, problem = product.api("POST", TEST_FILTER, body)
    assert status == 400
    assert {fault["pointer"] for fault in problem["errors"]} == pointers
