"""Subscriptions as their owners see them: what is shown and what is not, secrets that are replaced, lists."""

import json
import time

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from harness.waiting import wait_until
from harness.webhooks import hex_signature, standard_signature_holds

PATH = "/api/subscriptions"
HIDDEN = ("holds", "previousSecret", "signingSecret")


def path_of(subscription):
    return f"{PATH}/{subscription['id']}"


def rotate(product, subscription, **body):
    return product.must("POST", f"{path_of(subscription)}/rotate-secret", body)


def deliver(product, target, event_type):
    """One more delivery."""
    seen = len(target.accepted)
    product.publish(event_type)
    return target.wait_accepted(seen + 1)[-1]


def holds(secret, delivery):
    try:
        return standard_signature_holds(secret, delivery)
    except WebhookVerificationError:
        return False


# ---- rotation


def test_both_secrets_verify_during_the_grace(product, target, event_type):
    subscription = product.subscribe(target, event_type)
    old = subscription["signingSecret"]
    rotated = rotate(product, subscription)
    new = rotated["signingSecret"]
    assert new != old and new.startswith("whsec_")
    delivery = deliver(product, target, event_type)
    assert holds(new, delivery) and holds(old, delivery)
    signatures = delivery.header("webhook-signature").split(" ")
    assert len(signatures) == 2
    only_new = [("webhook-signature", signatures[0])]
    others = [header for header in delivery.headers if header[0].lower() != "webhook-signature"]
    Webhook(new).verify(delivery.body, dict(others + only_new), json_parse=False)  # the new one comes first
    assert delivery.header("X-FlowCatalyst-Signature") == hex_signature(old, delivery)
    assert product.must("GET", path_of(subscription))["previousSecretExpiresAt"] > rotated["updatedAt"]


def test_only_the_new_secret_verifies_after_the_grace(product, target, event_type):
    subscription = product.subscribe(target, event_type)
    rotated = rotate(product, subscription, gracePeriodSeconds=1)
    time.sleep(1.05)
    delivery = deliver(product, target, event_type)
    assert holds(rotated["signingSecret"], delivery)
    assert not holds(subscription["signingSecret"], delivery)
    assert delivery.header("X-FlowCatalyst-Signature") == hex_signature(rotated["signingSecret"], delivery)
    assert "previousSecretExpiresAt" not in product.must("GET", path_of(subscription))


def test_grace_survives_a_restart_and_is_ended_at_once(own_product, target, event_type):
    subscription = own_product.subscribe(target, event_type)
    old, new = subscription["signingSecret"], rotate(own_product, subscription)["signingSecret"]
    own_product.restart()
    assert holds(old, deliver(own_product, target, event_type))
    previous = f"{path_of(subscription)}/previous-secret"
    assert own_product.call("DELETE", previous).status == 204
    delivery = deliver(own_product, target, event_type)
    assert holds(new, delivery) and not holds(old, delivery)
    status, problem = own_product.api("DELETE", previous)
    assert (status, problem["error"]) == (404, "NO_PREVIOUS_SECRET")


def test_second_rotation_waits_for_the_grace_unless_it_has_none_itself(product, target, event_type):
    subscription = product.subscribe(target, event_type)
    first = rotate(product, subscription)["signingSecret"]
    status, problem = product.api("POST", f"{path_of(subscription)}/rotate-secret", {})
    assert (status, problem["error"]) == (409, "ROTATION_IN_PROGRESS")
    leaked = rotate(product, subscription, gracePeriodSeconds=0, signingSecret="whsec_" + "QUJD" * 8)
    assert leaked["signingSecret"] == "whsec_" + "QUJD" * 8
    delivery = deliver(product, target, event_type)
    assert holds(leaked["signingSecret"], delivery)
    assert not holds(first, delivery) and not holds(subscription["signingSecret"], delivery)


