"""CloudEvents over HTTP, written and read by the CloudEvents SDK."""

import base64
import datetime
import json

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event, to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

from harness.webhooks import assert_signed

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
DATA = {"number": 0.1, "text": "é 😀 \u0000", "list": [None, True]}


def cloud_event(event_type, data=DATA, **more):
    attributes = {
        "id": f"id {event_type}",
        "source": "/shop/é",
        "type": event_type,
        "subject": 'order "1" 100%',
        "time": datetime.datetime(2026, 1, 2, 3, 4, 5, 678000, datetime.timezone.utc),
        "datacontenttype": "application/json",
        "correlationid": "corr",
        "causationid": "cause",
        "partitionkey": "group",
        "dataschema": "https://example.com/schema",
        "myextension": "my value",
        **more,
    }
    return CloudEvent({key: value for key, value in attributes.items() if value is not None}, data)


def send(product, message, path="/api/events"):
    headers = {"Content-Type": "", **{name.title(): value for name, value in message.headers.items()}}
    return product.call("POST", path, message.body, headers=headers)


def send_binary(product, event):
    return send(product, to_binary_event(event))


def send_structured(product, event):
    return send(product, to_structured_event(event))


def send_batch(product, *events, path="/api/events"):
    body = b"[" + b",".join(to_structured_event(event).body for event in events) + b"]"
    return send(product, HTTPMessage({"Content-Type": BATCH}, body), path)


def send_in(product, mode, event):
    """The answer's event, sent as `mode` says."""
    if mode == "batch":
        reply = send_batch(product, event)
        assert reply.status == 201, reply.body
        return reply.json["events"][0]
    reply = send_binary(product, event) if mode == "binary" else send_structured(product, event)
    assert reply.status == 201, reply.body
    return reply.json


MODES = ["binary", "structured", "batch"]


@pytest.mark.parametrize("mode", MODES)
def test_attributes_become_the_events_own_fields(product, target, event_type, mode):
    product.subscribe(target, f"{event_type}.Upper")
    stored = send_in(product, mode, cloud_event(f"{event_type}.Upper"))
    expected = {
        "type": f"{event_type}.Upper",
        "source": "/shop/é",
        "subject": 'order "1" 100%',
        "time": "2026-01-02T03:04:05.678Z",
        "specVersion": "1.0",
        "correlationId": "corr",
        "causationId": "cause",
        "messageGroup": "group",
        "deduplicationId": json.dumps(["/shop/é", f"id {event_type}.Upper"], ensure_ascii=False, separators=(",", ":")),
        "data": DATA,
        "contextData": [
            {"key": "ce-id", "value": f"id {event_type}.Upper"},
            {"key": "dataschema", "value": "https://example.com/schema"},
            {"key": "myextension", "value": "my value"},
            {"key": "partitionkey", "value": "group"},
        ],
    }
    read = product.must("GET", f"/api/events/{stored['id']}")
    assert {name: read.get(name) for name in expected} == expected
    [delivery] = target.wait_accepted()
    assert delivery.json == DATA
    assert delivery.header("Content-Type") == "application/json"
    assert delivery.header("X-FlowCatalyst-Message-Group") == "group"


@pytest.mark.parametrize("mode", MODES)
def test_sending_again_is_a_duplicate_because_source_and_id_identify(product, target, event_type, mode):
    product.subscribe(target, event_type)
    first = send_in(product, "binary", cloud_event(event_type))
    again = send_batch(product, cloud_event(event_type)) if mode == "batch" else None
    if mode == "binary":
        again = send_binary(product, cloud_event(event_type))
    if mode == "structured":
        again = send_structured(product, cloud_event(event_type))
    event = again.json["events"][0] if mode == "batch" else again.json
    assert again.status == (201 if mode == "batch" else 200)
    assert (event["id"], event["duplicate"]) == (first["id"], True)
    assert send_binary(product, cloud_event(event_type, source="/other")).status == 201
    assert send_binary(product, cloud_event(event_type, id=f"other {event_type}")).status == 201
    target.wait_accepted(3)


