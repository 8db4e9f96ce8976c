"""Every bad request gets one clear error that names the field, nothing is stored, and the product goes on."""

import json

import pytest

from harness.product import Product

UNKNOWN = "0ZZZZZZZZZZZZ"  # a well-formed TSID that nobody has
EVENT = {"type": "order.created", "source": "test", "data": "{}"}
SUBSCRIPTION = {"name": "n", "eventTypes": ["bad.input"], "targetUrl": "http://127.0.0.1:9/"}


def event(**changes):
    return {**EVENT, **changes}


def subscription(**changes):
    return {**SUBSCRIPTION, **changes}


def nested(depth):
    return b'{"type":"a","source":"s","data":' + b"[" * depth + b"]" * depth + b"}"


EVENTS = "/api/events"
BATCH = "/api/events/batch"

# name: (path, body, status, pointers that the answer must name; "" is the whole body, None: it is no JSON)
EVENT_FAULTS = {
    "malformed JSON": (EVENTS, b'{"type": "a", ', 400, None),
    "empty body": (EVENTS, b"", 400, None),
    "no object": (EVENTS, b"[1]", 400, [""]),
    "bytes behind the JSON": (EVENTS, json.dumps(EVENT).encode() + b" x", 400, None),
    "number as type": (EVENTS, event(type=5), 400, ["/type"]),
    "array as source": (EVENTS, event(source=[]), 400, ["/source"]),
    "text as contextData": (EVENTS, event(contextData="x"), 400, ["/contextData"]),
    "no type": (EVENTS, {"source": "s"}, 400, ["/type"]),
    "empty type": (EVENTS, event(type=""), 400, ["/type"]),
    "time that is none": (EVENTS, event(time="yesterday"), 400, ["/time"]),
    "type with blanks": (EVENTS, event(type="Order Created"), 400, ["/type"]),
    "header in the subject": (EVENTS, event(subject="a\r\nX-Evil: 1"), 400, ["/subject"]),
    "all faults at once": (EVENTS, {"source": 5, "data": "x"}, 400, ["/type", "/source"]),
    "invalid UTF-8": (EVENTS, b'{"type":"a","source":"\xff\xfe","data":"x"}', 400, None),
    "invalid UTF-8 in data": (EVENTS, b'{"type":"a","source":"s","data":"\xc3\x28"}', 400, None),
    "half a surrogate pair": (EVENTS, b'{"type":"a","source":"s","data":"\\ud800"}', 400, None),
    "nesting of 65": (EVENTS, nested(65), 400, None),
    "nesting of 100,000": (EVENTS, nested(100_000), 400, None),
    "malformed batch": (BATCH, b'{"events": [', 400, None),
    "empty batch": (BATCH, {"events": []}, 400, ["/events"]),
    "empty array": (BATCH, [], 400, [""]),
    "batch without events": (BATCH, {}, 400, ["/events"]),
    "101 events": (BATCH, {"events": [EVENT] * 101}, 400, ["/events"]),
    "101 events in an array": (BATCH, [EVENT] * 101, 400, [""]),
    "one bad event of three": (BATCH, {"events": [EVENT, event(type=5), EVENT]}, 400, ["/events/1/type"]),
    "two bad events": (BATCH, {"events": [event(type=1), event(source=None)]}, 400, ["/events/0/type"]),
    "2 MB event in a batch": (
        BATCH,
        {"events": [EVENT, event(data="x" * 2_000_000)]},
        400,
        ["/events/1/data"],
    ),
}

TOO_LARGE = {
    "2 MB event": (EVENTS, event(data="x" * 2_000_000), 413, None),
    "17 MB batch": (BATCH, {"events": [event(data="x" * 1_000_000)] * 17}, 413, None),
}

NOT_A_URL = [
    "nonsense",
    "",
    "/relative",
    "http://",
    "http:///path",
    "http://host:99999/",
    "http://a b/",
    "//host/x",
]
WRONG_SCHEME = ["file:///etc/passwd", "ftp://example.com/", "javascript:alert(1)", "gopher://example.com/"]
PRIVATE = [
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/",
    "http://0.0.0.0/",
    "http://[fe80::1]/",
    "http://[fd00::1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://[64:ff9b::a00:1]/",
    "http://[2002:a00:1::]/",
]