@pytest.mark.parametrize(
    "body,pointer",
    [
        ({"gracePeriodSeconds": -1}, "/gracePeriodSeconds"),
        ({"gracePeriodSeconds": 2_592_001}, "/gracePeriodSeconds"),
        ({"signingSecret": "whsec_?"}, "/signingSecret"),
    ],
)
def test_bad_rotation_changes_nothing(product, target, event_type, body, pointer):
    subscription = product.subscribe(target, event_type)
    status, problem = product.api("POST", f"{path_of(subscription)}/rotate-secret", body)
    assert status == 400
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
    assert holds(subscription["signingSecret"], deliver(product, target, event_type))


# ---- what is shown


def test_secrets_and_inner_state_are_never_shown(product, target, event_type):
    subscription = product.subscribe(target, event_type)
    path = path_of(subscription)
    product.must("POST", f"{path}/pause")
    rotate(product, subscription)
    for shown in (
        product.must("GET", path),
        product.must("PUT", path, {}),
        product.must("POST", f"{path}/resume"),
        product.must("GET", f"{PATH}?text={subscription['code']}")["subscriptions"][0],
    ):
        assert not [name for name in HIDDEN if name in shown]
    pool = product.pool(event_type)
    product.must("POST", f"/api/dispatch-pools/{pool['id']}/suspend")
    assert "holds" not in product.must("GET", f"/api/dispatch-pools/{pool['id']}")


def test_secret_headers_are_masked_in_answers_and_never_in_deliveries(product, target, event_type):
    headers = {"Authorization": "Basic eA==", "X-Api-Key": "k", "X-Shop": "7"}
    masked = {"Authorization": "***", "X-Api-Key": "***", "X-Shop": "7"}
    subscription = product.subscribe(target, event_type, headers=headers)
    assert subscription["headers"] == masked
    changed = product.must("PUT", path_of(subscription), {"headers": {**masked, "X-Api-Key": "new"}})
    assert changed["headers"] == masked
    delivery = deliver(product, target, event_type)
    for name, value in {**headers, "X-Api-Key": "new"}.items():
        assert delivery.header(name) == value
    dropped = product.must("PUT", path_of(subscription), {"headers": {"X-Shop": "8"}})
    assert dropped["headers"] == {"X-Shop": "8"}
    status, problem = product.api("PUT", path_of(subscription), {"headers": {"X-Api-Key": "***"}})
    assert status == 400
    assert problem["errors"][0]["pointer"] == "/headers/X-Api-Key"


def test_header_of_a_job_replaces_that_of_its_subscription(product, target, event_type):
    subscription = product.subscribe(target, event_type, headers={"X-Shop": "7", "X-Token": "secret"})
    job = {"subscriptionId": subscription["id"], "targetUrl": target.url(), "payload": "x"}
    product.must("POST", "/api/dispatch/jobs", {**job, "headers": {"x-shop": "8", "User-Agent": "ours"}})
    [delivery] = target.wait_accepted()
    assert delivery.header("X-Shop") == "8"  # and it came once
    assert delivery.header("User-Agent") == "ours"
    assert delivery.header("X-Token") == "secret"


def test_a_jobs_own_secret_header_arrives_as_it_was_given(product, target, event_type):
    subscription = product.subscribe(target, event_type)
    job = {"subscriptionId": subscription["id"], "targetUrl": target.url(), "payload": "x"}
    product.must("POST", "/api/dispatch/jobs", {**job, "headers": {"Authorization": "Bearer mine"}})
    [delivery] = target.wait_accepted()
    assert delivery.header("Authorization") == "Bearer mine"


def test_gone_from_a_jobs_own_target_does_not_pause_the_subscription(product, make_target, target, event_type):
    gone = make_target(choose=lambda _: 410)
    subscription = product.subscribe(target, event_type)
    job = {"subscriptionId": subscription["id"], "targetUrl": gone.url(), "payload": "x"}
    made = product.must("POST", "/api/dispatch/jobs", job)
    ended = product.wait_status(made["id"], "ERROR")
    assert ended["attemptCount"] == 1
    assert product.must("GET", path_of(subscription))["status"] == "ACTIVE"
    deliver(product, target, event_type)


