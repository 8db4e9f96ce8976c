"""Paths under which the SDKs and user interfaces of earlier editions look for the same routes."""

import pytest

ALIASES = [
    ("/api/dispatch-jobs", "/api/dispatch/jobs"),
    ("/api/admin/subscriptions", "/api/subscriptions"),
    ("/api/admin/platform/subscriptions", "/api/subscriptions"),
    ("/api/admin/dispatch-pools", "/api/dispatch-pools"),
    ("/api/admin/platform/dispatch-pools", "/api/dispatch-pools"),
]


@pytest.mark.parametrize("alias, path", ALIASES)
def test_g15_an_alias_answers_as_its_path_does(product, alias, path):
    reply, wanted = product.call("GET", f"{alias}?size=1"), product.call("GET", f"{path}?size=1")
    assert (reply.status, set(reply.json)) == (200, set(wanted.json))
    assert product.call("GET", f"{alias}/0000000000001").status == 404
    assert product.call("GET", f"{alias}/0000000000001").json["error"].endswith("_NOT_FOUND")
    assert product.call("GET", alias, token=None).status == 401


def test_g15_what_is_made_under_an_alias_is_found_under_both(product, event_type):
    body = {"name": event_type, "eventTypes": [event_type], "targetUrl": "https://webhook.example.com/x"}
    reply = product.call("POST", "/api/admin/platform/subscriptions", body)
    assert reply.status == 201, reply.body
    one = reply.json["id"]
    assert reply.headers["location"] == f"/api/admin/platform/subscriptions/{one}"
    assert product.must("POST", f"/api/admin/subscriptions/{one}/pause")["status"] == "PAUSED"
    assert product.must("GET", f"/api/subscriptions/{one}")["status"] == "PAUSED"
    assert product.call("DELETE", f"/api/admin/subscriptions/{one}").status == 204


def test_b29_path_parameters_are_decoded(product, event_type):
    event = product.publish(event_type)
    encoded = "".join(f"%{ord(letter):02X}" for letter in event["id"])
    assert product.must("GET", f"/api/events/{encoded}")["id"] == event["id"]
    assert product.call("GET", "/api/events/%ZZ").status == 400


def test_aliases_are_not_in_the_api_document(product):
    paths = product.call("GET", "/swagger/openapi.json", token=None).json["paths"]
    assert not [path for path in paths for alias, _ in ALIASES if path.startswith(alias)]
    assert not [path for path in paths if path.startswith("/bff")]
