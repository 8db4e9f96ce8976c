"""Schemas of event types: checked to be schemas, compared, and held against what is published."""

import json
import time

import pytest

TYPES = "/api/event-types"
EVENTS = "/api/events"
BATCH = "/api/events/batch"
ORDER = {
    "type": "object",
    "required": ["orderId"],
    "properties": {
        "orderId": {"type": "string", "pattern": "^[0-9]+$"},
        "lines": {"type": "array", "items": {"type": "object", "required": ["sku"]}},
    },
}
GOOD = {"orderId": "123", "lines": [{"sku": "a"}]}
BAD = {"orderId": "x", "lines": [{"sku": "a"}, {}]}


def register(product, code, enforcement, schema=None, version="1.0"):
    """An event type with one CURRENT schema."""
    made = product.must("POST", TYPES, {"code": code, "name": "A type", "enforcement": enforcement})
    finalised(product, made, version, ORDER if schema is None else schema)
    return made


def finalised(product, made, version, schema, **fields):
    path = f"{TYPES}/{made['id']}/schemas"
    product.must("POST", path, {"version": version, "schema": schema, **fields})
    return product.must("POST", f"{path}/{version}/finalise")


def event(code, data, **fields):
    return {"type": code, "source": "test", "data": data, **fields}


def pointers(body, member="errors"):
    return [each["pointer"] for each in body[member]]


def counter(product, name):
    text = product.call("GET", "/metrics").body.decode()
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(f"flowcatalyst_{name}"))


def test_g11_reject_refuses_what_the_schema_does_not_allow(product, event_type):
    register(product, event_type, "REJECT")
    refused = counter(product, "events_schema_rejections_total")
    assert product.call("POST", EVENTS, event(event_type, GOOD)).status == 201
    reply = product.call("POST", EVENTS, event(event_type, BAD))
    assert reply.status == 400 and reply.json["error"] == "SCHEMA_VIOLATION"
    assert sorted(pointers(reply.json)) == ["/data/lines/1", "/data/orderId"]
    assert counter(product, "events_schema_rejections_total") == refused + 1


def test_g11_warn_accepts_and_says_what_is_wrong(product, event_type):
    register(product, event_type, "WARN")
    warned = counter(product, "events_schema_warnings_total")
    reply = product.call("POST", EVENTS, event(event_type, {**BAD, "secret": "not-in-the-log"}))
    assert reply.status == 201
    assert sorted(pointers(reply.json, "warnings")) == ["/data/lines/1", "/data/orderId"]
    assert counter(product, "events_schema_warnings_total") == warned + 1
    assert "warnings" not in product.must("GET", f"{EVENTS}/{reply.json['id']}")
    assert "warnings" not in product.must("POST", EVENTS, event(event_type, GOOD))
    log = product.log.read_text()
    assert event_type in log and "not-in-the-log" not in log


def test_off_and_unregistered_types_are_not_looked_at(product, event_type):
    made = register(product, event_type, "OFF")
    assert "warnings" not in product.must("POST", EVENTS, event(event_type, BAD))
    assert "warnings" not in product.must("POST", EVENTS, event(f"{event_type}.other", BAD))
    product.must("PATCH", f"{TYPES}/{made['id']}", {"enforcement": "REJECT"})
    assert product.call("POST", EVENTS, event(event_type, BAD)).status == 400
    product.must("PATCH", f"{TYPES}/{made['id']}", {"enforcement": "OFF"})
    assert product.call("POST", EVENTS, event(event_type, BAD)).status == 201
    assert product.call("DELETE", f"{TYPES}/{made['id']}").status == 204


def test_text_that_is_json_is_validated_as_that_json(product, event_type):
    register(product, event_type, "REJECT")
    assert product.call("POST", EVENTS, event(event_type, json.dumps(GOOD))).status == 201
    assert sorted(pointers(product.call("POST", EVENTS, event(event_type, json.dumps(BAD))).json)) == [
        "/data/lines/1",
        "/data/orderId",
    ]
    for data in ("no json", ""):
        assert pointers(product.call("POST", EVENTS, event(event_type, data)).json) == ["/data"], data
    reply = product.call("POST", EVENTS, {"type": event_type, "source": "test"})
    assert reply.status == 400 and pointers(reply.json) == ["/data"], "no data is null"


@pytest.mark.parametrize("bare", [True, False])
def test_a_batch_is_refused_whole_with_the_place_of_each_fault(product, event_type, bare):
    register(product, event_type, "REJECT")
    events = [event(event_type, GOOD), event(event_type, BAD), event(f"{event_type}.free", BAD)]
    reply = product.call("POST", BATCH, events if bare else {"events": events})
    prefix = "" if bare else "/events"
    assert reply.status == 400
    assert sorted(pointers(reply.json)) == [f"{prefix}/1/data/lines/1", f"{prefix}/1/data/orderId"]
    good = [events[0], events[2]]
    assert product.must("POST", BATCH, good)["count"] == 2