# ---- edits and lists


def test_patch_is_as_partial_as_put(product, target, event_type):
    subscription = product.subscribe(target, event_type, description="d", sequence=5)
    changed = product.must("PATCH", path_of(subscription), {"description": ""})
    assert changed["description"] == "", "B-25: an empty value is a value"
    assert changed["sequence"] == 5
    assert changed["eventTypes"] == subscription["eventTypes"], "B-06"


def test_b25_the_service_account_and_the_pool_can_be_lifted(product, target, event_type):
    pool = product.pool(event_type)
    chosen = {"dispatchPoolId": pool["id"], "serviceAccountId": "0000000000009"}
    path = path_of(product.subscribe(target, event_type, **chosen))
    for nothing in (None, ""):
        assert product.must("PATCH", path, chosen)["dispatchPoolCode"] == event_type
        lifted = product.must("PATCH", path, dict.fromkeys(chosen, nothing))
        assert lifted["dispatchPoolCode"] == "default" and "serviceAccountId" not in lifted


def test_b31_an_edit_moves_updated_at_and_only_that(product, target, event_type):
    created = product.subscribe(target, event_type)
    time.sleep(0.005)  # the clock goes on by more than the millisecond that is shown
    edited = product.must("PATCH", path_of(created), {"description": "d"})
    assert edited["createdAt"] == created["createdAt"] <= created["updatedAt"] < edited["updatedAt"]
    assert product.must("GET", path_of(created)) == edited


def test_event_types_are_named_by_code_or_id_and_shown_with_both(product, target, event_type):
    kind = product.must("POST", "/api/event-types", {"code": f"{event_type}.Placed", "name": "n"})
    both = {"eventTypeId": kind["id"], "eventTypeCode": kind["code"]}
    wanted = [kind["code"], {"eventTypeCode": kind["code"]}, {"eventTypeId": kind["id"]}, both]
    subscription = product.subscribe(target, [f"{event_type}.unregistered"])
    for one in wanted:
        shown = product.must("PUT", path_of(subscription), {"eventTypes": [one, f"{event_type}.*"]})
        assert shown["eventTypes"] == [both, {"eventTypeCode": f"{event_type}.*"}]
        assert product.must("PUT", path_of(subscription), shown)["eventTypes"] == shown["eventTypes"]
    other = {"eventTypeId": kind["id"], "eventTypeCode": f"{event_type}.other"}
    status, problem = product.api("PUT", path_of(subscription), {"eventTypes": [other]})
    assert (status, problem["errors"][0]["pointer"]) == (400, "/eventTypes/0/eventTypeId")
    product.must("PUT", path_of(subscription), {"eventTypes": [{"eventTypeId": kind["id"]}]})
    product.publish(kind["code"])
    target.wait_accepted()


def test_lists_are_filtered_by_each_parameter(product, target, event_type):
    client = "0000000000ABC"
    pool = product.pool(event_type)
    plain = product.subscribe(target, event_type, name=f"Plain {event_type}", dispatchPoolId=pool["id"])
    other = product.subscribe(
        target, event_type, name=f"Other {event_type}", source="UI", clientId=client, code=f"x.{event_type}"
    )
    product.must("POST", f"{path_of(other)}/pause")

    def found(query):
        page = product.must("GET", f"{PATH}?size=1000&{query}")
        ids = [one["id"] for one in page["subscriptions"]]
        assert page["total"] == len(ids)
        return [one["id"] in ids for one in (plain, other)]

    expected = {
        f"text={event_type}": [True, True],
        f"text=PLAIN%20{event_type}": [True, False],
        f"text=x.{event_type}": [False, True],
        "source=UI": [False, True],
        "source=api": [True, False],
        "status=PAUSED": [False, True],
        "status=PAUSED,ACTIVE": [True, True],
        f"clientId={client}": [False, True],
        f"dispatchPoolId={pool['id']}": [True, False],
        f"dispatchPoolId={event_type}": [True, False],
        "anchorLevel=true": [True, False],
        "anchorLevel=false": [False, True],
        f"text={event_type}&status=ACTIVE&source=UI": [False, False],
    }
    assert {query: found(query) for query in expected} == expected
    assert product.api("GET", f"{PATH}?status=ASLEEP")[0] == 400