SUBSCRIPTION_FAULTS = {
    "no name": ({"eventTypes": ["a"], "targetUrl": "http://127.0.0.1:9/"}, ["/name"]),
    "no target": ({"name": "n", "eventTypes": ["a"]}, ["/targetUrl"]),
    "no event types": ({"name": "n", "targetUrl": "http://127.0.0.1:9/"}, ["/eventTypes"]),
    "empty event types": (subscription(eventTypes=[]), ["/eventTypes"]),
    "text as event types": (subscription(eventTypes="a"), ["/eventTypes"]),
    "pattern with stars in the middle": (subscription(eventTypes=["ok", "a.**.b"]), ["/eventTypes/1"]),
    "pattern with a blank": (subscription(eventTypes=["a b"]), ["/eventTypes/0"]),
    "number as target": (subscription(targetUrl=5), ["/targetUrl"]),
    "unknown pool": (subscription(dispatchPoolId="no-such-pool"), ["/dispatchPoolId"]),
    "unknown pool id": (subscription(dispatchPoolId=UNKNOWN), ["/dispatchPoolId"]),
    "unknown pool code": (subscription(dispatchPoolCode="no-such-pool"), ["/dispatchPoolCode"]),
    "negative timeout": (subscription(timeoutSeconds=-1), ["/timeoutSeconds"]),
    "timeout of 901": (subscription(timeoutSeconds=901), ["/timeoutSeconds"]),
    "negative maxRetries": (subscription(maxRetries=-1), ["/maxRetries"]),
    "unknown strategy": (subscription(retryStrategy="sometimes"), ["/retryStrategy"]),
    "negative delay": (subscription(retryStrategy=[1, -1]), ["/retryStrategy"]),
    "id of no event type": (subscription(eventTypes=["a", {"eventTypeId": UNKNOWN}]), ["/eventTypes/1/eventTypeId"]),
    "malformed event type id": (
        subscription(eventTypes=[{"eventTypeId": "nonsense", "eventTypeCode": "x.y"}]),
        ["/eventTypes/0/eventTypeId"],
    ),
    "neither code nor id": (subscription(eventTypes=[{"specVersion": "1.1"}]), ["/eventTypes/0/eventTypeCode"]),
    "star in a version": (
        subscription(eventTypes=[{"eventTypeCode": "a", "specVersion": "1.*"}]),
        ["/eventTypes/0/specVersion"],
    ),
    "unknown mode": (subscription(mode="RANDOM"), ["/mode"]),
    **{f"target {url!r}": (subscription(targetUrl=url), ["/targetUrl"]) for url in NOT_A_URL},
    **{f"target {url!r}": (subscription(targetUrl=url), ["/targetUrl"]) for url in WRONG_SCHEME},
    **{f"target {url!r}": (subscription(targetUrl=url), ["/targetUrl"]) for url in PRIVATE},
    "file target by its other name": (
        {"name": "n", "eventTypes": ["a"], "target": "file:///etc/passwd"},
        ["/target"],
    ),
}

POOL_FAULTS = {
    "no name": ({"concurrency": 1}, ["/name"]),
    "text as concurrency": ({"code": "p", "name": "p", "concurrency": "many"}, ["/concurrency"]),
    "negative concurrency": ({"code": "p", "name": "p", "concurrency": -1}, ["/concurrency"]),
    "negative rate": ({"code": "p", "name": "p", "rateLimit": -1}, ["/rateLimit"]),
    "code with blanks": ({"code": "no code", "name": "p"}, ["/code"]),
}

JOB_FAULTS = {
    "unknown event": ({"eventId": UNKNOWN}, ["/eventId"]),
    "malformed event id": ({"eventId": "nope"}, ["/eventId"]),
    "unknown subscription": ({"subscriptionId": UNKNOWN}, ["/subscriptionId"]),
    "neither subscription nor account": ({"subscriptionId": None}, ["/subscriptionId"]),
    "file target": ({"targetUrl": "file:///etc/passwd"}, ["/targetUrl"]),
    "private target": ({"targetUrl": "http://10.0.0.1/"}, ["/targetUrl"]),
    "no payload": ({"payload": None}, ["/payload"]),
    "unknown pool": ({"dispatchPoolId": "no-such-pool"}, ["/dispatchPoolId"]),
    "unknown kind": ({"kind": "WHATEVER"}, ["/kind"]),
}

