"""Event types: kept, edited, versioned, filtered, and not deleted while a subscription wants them."""

import json
import re

import pytest

TYPES = "/api/event-types"
BFF = "/api/bff/event-types"
UNKNOWN = "0ZZZZZZZZZZZZ"  # a well-formed TSID that nobody has
ORDER = {
    "type": "object",
    "required": ["orderId"],
    "properties": {"orderId": {"type": "string"}, "total": {"type": "number", "minimum": 0}},
}


@pytest.fixture
def code(event_type):
    """The code of an event type that nobody else uses."""
    return event_type


def create(product, code, **fields):
    return product.must("POST", TYPES, {"code": code, "name": "A type", **fields})


def add_schema(product, made, version, schema=None, **fields):
    body = {"version": version, "schema": ORDER if schema is None else schema, **fields}
    return product.must("POST", f"{TYPES}/{made['id']}/schemas", body)


def finalise(product, made, version):
    return product.must("POST", f"{TYPES}/{made['id']}/schemas/{version}/finalise")


def versions(made):
    return {one["version"]: one["status"] for one in made["specVersions"]}


def refused(product, method, path, body=None):
    reply = product.call(method, path, body)
    problem = reply.json
    return reply.status, problem["error"], [each["pointer"] for each in problem.get("errors") or []]


@pytest.mark.parametrize("prefix", [TYPES, BFF])
def test_b01_create_gives_the_entity_with_its_id_and_location(product, code, prefix):
    body = {"code": code, "name": "Order placed", "description": "d", "category": "sales"}
    reply = product.call("POST", prefix, body)
    assert reply.status == 201, reply.body
    made = reply.json
    assert reply.headers["location"] == f"{prefix}/{made['id']}"
    assert {name: made[name] for name in body} == body
    assert made["status"] == "CURRENT" and made["enforcement"] == "OFF" and made["specVersions"] == []
    assert product.must("GET", f"{prefix}/{made['id']}") == made
    assert refused(product, "POST", prefix, body)[:2] == (409, "CODE_EXISTS")


def test_b05_codes_of_four_parts_are_accepted_and_taken_apart(product, code):
    parts = lambda made: [made[part] for part in ("application", "subdomain", "aggregate", "event")]
    assert parts(create(product, f"{code}:fulfilment:shipment:shipped")) == [
        code,
        "fulfilment",
        "shipment",
        "shipped",
    ]
    assert parts(create(product, f"{code}.placed")) == [code, "placed", "", ""]
    assert parts(create(product, f"{code}:a:b:c.d:e")) == [code, "a", "b", "c.d:e"]


@pytest.mark.parametrize("bad", ["order created", ":order", "order..created", "order.*", ""])
def test_a_code_that_is_none_is_refused(product, bad):
    assert refused(product, "POST", TYPES, {"code": bad, "name": "n"}) == (400, "VALIDATION_FAILED", ["/code"])


def test_a_missing_code_is_the_slug_of_the_name_and_unique(product, code):
    made = [product.must("POST", TYPES, {"name": f"{code}  Placed!"})["code"] for _ in range(2)]
    assert made == [f"{code}-placed", f"{code}-placed-2"]


def test_a_code_with_upper_case_letters_is_that_of_such_events(product, code):
    made = create(product, f"{code}.Blob.Created", enforcement="REJECT")
    add_schema(product, made, "1.0", {"required": ["url"]})
    finalise(product, made, "1.0")
    event = {"type": f"{code}.Blob.Created", "source": "s", "data": {}}
    assert refused(product, "POST", "/api/events", event)[0] == 400
    product.must("POST", "/api/events", {**event, "type": f"{code}.blob.created"})


def test_all_faults_of_a_body_come_at_once(product):
    body = {"code": 1, "name": "", "description": [], "enforcement": "MAYBE"}
    status, _, pointers = refused(product, "POST", TYPES, body)
    assert status == 400 and sorted(pointers) == ["/code", "/description", "/enforcement", "/name"]
    assert refused(product, "POST", TYPES, {}) == (400, "VALIDATION_FAILED", ["/name"])


@pytest.mark.parametrize("prefix", [TYPES, BFF])
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_b26_an_edit_changes_only_what_it_names(product, code, prefix, method):
    made = create(product, code, description="d", category="c")
    path = f"{prefix}/{made['id']}"
    edited = product.must(method, path, {"name": "Another"})
    assert (edited["name"], edited["description"], edited["category"]) == ("Another", "d", "c")
    edited = product.must(method, path, {"enforcement": "warn"})
    assert (edited["name"], edited["category"], edited["enforcement"]) == ("Another", "c", "WARN")
    assert product.must("GET", path) == edited