def test_pause_and_resume_say_when_there_is_nothing_to_do(product, target, event_type):
    path = path_of(product.subscribe(target, event_type))
    assert product.api("POST", f"{path}/resume")[1]["error"] == "NOT_PAUSED"
    paused = product.must("POST", f"{path}/pause")
    assert (paused["message"], paused["subscriptionId"]) == ("the subscription was paused", paused["id"])
    status, problem = product.api("POST", f"{path}/pause")
    assert (status, problem["error"]) == (409, "ALREADY_PAUSED")
    assert product.must("POST", f"{path}/resume")["message"] == "the subscription was resumed"
    wait_until(lambda: product.must("GET", path)["status"] == "ACTIVE", why="the resume")


# ---- test events


def send_test(product, subscription, **body):
    return product.call("POST", f"{path_of(subscription)}/test", body)


def test_test_event_goes_to_the_target_at_once(product, target, event_type):
    subscription = product.subscribe(target, event_type, filter={"data.never": 1}, headers={"X-Shop": "7"})
    answer = send_test(product, subscription)
    assert answer.status == 201
    job = answer.json
    assert answer.headers["location"] == f"/api/dispatch/jobs/{job['id']}"
    assert (job["origin"], job["code"], job["targetUrl"]) == ("TEST", event_type, target.url())
    [delivery] = target.wait_accepted()
    assert delivery.header("X-FlowCatalyst-Test") == "true"
    assert delivery.header("X-FlowCatalyst-Code") == event_type
    assert delivery.header("X-Shop") == "7"
    assert b"test event" in delivery.body
    assert holds(subscription["signingSecret"], delivery)
    product.wait_status(job["id"], "COMPLETED")
    assert [attempt["responseCode"] for attempt in product.attempts(job["id"])] == [200]


def test_test_event_has_the_form_of_the_subscriptions_deliveries(product, target, event_type):
    subscription = product.subscribe(target, f"{event_type}.*", dataOnly=False)
    send_test(product, subscription, eventType=f"{event_type}.made", data={"a": 1})
    target.wait_accepted(1)
    send_test(product, subscription)
    first, second = [json.loads(delivery.body) for delivery in target.wait_accepted(2)]
    assert (first["type"], first["data"]) == (f"{event_type}.made", {"a": 1})
    assert second["type"] == "flowcatalyst.test"


def test_test_event_fails_at_once_and_delays_and_pauses_nothing(product, make_target, event_type):
    target = make_target(choose=lambda delivery: 410 if delivery.header("X-FlowCatalyst-Test") else 200)
    subscription = product.subscribe(target, event_type)
    job = send_test(product, subscription).json
    ended = product.wait_status(job["id"], "ERROR")
    assert ended["attemptCount"] == 1
    product.publish(event_type, messageGroup="g")
    target.wait_accepted()
    assert target.accepted[0].header("X-FlowCatalyst-Test") is None
    assert product.must("GET", path_of(subscription))["status"] == "ACTIVE"


def test_nothing_is_sent_while_jobs_are_held(product, target, event_type):
    pool = product.pool(event_type)
    subscription = product.subscribe(target, event_type, dispatchPoolId=pool["id"])
    product.must("POST", f"{path_of(subscription)}/pause")
    answer = send_test(product, subscription)
    assert (answer.status, answer.json["error"]) == (409, "SUBSCRIPTION_PAUSED")
    product.must("POST", f"{path_of(subscription)}/resume")
    product.must("POST", f"/api/dispatch-pools/{pool['id']}/suspend")
    answer = send_test(product, subscription)
    assert (answer.status, answer.json["error"]) == (409, "DISPATCH_POOL_HELD")
    assert not product.jobs(subscriptionId=subscription["id"])
    assert send_test(product, subscription, eventType="Not A Code").status == 400
