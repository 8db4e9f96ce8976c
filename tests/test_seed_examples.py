"""The examples of the product's description, with their bodies as they are printed there."""

import re

import pytest

ORDER_EVENT = rb"""{
  "type": "order.created",
  "source": "order-service",
  "data": "{\"orderId\": \"123\"}"
}"""

ORDER_SUBSCRIPTION = b"""{
  "name": "Order Notifications",
  "eventTypes": ["order.created", "order.updated"],
  "targetUrl": "https://webhook.example.com/orders",
  "dispatchPoolId": "default"
}"""

TSID = re.compile(r"^[0-9A-HJKMNP-TV-Z]{13}$", re.IGNORECASE)
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


def is_superset(whole, part):
    return all(whole.get(name) == value for name, value in part.items())


@pytest.fixture
def seed_subscription(product):
    """The example's subscription, removed at the end, because its target is not ours to call."""
    reply = product.call("POST", "/api/subscriptions", ORDER_SUBSCRIPTION)
    assert reply.status == 201, reply.body
    yield reply
    product.call("DELETE", f"/api/subscriptions/{reply.json['id']}")


@pytest.mark.parametrize("path", ["/q/health", "/q/health/live", "/q/health/ready"])
def test_health_is_up_and_open_to_all(product, path):
    reply = product.call("GET", path, token=None)
    assert reply.status == 200
    assert reply.json["status"] == "UP"


def test_event_is_created_with_its_location(product):
    reply = product.call("POST", "/api/events", ORDER_EVENT)
    assert reply.status == 201
    event = reply.json
    assert TSID.match(event["id"])
    assert is_superset(
        event, {"type": "order.created", "source": "order-service", "data": '{"orderId": "123"}'}
    )
    assert TIME.match(event["createdAt"])
    assert reply.headers["location"].endswith(f"/api/events/{event['id']}")


def test_event_is_read_back(product):
    created = product.must("POST", "/api/events", ORDER_EVENT)
    status, read = product.api("GET", f"/api/events/{created['id']}")
    assert status == 200
    assert is_superset(read, {name: created[name] for name in ("id", "type", "source", "data", "createdAt")})


def test_batch_in_an_object_answers_count_and_events_in_order(product, event_type):
    events = [{"type": event_type, "source": "s", "data": str(n)} for n in range(3)]
    reply = product.call("POST", "/api/events/batch", {"events": events})
    assert reply.status == 201
    assert reply.json["count"] == 3
    assert [event["data"] for event in reply.json["events"]] == ["0", "1", "2"]


def test_batch_as_a_bare_array_is_the_same(product, event_type):
    reply = product.call("POST", "/api/events/batch", [{"type": event_type, "source": "s", "data": "1"}])
    assert reply.status == 201
    assert reply.json["count"] == 1


def test_batch_of_100_is_stored_whole(product, event_type):
    stored = product.publish_many([{"type": event_type, "data": str(n)} for n in range(100)])
    assert len({event["id"] for event in stored}) == 100


def test_b46_ids_only_grow(product, event_type):
    stored = product.publish_many([{"type": event_type, "data": "1"}] * 300)
    stored += [product.publish(event_type) for _ in range(20)]
    ids = [event["id"] for event in stored]
    assert all(before < after for before, after in zip(ids, ids[1:], strict=False))


def test_batch_of_items_keeps_the_good_ones(product, event_type):
    items = [
        {"type": event_type, "source": "s", "data": "1"},
        {"source": "s"},
        {"type": event_type, "source": "s"},
    ]
    reply = product.call("POST", "/api/events/batch", {"items": items})
    assert 200 <= reply.status < 300, reply.body
    good, bad, last = reply.json["results"]
    assert TSID.match(good["id"]) and TSID.match(last["id"])
    assert bad["error"] and not bad.get("id")


def test_subscription_is_created_with_the_names_of_both_editions(seed_subscription):
    created = seed_subscription.json
    assert TSID.match(created["id"])
    assert created["name"] == "Order Notifications"
    assert created["targetUrl"] == created["target"] == "https://webhook.example.com/orders"
    assert created["status"] == "ACTIVE"
    assert seed_subscription.headers["location"].endswith(f"/api/subscriptions/{created['id']}")