def test_b25_members_and_the_last_version_can_be_cleared(product, code):
    made = create(product, code, description="d", category="c")
    path = f"{TYPES}/{made['id']}"
    edited = product.must("PATCH", path, {"description": "", "category": ""})
    assert not edited.get("description") and not edited.get("category")
    add_schema(product, made, "1.0")
    assert product.call("DELETE", f"{path}/schemas/1.0").status == 204
    assert product.must("GET", path)["specVersions"] == []
    assert product.must("GET", f"{path}/schemas")["items"] == []
    assert refused(product, "PATCH", path, {"name": ""}) == (400, "VALIDATION_FAILED", ["/name"])


@pytest.mark.parametrize("prefix", [TYPES, BFF])
def test_b37_an_empty_list_is_a_list(product, prefix):
    page = product.must("GET", f"{prefix}?application=nobody-has-this")
    assert page["items"] == [] and page["total"] == 0 and page["totalItems"] == 0


def test_b38_times_are_utc_with_milliseconds(product, code):
    made = create(product, code)
    made = add_schema(product, made, "1.0")
    version = made["specVersions"][0]
    for time in (made["createdAt"], made["updatedAt"], version["createdAt"], version["updatedAt"]):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", time), time


@pytest.mark.parametrize("prefix", [TYPES, BFF])
def test_a_list_is_filtered_sorted_and_paged(product, code, prefix):
    names = [f"{code}:{sub}:{agg}:x" for sub in ("a", "b") for agg in ("p", "q", "r")]
    made = [create(product, name) for name in reversed(names)]
    product.must("POST", f"{prefix}/{made[0]['id']}/archive")
    listed = lambda query: [one["code"] for one in product.must("GET", f"{prefix}?size=100&{query}")["items"]]
    mine = f"application={code}"
    assert listed(mine) == names
    assert listed(f"{mine}&subdomain=b") == names[3:]
    assert listed(f"{mine}&aggregate=p,q&subdomain=a") == names[:2]
    assert listed(f"{mine}&aggregate=p&aggregate=r&subdomain=a") == [names[0], names[2]]
    assert listed(f"{mine}&status=ARCHIVE") == listed(f"{mine}&status=archived") == names[-1:]
    assert listed(f"{mine}&status=CURRENT") == names[:-1]
    page = product.must("GET", f"{prefix}?{mine}&size=4&page=1")
    assert [one["code"] for one in page["items"]] == names[4:]
    assert (page["total"], page["totalPages"], page["page"]) == (6, 2, 1)
    options = lambda what, query: product.must("GET", f"{prefix}/filters/{what}?{query}")["options"]
    assert code in options("applications", "")
    assert options("subdomains", mine) == ["a", "b"]
    assert options("aggregates", f"{mine}&subdomain=b") == ["p", "q", "r"]
    assert refused(product, "GET", f"{prefix}?status=GONE")[2] == ["/status"]


@pytest.mark.parametrize("prefix", [TYPES, BFF])
def test_a_list_has_the_text_of_schemas_up_to_a_mebibyte(product, code, prefix):
    made = create(product, code)
    text = json.dumps({"title": "x" * 250_000})
    for version in range(5):
        add_schema(product, made, f"{version}", text)
    [listed] = product.must("GET", f"{prefix}?application={made['application']}")["items"]
    assert [one.get("schema") for one in listed["specVersions"]] == [text] * 4 + [None]
    single = product.must("GET", f"{prefix}/{made['id']}")
    assert [one["schema"] for one in single["specVersions"]] == [text] * 5


@pytest.mark.parametrize("prefix", [TYPES, BFF])
def test_versions_are_drafted_finalised_and_deprecated(product, code, prefix):
    made = create(product, code)
    path = f"{prefix}/{made['id']}/schemas"
    reply = product.call("POST", path, {"version": "1.0", "schema": '{"type":"object"}'})
    assert reply.status == 201 and reply.headers["location"] == f"{path}/1.0"
    draft = product.must("GET", f"{path}/1.0")
    assert draft["schema"] == '{"type":"object"}' and draft["schemaType"] == "JSON_SCHEMA"
    assert draft["mimeType"] == "application/schema+json" and draft["status"] == "FINALISING"
    assert refused(product, "POST", path, {"version": "1.0", "schema": "{}"})[:2] == (409, "VERSION_EXISTS")
    assert versions(product.must("POST", f"{path}/1.0/finalise")) == {"1.0": "CURRENT"}
    assert refused(product, "POST", f"{path}/1.0/finalise")[:2] == (409, "INVALID_STATUS")
    assert refused(product, "DELETE", f"{path}/1.0")[:2] == (409, "INVALID_STATUS")
    product.must("POST", path, {"version": "2.0", "schema": ORDER})
    assert versions(product.must("POST", f"{path}/2.0/finalise")) == {"1.0": "DEPRECATED", "2.0": "CURRENT"}
    assert versions(product.must("POST", f"{path}/2.0/deprecate"))["2.0"] == "DEPRECATED"
    assert refused(product, "POST", f"{path}/2.0/deprecate")[:2] == (409, "ALREADY_DEPRECATED")
    assert [one["version"] for one in product.must("GET", f"{path}?size=1&page=1")["items"]] == ["2.0"]
    for method, one in (("GET", "9"), ("DELETE", "9"), ("POST", "9/finalise"), ("POST", "9/deprecate")):
        assert refused(product, method, f"{path}/{one}")[:2] == (404, "VERSION_NOT_FOUND")