def test_of_items_only_the_bad_one_fails(product, event_type):
    register(product, event_type, "REJECT")
    warned = f"{event_type}.warned"
    register(product, warned, "WARN")
    items = [event(event_type, GOOD), event(event_type, BAD), event(warned, BAD)]
    results = product.must("POST", BATCH, {"items": items})["results"]
    assert [one["status"] for one in results] == ["CREATED", "ERROR", "CREATED"]
    assert "/data/orderId" in results[1]["error"]
    assert "warnings" not in results[0] and len(results[2]["warnings"]) == 2


def test_a_named_version_is_used_else_the_current_one(product, event_type):
    made = register(product, event_type, "REJECT", {"type": "integer"}, "1.0")
    finalised(product, made, "1.1", {"type": "number"})
    finalised(product, made, "2.0", {"type": "string"})
    path = f"{TYPES}/{made['id']}/schemas"
    product.must("POST", path, {"version": "3.0", "schema": {"type": "null"}})
    status = lambda data, **fields: product.call("POST", EVENTS, event(event_type, data, **fields)).status
    assert (status('"text"'), status(1)) == (201, 400), "CURRENT"
    assert (status(1.5, specVersion="1.1"), status('"x"', specVersion="1.1")) == (201, 400)
    assert (status('"x"', specVersion="1.0"), status(1, specVersion="1.0")) == (201, 400), "said by default"
    assert (status('"x"', specVersion="3.0"), status(None, specVersion="3.0")) == (201, 400), "a draft"
    finalised(product, made, "4.0", "message A {}", schemaType="PROTO")
    assert status([1]) == 201, "a schema that is not JSON Schema is not looked at"


def test_events_of_an_archived_type(product, event_type):
    made = register(product, event_type, "REJECT")
    product.must("POST", f"{TYPES}/{made['id']}/archive")
    reply = product.call("POST", EVENTS, event(event_type, GOOD))
    assert reply.status == 400 and pointers(reply.json) == ["/type"]


def test_enforcement_survives_a_restart(make_product):
    product = make_product().start()
    register(product, "shop.order", "REJECT")
    product.kill9()
    product.start()
    assert product.call("POST", EVENTS, event("shop.order", BAD)).status == 400
    assert product.call("POST", EVENTS, event("shop.order", GOOD)).status == 201


SCHEMA_FAULTS = {
    "no JSON": ('{"type":', ["/schema"]),
    "unknown type": ({"properties": {"a": {"type": "strng"}}}, ["/schema/properties/a/type"]),
    "bad expression": ({"pattern": "("}, ["/schema/pattern"]),
    "back-reference": ({"pattern": "(a)\\1"}, ["/schema/pattern"]),
    "look-ahead": ({"pattern": "(?=a)"}, ["/schema/pattern"]),
    "remote reference": ({"items": {"$ref": "http://example.com/a.json"}}, ["/schema/items/$ref"]),
    "reference to nothing": ({"$ref": "#/definitions/a"}, ["/schema/$ref"]),
    "circle": ({"allOf": [{"$ref": "#"}]}, ["/schema/allOf/0/$ref"]),
    "later draft": ({"$schema": "https://json-schema.org/draft/2020-12/schema"}, ["/schema/$schema"]),
    "two at once": ({"type": 1, "minLength": -1}, ["/schema/type", "/schema/minLength"]),
    "too long": (json.dumps({"description": "x" * 262_144}), ["/schema"]),
    "a list": ([], ["/schema"]),
}


@pytest.mark.parametrize("schema,wanted", SCHEMA_FAULTS.values(), ids=SCHEMA_FAULTS)
def test_what_is_no_schema_is_refused_by_pointer(product, event_type, schema, wanted):
    made = product.must("POST", TYPES, {"code": event_type, "name": "n"})
    reply = product.call("POST", f"{TYPES}/{made['id']}/schemas", {"version": "1", "schema": schema})
    assert reply.status == 400 and reply.json["error"] == "VALIDATION_FAILED"
    assert pointers(reply.json) == wanted
    assert product.must("GET", f"{TYPES}/{made['id']}")["specVersions"] == []


def test_a_hostile_expression_does_not_hold_up_others(product, event_type):
    register(product, event_type, "REJECT", {"pattern": "^(a+)+$"})
    started = time.monotonic()
    assert product.call("POST", EVENTS, event(event_type, json.dumps("a" * 900_000 + "!"))).status == 400
    assert time.monotonic() - started < 10


def test_two_versions_are_compared(product, event_type):
    made = register(product, event_type, "OFF")
    stricter = {**ORDER, "required": ["orderId", "lines"]}
    finalised(product, made, "2.0", stricter)
    path = f"{TYPES}/{made['id']}/schemas"
    report = product.must("GET", f"{path}/2.0/compatibility?with=1.0")
    assert (report["result"], report["backward"], report["forward"]) == ("FORWARD", False, True)
    [difference] = report["differences"]
    assert difference["pointer"] == "/required" and '"lines"' in difference["detail"]
    assert product.must("GET", f"{path}/1.0/compatibility?with=2.0")["result"] == "BACKWARD"
    assert product.must("GET", f"{path}/1.0/compatibility?with=1.0")["result"] == "FULL"
    assert product.call("GET", f"{path}/1.0/compatibility?with=9").status == 404
    assert pointers(product.call("GET", f"{path}/1.0/compatibility").json) == ["/with"]