def test_batch_is_answered_like_ours_on_both_routes(product, event_type):
    events = [cloud_event(event_type, id=f"{event_type} {n}") for n in range(3)]
    for path in ["/api/events", "/api/events/batch"]:
        reply = send_batch(product, *events, path=path)
        assert (reply.status, reply.json["count"]) == (201, 3)
    assert [bool(event.get("duplicate")) for event in reply.json["events"]] == [True] * 3
    empty = send_batch(product)
    assert (empty.status, empty.json) == (201, {"count": 0, "events": []})
    assert send_batch(product, *[cloud_event(event_type, id=f"{event_type} {n}") for n in range(101)]).status == 400


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("content_type", "data"),
    [("image/png", b"\x89PNG\r\n\x00\xff"), ("text/plain; charset=utf-8", "é 😀\n"), ("application/xml", "<a/>")],
)
def test_content_type_and_bytes_go_through_the_whole_product(product, target, event_type, mode, content_type, data):
    product.subscribe(target.url("/data"), event_type)
    product.subscribe(target.url("/envelope"), event_type, dataOnly=False)
    stored = send_in(product, mode, cloud_event(event_type, data, datacontenttype=content_type))
    raw = data if isinstance(data, bytes) else data.encode()
    shown = {"dataBase64": base64.b64encode(raw).decode()} if isinstance(data, bytes) else {"data": data}
    read = product.must("GET", f"/api/events/{stored['id']}")
    assert {name: read.get(name) for name in ["dataContentType", *shown]} == {"dataContentType": content_type, **shown}
    assert ("data" in read) != ("dataBase64" in read)
    first, second = sorted(target.wait_accepted(2), key=lambda delivery: delivery.path)
    assert (first.body, first.header("Content-Type")) == (raw, content_type)
    envelope = second.json
    assert {name: envelope.get(name) for name in ["dataContentType", *shown]} == {"dataContentType": content_type, **shown}
    assert second.header("Content-Type") == "application/json"


def faults(reply):
    assert reply.status == 400, reply.body
    return {fault["pointer"] for fault in reply.json["errors"]}


def test_every_fault_is_named_at_once(product, event_type):
    broken = {"specversion": "0.3", "type": "a b", "time": "now", "data": 1, "data_base64": "?"}
    structured = HTTPMessage({"Content-Type": STRUCTURED}, json.dumps(broken).encode())
    assert faults(send(product, structured)) == {
        "/specversion", "/id", "/source", "/type", "/time", "/data_base64"}  # fmt: skip
    batch = HTTPMessage({"Content-Type": BATCH}, json.dumps([broken, 7]).encode())
    assert faults(send(product, batch)) >= {"/0/specversion", "/0/id", "/1"}
    headers = {"ce-specversion": "2.0", "ce-type": "a%", "ce-source": "s", "Content-Type": "application/json"}
    assert faults(send(product, HTTPMessage(headers, b"{"))) == {"ce-specversion", "ce-type", "ce-id", ""}


def test_another_format_is_refused(product):
    reply = send(product, HTTPMessage({"Content-Type": "application/cloudevents+avro"}, b"x"))
    assert (reply.status, reply.json["error"]) == (400, "UNSUPPORTED_EVENT_FORMAT")


# ---- and out again

FORMATS = {"structured": "CLOUDEVENTS_STRUCTURED", "binary": "CLOUDEVENTS_BINARY"}


def received(delivery):
    """What the SDK reads in a delivery."""
    return from_http_event(HTTPMessage(dict(delivery.headers), delivery.body))