def test_protobuf_and_xsd_are_kept_as_text(product, code):
    made = create(product, code)
    text = 'syntax = "proto3";\nmessage Order { string id = 1; }\n'
    made = add_schema(product, made, "1.0", text, schemaType="PROTO", mimeType="application/x-protobuf")
    made = add_schema(product, made, "2.0", "<xs:schema/>", schemaType="XSD")
    assert [one["schema"] for one in made["specVersions"]] == [text, "<xs:schema/>"]
    assert [one["mimeType"] for one in made["specVersions"]] == ["application/x-protobuf", "application/xml"]
    body = {"version": "3.0", "schema": {}, "schemaType": "PROTO"}
    assert refused(product, "POST", f"{TYPES}/{made['id']}/schemas", body)[2] == ["/schema"]


@pytest.mark.parametrize("version", ["", "a/b", "..", "a b", "ä", "x" * 65])
def test_a_version_that_could_not_stand_in_a_path_is_refused(product, code, version):
    path = f"{TYPES}/{create(product, code)['id']}/schemas"
    assert refused(product, "POST", path, {"version": version, "schema": "{}"})[2] == ["/version"]


def test_an_archived_type_stays_as_it_is(product, code):
    made = create(product, code)
    for version in ("1.0", "2.0"):
        add_schema(product, made, version)
    finalise(product, made, "1.0")
    path = f"{TYPES}/{made['id']}"
    assert product.must("POST", f"{path}/archive")["status"] == "ARCHIVED"
    assert refused(product, "POST", f"{path}/archive")[:2] == (409, "ALREADY_ARCHIVED")
    changes = [
        ("PUT", path, {"name": "x"}),
        ("PATCH", path, {"enforcement": "OFF"}),
        ("POST", f"{path}/schemas", {"version": "3.0", "schema": "{}"}),
        ("POST", f"{path}/schemas/2.0/finalise", None),
        ("DELETE", f"{path}/schemas/2.0", None),
    ]
    for change in changes:
        assert refused(product, *change)[:2] == (409, "EVENT_TYPE_ARCHIVED"), change
    assert versions(product.must("POST", f"{path}/schemas/1.0/deprecate"))["1.0"] == "DEPRECATED"


def test_a_type_that_a_subscription_wants_is_not_deleted(product, code):
    made = create(product, f"{code}.placed")
    wanted = {"eventTypes": [made["code"]], "targetUrl": "http://127.0.0.1:9/"}
    subscription = product.must("POST", "/api/subscriptions", {"name": f"wants {code}", **wanted})
    pattern = {"eventTypes": [f"{code}.*"], "targetUrl": "http://127.0.0.1:9/"}
    other = product.must("POST", "/api/subscriptions", {"name": f"all of {code}", **pattern})
    reply = product.call("DELETE", f"{TYPES}/{made['id']}")
    assert reply.status == 409 and reply.json["error"] == "EVENT_TYPE_IN_USE"
    assert subscription["code"] in reply.json["detail"] and other["code"] not in reply.json["detail"]
    product.call("DELETE", f"/api/subscriptions/{subscription['id']}")
    assert product.call("DELETE", f"{TYPES}/{made['id']}").status == 204
    product.call("DELETE", f"/api/subscriptions/{other['id']}")
    assert refused(product, "GET", f"{TYPES}/{made['id']}")[:2] == (404, "EVENT_TYPE_NOT_FOUND")


def test_an_unknown_type_is_404_everywhere(product):
    path = f"{TYPES}/{UNKNOWN}"
    calls = [("GET", ""), ("PUT", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/archive"), ("GET", "/schemas")]
    for method, rest in calls:
        body = {"name": "x"} if method in ("PUT", "PATCH") else None
        assert refused(product, method, path + rest, body)[:2] == (404, "EVENT_TYPE_NOT_FOUND"), (method, rest)
    body = {"version": "1.0", "schema": "{}"}
    assert refused(product, "POST", f"{path}/schemas", body)[:2] == (404, "EVENT_TYPE_NOT_FOUND")


def test_types_survive_a_kill(make_product):
    product = make_product().start()
    made = create(product, "shop.order", category="c", enforcement="REJECT")
    made = add_schema(product, made, "1.0")
    product.kill9()
    product.start()
    assert product.must("GET", f"{TYPES}/{made['id']}") == made