def test_subscription_takes_the_other_names_too(product, target, event_type):
    body = {"name": "n", "target": target.url(), "eventTypes": [{"eventTypeCode": event_type}]}
    created = product.must("POST", "/api/subscriptions", body)
    product.publish(event_type, "payload")
    target.wait_accepted()
    assert created["targetUrl"] == target.url()


def test_signing_secret_is_shown_at_creation_only(product, seed_subscription):
    created = seed_subscription.json
    assert re.match(r"^whsec_[A-Za-z0-9+/]{43}=$", created["signingSecret"])
    read = product.must("GET", f"/api/subscriptions/{created['id']}")
    assert "signingSecret" not in read
    assert created["signingSecret"] not in str(product.must("GET", "/api/subscriptions"))


def test_subscriptions_are_listed_under_their_plural(product, seed_subscription):
    body = product.must("GET", "/api/subscriptions?size=100")
    assert seed_subscription.json["id"] in [row["id"] for row in body["subscriptions"]]
    assert body["total"] >= 1


def test_missing_code_is_the_slug_of_the_name_and_unique(product, target, event_type):
    body = {"name": f"Slug of {event_type}", "eventTypes": [event_type], "targetUrl": target.url()}
    codes = [product.must("POST", "/api/subscriptions", body)["code"] for _ in range(2)]
    assert codes == [f"slug-of-{event_type}", f"slug-of-{event_type}-2"]


def test_pause_holds_events_and_resume_delivers_them_in_order(product, target, event_type):
    subscription = product.subscribe(target, event_type)
    path = f"/api/subscriptions/{subscription['id']}"
    product.must("POST", f"{path}/pause")
    assert product.must("GET", path)["status"] == "PAUSED"
    product.publish_many([{"type": event_type, "data": str(n), "messageGroup": "g"} for n in range(5)])
    held = product.jobs(subscriptionId=subscription["id"])
    assert [job["status"] for job in held] == ["PENDING"] * 5
    assert not target.deliveries
    product.must("POST", f"{path}/resume")
    target.wait_accepted(5)
    assert target.bodies() == [b"0", b"1", b"2", b"3", b"4"]
    assert product.must("GET", path)["status"] == "ACTIVE"


def test_b06_subscription_is_edited_and_keeps_what_was_not_named(product, make_target, event_type):
    old, new = make_target(), make_target()
    subscription = product.subscribe(old, event_type, description="kept")
    changed = product.must(
        "PUT", f"/api/subscriptions/{subscription['id']}", {"name": "renamed", "targetUrl": new.url()}
    )
    assert (changed["name"], changed["description"]) == ("renamed", "kept")
    product.publish(event_type)
    new.wait_accepted()
    assert not old.deliveries


def test_deleted_subscription_cancels_its_open_jobs_with_the_reason(product, target, event_type):
    subscription = product.subscribe(target, event_type)
    product.must("POST", f"/api/subscriptions/{subscription['id']}/pause")
    product.publish(event_type)
    [job] = product.jobs(subscriptionId=subscription["id"])
    product.must("DELETE", f"/api/subscriptions/{subscription['id']}")
    assert product.api("GET", f"/api/subscriptions/{subscription['id']}")[0] == 404
    cancelled = product.wait_status(job["id"], "CANCELLED")
    assert "deleted" in cancelled["lastError"].lower()
    assert not target.deliveries