def attributes(event):
    return {name: value for name, value in event.get_attributes().items() if value is not None}


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("mode", MODES)
def test_what_the_sdk_sends_is_what_the_sdk_receives(product, target, event_type, mode, form):
    subscription = product.subscribe(target, event_type, format=FORMATS[form])
    assert subscription["format"] == FORMATS[form]
    sent = cloud_event(event_type, source="/shop/e")
    send_in(product, mode, sent)
    [delivery] = target.wait_accepted()
    assert_signed(subscription["signingSecret"], delivery)
    event = received(delivery)
    assert event.get_data() == DATA
    assert attributes(event) == {**attributes(sent), "messagegroup": "group"}
    is_structured = delivery.header("Content-Type").startswith(STRUCTURED)
    assert is_structured == (form == "structured")


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("content_type", "data"),
    [("image/png", b"\x89PNG\r\n\x00\xff"), ("text/plain; charset=utf-8", "é 😀\n"), ("application/xml", "<a/>")],
)
def test_data_of_other_types_come_out_as_they_went_in(product, target, event_type, form, content_type, data):
    product.subscribe(target, event_type, format=FORMATS[form])
    send_in(product, "binary", cloud_event(event_type, data, datacontenttype=content_type))
    [delivery] = target.wait_accepted()
    event = received(delivery)
    raw = data if isinstance(data, bytes) else data.encode()
    got = event.get_data()
    assert (got if isinstance(got, bytes) else got.encode()) == raw
    assert event.get_datacontenttype() == content_type
    if form == "binary":
        assert delivery.body == raw


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("data", "content_type", "expected"),
    [
        ('{"orderId": "123"}', "application/json", {"orderId": "123"}),
        ("plain é", "text/plain; charset=utf-8", "plain é"),
        ({"a": [1]}, "application/json", {"a": [1]}),
    ],
)
def test_our_own_events_become_valid_cloud_events(product, target, event_type, form, data, content_type, expected):
    product.subscribe(target, event_type, format=FORMATS[form])
    context = [{"key": "tenant", "value": "é 1"}, {"key": "noAttribute", "value": "x"}, {"key": "id", "value": "no"}]
    stored = product.publish(event_type, data, source="my shop", contextData=context)
    [delivery] = target.wait_accepted()
    event = received(delivery)
    assert event.get_data() == expected
    got = attributes(event)
    got["time"] = got["time"].isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert got == {
        "specversion": "1.0",
        "id": stored["id"],
        "source": "my%20shop",
        "type": event_type,
        "time": stored["time"],
        "datacontenttype": content_type,
        "tenant": "é 1",
    }


@pytest.mark.parametrize("form", FORMATS)
def test_every_attempt_has_the_same_bytes(product, make_target, event_type, form):
    target = make_target([503])
    subscription = product.subscribe(target, event_type, format=FORMATS[form], retryStrategy=[0.05])
    send_in(product, "structured", cloud_event(event_type))
    first, second = target.wait(2)
    assert first.body == second.body
    of_event = [[(k, v) for k, v in one.headers if k.lower().startswith("ce-")] for one in (first, second)]
    assert of_event[0] == of_event[1]
    assert_signed(subscription["signingSecret"], second)


def test_a_job_made_by_api_is_a_cloud_event_too(product, target, event_type):
    subscription = product.subscribe(target, f"{event_type}.unused", format="CLOUDEVENTS_STRUCTURED")
    body = {"subscriptionId": subscription["id"], "targetUrl": target.url(), "payload": {"a": 1}, "code": "job.x"}
    job = product.must("POST", "/api/dispatch/jobs", body)
    [delivery] = target.wait_accepted()
    event = received(delivery)
    assert (event.get_id(), event.get_type(), event.get_data()) == (job["id"], "job.x", {"a": 1})


def test_unknown_format_and_headers_of_our_own_are_refused(product, target, event_type):
    body = {"name": "n", "eventTypes": [event_type], "targetUrl": target.url(), "format": "AVRO"}
    assert faults(product.call("POST", "/api/subscriptions", body)) == {"/format"}
    body = {**body, "format": "WEBHOOK", "headers": {"ce-id": "1"}}
    assert faults(product.call("POST", "/api/subscriptions", body)) == {"/headers/ce-id"}