# path: (status, pointers)
READ_FAULTS = {
    f"/api/events/{UNKNOWN}": (404, None),
    f"/api/subscriptions/{UNKNOWN}": (404, None),
    f"/api/dispatch-pools/{UNKNOWN}": (404, None),
    f"/api/dispatch/jobs/{UNKNOWN}": (404, None),
    f"/api/dispatch/jobs/{UNKNOWN}/attempts": (404, None),
    "/api/events/not-a-tsid": (400, ["/id"]),
    "/api/events/0ZZZZZZZZZZZZ0": (400, ["/id"]),
    "/api/events/%00": (400, ["/id"]),
    "/api/subscriptions/UUUUUUUUUUUUU": (400, ["/id"]),
    "/api/dispatch/jobs/1/attempts": (400, ["/id"]),
    "/api/subscriptions?size=many": (400, ["/size"]),
    "/api/subscriptions?size=0": (400, ["/size"]),
    "/api/subscriptions?page=-1": (400, ["/page"]),
    "/api/subscriptions?status=WRONG": (400, ["/status"]),
    "/api/dispatch/jobs?eventId=nope": (400, ["/eventId"]),
    "/api/nothing-here": (404, None),
}


@pytest.fixture(scope="module")
def quiet():
    """A product of which everything stored is known: a paused subscription makes a job of each event."""
    product = Product().start()
    everything = product.subscribe("http://127.0.0.1:9/", "**")
    product.must("POST", f"/api/subscriptions/{everything['id']}/pause")
    stored_event = product.publish("some.event")
    yield product, everything["id"], stored_event["id"]
    product.verify()
    product.stop()
    product.dispose()


def inventory(product):
    """How much of each kind is stored."""
    totals = [product.must("GET", f"/api/{kind}")["total"] for kind in ("subscriptions", "dispatch-pools")]
    return [*totals, len(product.jobs())]


def assert_problem(reply, status, pointers):
    """One clear error: the status, a problem document, and the place of each fault."""
    assert reply.status == status, f"{reply.status} {reply.body[:500]!r}"
    assert reply.headers["content-type"].startswith("application/problem+json")
    problem = reply.json
    assert problem["status"] == status
    for member in ("type", "title", "detail", "error", "message"):
        assert problem[member], f"no {member} in {problem}"
    if pointers is not None:
        named = [fault["pointer"] for fault in problem["errors"]]
        assert all(pointer in named for pointer in pointers), f"{pointers} not all in {problem['errors']}"
        assert all(fault["detail"] for fault in problem["errors"])


def refuse(quiet, path, body, status, pointers):
    product, _, _ = quiet
    before = inventory(product)
    assert_problem(product.call("POST", path, body), status, pointers)
    assert inventory(product) == before
    assert product.call("GET", "/q/health/ready", token=None).status == 200


@pytest.mark.parametrize("name", EVENT_FAULTS)
def test_bad_event_is_refused(quiet, name):
    refuse(quiet, *EVENT_FAULTS[name])


@pytest.mark.parametrize("name", TOO_LARGE)
def test_g12_what_is_too_large_is_refused(quiet, name):
    refuse(quiet, *TOO_LARGE[name])


@pytest.mark.parametrize("name", SUBSCRIPTION_FAULTS)
def test_bad_subscription_is_refused(quiet, name):
    body, pointers = SUBSCRIPTION_FAULTS[name]
    refuse(quiet, "/api/subscriptions", body, 400, pointers)


@pytest.mark.parametrize("name", POOL_FAULTS)
def test_bad_pool_is_refused(quiet, name):
    body, pointers = POOL_FAULTS[name]
    refuse(quiet, "/api/dispatch-pools", body, 400, pointers)


@pytest.mark.parametrize("name", JOB_FAULTS)
def test_bad_job_is_refused(quiet, name):
    changes, pointers = JOB_FAULTS[name]
    _, subscription_id, event_id = quiet
    good = {
        "eventId": event_id,
        "subscriptionId": subscription_id,
        "targetUrl": "http://127.0.0.1:9/",
        "payload": "x",
    }
    body = {field: value for field, value in {**good, **changes}.items() if value is not None}
    refuse(quiet, "/api/dispatch/jobs", body, 400, pointers)


@pytest.mark.parametrize("path", READ_FAULTS)
def test_bad_read_is_refused(quiet, path):
    product, _, _ = quiet
    assert_problem(product.call("GET", path), *READ_FAULTS[path])


def test_bad_edit_changes_nothing(quiet):
    product, subscription_id, _ = quiet
    path = f"/api/subscriptions/{subscription_id}"
    before = product.must("GET", path)
    assert_problem(product.call("PUT", path, {"name": "new", "targetUrl": "file:///x"}), 400, ["/targetUrl"])
    assert product.must("GET", path) == before


def test_wrong_method_is_405(quiet):
    product, _, _ = quiet
    assert_problem(product.call("DELETE", "/api/events"), 405, None)


def test_nesting_of_60_is_accepted(quiet):
    product, _, _ = quiet
    assert product.call("POST", "/api/events", nested(60)).status == 201