def test_job_made_by_api_is_delivered_and_explained(product, target, event_type):
    subscription = product.subscribe("http://127.0.0.1:9/never", f"{event_type}.unused")
    event = product.publish(event_type)
    body = {
        "eventId": event["id"],
        "subscriptionId": subscription["id"],
        "targetUrl": target.url("/job"),
        "payload": '{"by": "hand"}',
    }
    reply = product.call("POST", "/api/dispatch/jobs", body)
    assert reply.status == 201, reply.body
    assert reply.headers["location"].endswith(f"/api/dispatch/jobs/{reply.json['id']}")
    [delivery] = target.wait_accepted()
    assert (delivery.path, delivery.body) == ("/job", b'{"by": "hand"}')
    job = product.wait_status(reply.json["id"], "COMPLETED")
    assert is_superset(job, {"eventId": event["id"], "subscriptionId": subscription["id"], "attemptCount": 1})
    [attempt] = product.attempts(job["id"])
    assert is_superset(attempt, {"attemptNumber": 1, "status": "SUCCESS", "responseCode": 200})


def test_job_without_attempts_lists_none(product, target, event_type):
    subscription = product.subscribe(target, event_type)
    product.must("POST", f"/api/subscriptions/{subscription['id']}/pause")
    product.publish(event_type)
    [job] = product.jobs(subscriptionId=subscription["id"])
    assert product.attempts(job["id"]) == []
    assert job["attemptCount"] == 0


def test_jobs_are_found_by_event_and_status(product, target, event_type):
    product.subscribe(target, event_type)
    event = product.publish(event_type)
    [delivery] = target.wait_accepted()
    product.wait_status(delivery.job_id, "COMPLETED")
    found = product.jobs(eventId=event["id"], status="COMPLETED")
    assert [job["id"] for job in found] == [delivery.job_id]
    assert product.jobs(eventId=event["id"], status="ERROR") == []


def test_events_are_searched_by_client_and_type(product):
    created = product.call("POST", "/api/events", ORDER_EVENT, headers={"X-Client-ID": "0000000000777"}).json
    product.call("POST", "/api/events", ORDER_EVENT)
    page = product.must("GET", "/api/bff/events?clientId=0000000000777&type=order.created&page=0&size=20")
    assert page["items"][0]["id"] == created["id"]
    assert {(item["clientId"], item["type"]) for item in page["items"]} == {("0000000000777", "order.created")}
    assert is_superset(page, {"page": 0, "size": 20, "totalItems": len(page["items"]), "totalPages": 1})


def test_filter_options_of_events_are_listed(product):
    product.call("POST", "/api/events", ORDER_EVENT)
    options = product.must("GET", "/api/bff/events/filter-options")
    assert {"value": "order.created", "label": "order.created"} in options["types"]
    assert {"value": "order", "label": "order"} in options["applications"]


def test_dispatch_jobs_are_searched_by_status(product, target, event_type):
    product.subscribe(target, event_type)
    event = product.publish(event_type)
    [delivery] = target.wait_accepted()
    product.wait_status(delivery.job_id, "COMPLETED")
    page = product.must("GET", "/api/bff/dispatch-jobs?status=COMPLETED&page=0&size=20")
    assert {item["status"] for item in page["items"]} == {"COMPLETED"}
    assert is_superset(page, {"page": 0, "size": 20})
    mine = product.must("GET", f"/api/bff/dispatch-jobs?status=COMPLETED&eventId={event['id']}")
    assert [item["id"] for item in mine["items"]] == [delivery.job_id]


@pytest.mark.parametrize(
    "method, path",
    [
        ("POST", "/api/events"),
        ("POST", "/api/events/batch"),
        ("GET", "/api/events/0000000000000"),
        ("GET", "/api/subscriptions"),
        ("POST", "/api/subscriptions"),
        ("GET", "/api/dispatch-pools"),
        ("GET", "/api/dispatch/jobs"),
    ],
)
@pytest.mark.parametrize("token", [None, "wrong"])
def test_every_route_asks_for_a_token(product, method, path, token):
    reply = product.call(method, path, {} if method == "POST" else None, token=token)
    assert reply.status == 401


def test_openapi_names_the_routes(product):
    reply = product.call("GET", "/swagger/openapi.json", token=None)
    assert reply.status == 200
    assert reply.json["openapi"].startswith("3.1")
    assert {"/api/events", "/api/events/batch", "/api/subscriptions/{id}/pause"} <= set(reply.json["paths"])
