"""A payload arrives byte for byte, in whichever way it was published."""

import json

import pytest

VALUES = {
    "unusual numbers": b'[1e400, -0.0, 0.1000, 12345678901234567890, 1E+2, 1.0]',
    "one number": b"-0.0",
    "order of members": b'{"z":1,"a":2,"m":{"b":1,"a":2}}',
    "a member twice": b'{"a":1,"a":2}',
    "escapes": b'{"\\u00e9":"\\ud83d\\ude00 \\u0000 \\/ \\b","bom":"\\ufeff"}',
    "unicode": '{"é":"😀 \ufeff \u2028"}'.encode(),
    "white space inside": b'{ "a" :\t[ 1 ,\r\n 2 ] }',
    "empty": b"{}",
    "null": b"null",
}
TEXTS = {
    "JSON in a string": '{"n": 1e400, "n": -0.0}',
    "white space around": " \n{} \t",
    "controls and quotes": 'quote " backslash \\ newline \n NUL \u0000 DEL \x7f',
    "unicode": "é 😀 \ufeff \u2028",
    "no character": "",
}


def ours(event_type, data):
    return b'{"type":"%s","source":"s","data": %s }' % (event_type.encode(), data)


def structured(event_type, data, content_type="application/json"):
    attributes = {"specversion": "1.0", "id": event_type, "source": "/s", "type": event_type}
    attributes["datacontenttype"] = content_type
    return json.dumps(attributes).encode()[:-1] + b',"data":' + data + b"}"


def post(product, path, body, **headers):
    reply = product.call("POST", path, body, headers={"Content-Type": "application/json", **headers})
    assert reply.status in (200, 201), reply.body
    assert b'"status":"ERROR"' not in reply.body


def binary(product, event_type, data, content_type):
    fields = {"ce-specversion": "1.0", "ce-id": event_type, "ce-source": "/s", "ce-type": event_type}
    post(product, "/api/events", data, **fields, **{"Content-Type": content_type})


def cloud(product, path, body, form=""):
    post(product, path, body, **{"Content-Type": f"application/cloudevents{form}+json"})


BATCH = "/api/events/batch"
# Each takes the product, the event's type and the JSON of its data.
WAYS = {
    "single": lambda product, kind, data: post(product, "/api/events", ours(kind, data)),
    "bare batch": lambda product, kind, data: post(product, BATCH, b"[ %s ]" % ours(kind, data)),
    "batch": lambda product, kind, data: post(product, BATCH, b'{"events":[%s]}' % ours(kind, data)),
    "items": lambda product, kind, data: post(product, BATCH, b'{"items":[%s]}' % ours(kind, data)),
}
CLOUD_WAYS = {
    "structured": lambda product, kind, data, of: cloud(product, "/api/events", structured(kind, data, of)),
    "cloud batch": lambda product, kind, data, of: cloud(
        product, "/api/events", b"[" + structured(kind, data, of) + b"]", "-batch"
    ),
}


def arrived(target):
    [delivery] = target.wait_accepted()
    return delivery.body


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_json_value_arrives_with_its_own_bytes(product, target, event_type, way, value):
    product.subscribe(target, event_type)
    way(product, event_type, value)
    assert arrived(target) == value


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_string_arrives_as_its_text(product, target, event_type, way, text, ascii_only):
    product.subscribe(target, event_type)
    way(product, event_type, json.dumps(text, ensure_ascii=ascii_only).encode())
    assert arrived(target) == text.encode()


@pytest.mark.parametrize("value", [*VALUES.values(), b'"a string is JSON here"'], ids=[*VALUES, "string"])
@pytest.mark.parametrize("way", CLOUD_WAYS.values(), ids=CLOUD_WAYS)
def test_json_of_a_cloud_event_arrives_with_its_own_bytes(product, target, event_type, way, value):
    product.subscribe(target, event_type)
    way(product, event_type, value, "application/json")
    assert arrived(target) == value


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("way", CLOUD_WAYS.values(), ids=CLOUD_WAYS)
def test_text_of_a_cloud_event_arrives_as_it_is(product, target, event_type, way, text):
    product.subscribe(target, event_type)
    way(product, event_type, json.dumps(text).encode(), "text/plain")
    assert arrived(target) == text.encode()


@pytest.mark.parametrize("value", [*VALUES.values(), b'"a string"', b" {} \r\n"], ids=[*VALUES, "string", "around"])
def test_json_of_a_binary_cloud_event_arrives_as_it_is(product, target, event_type, value):
    product.subscribe(target, event_type)
    binary(product, event_type, value, "application/json")
    assert arrived(target) == value


@pytest.mark.parametrize("content_type", ["text/plain", "application/octet-stream"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_body_of_a_binary_cloud_event_arrives_as_it_is(product, target, event_type, text, content_type):
    product.subscribe(target, event_type)
    binary(product, event_type, text.encode(), content_type)
    [delivery] = target.wait_accepted()
    assert (delivery.body, delivery.header("Content-Type")) == (text.encode(), content_type)


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_the_envelope_has_the_bytes_of_a_json_value(product, target, event_type, value):
    product.subscribe(target, event_type, dataOnly=False)
    post(product, "/api/events", ours(event_type, value))
    assert b'"data":' + value in arrived(target)


@pytest.mark.parametrize("data", [b'"\\ud83d"', b'"\xff"', b"01", b"[1,]", b"\xef\xbb\xbf{}", b"NaN"])
def test_what_is_no_json_is_refused(product, event_type, data):
    assert product.call("POST", "/api/events", ours(event_type, data)).status == 400
    assert product.call("POST", BATCH, b"[" + ours(event_type, data) + b"]").status == 400


def test_data_base64_goes_in_and_out(product, target, event_type):
    product.subscribe(target, event_type)
    body = {"type": event_type, "source": "s", "dataBase64": "AP8=", "dataContentType": "image/x"}
    stored = product.must("POST", "/api/events", body)
    assert (stored["dataBase64"], stored["dataContentType"]) == ("AP8=", "image/x")
    [delivery] = target.wait_accepted()
    assert (delivery.body, delivery.header("Content-Type")) == (b"\x00\xff", "image/x")
    reply = product.call("POST", "/api/events", {**body, "dataBase64": "AP8", "data": 1})
    assert reply.status == 400
    assert {fault["pointer"] for fault in reply.json["errors"]} == {"/dataBase64"}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_envelope_has_a_string_as_a_string(product, target, event_type, text):
    product.subscribe(target, event_type, dataOnly=False)
    post(product, "/api/events", ours(event_type, json.dumps(text).encode()))
    assert json.loads(arrived(target))["data"] == text


JOBS = "/api/dispatch/jobs"
JOB_WAYS = {
    "single": (JOBS, b"%s"),
    "bare batch": (f"{JOBS}/batch", b"[ %s ]"),
    "batch": (f"{JOBS}/batch", b'{"jobs":[%s]}'),
    "items": (f"{JOBS}/batch", b'{"items":[%s]}'),
}
PAYLOADS = {
    **{name: (value, value) for name, value in VALUES.items()},
    **{name: (json.dumps(text).encode(), text.encode()) for name, text in TEXTS.items()},
}


@pytest.mark.parametrize(("payload", "bytes_sent"), PAYLOADS.values(), ids=PAYLOADS)
@pytest.mark.parametrize(("path", "form"), JOB_WAYS.values(), ids=JOB_WAYS)
def test_payload_of_a_job_arrives_with_its_own_bytes(product, target, event_type, path, form, payload, bytes_sent):
    subscription = product.subscribe(target, f"{event_type}.unused")
    about = json.dumps({"subscriptionId": subscription["id"], "targetUrl": target.url()}).encode()
    post(product, path, form % (about[:-1] + b',"payload": %s }' % payload))
    assert arrived(target) == bytes_sent


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("form", ["STRUCTURED", "BINARY"])
def test_a_cloud_event_out_has_the_bytes_of_a_json_value(product, target, event_type, form, value):
    product.subscribe(target, event_type, format=f"CLOUDEVENTS_{form}")
    post(product, "/api/events", ours(event_type, value))
    body = arrived(target)
    assert body == value if form == "BINARY" else b'"data":' + value in body


def test_payloads_go_byte_for_byte_by_way_of_the_queue(make_product, target, event_type):
    product = make_product(DISPATCH_HANDOVER="queue").start()
    product.subscribe(target, event_type)
    for data, _ in PAYLOADS.values():
        post(product, "/api/events", ours(event_type, data)[:-1] + b',"messageGroup":"g"}')
    target.wait_accepted(len(PAYLOADS))
    assert target.bodies() == [sent for _, sent in PAYLOADS.values()]
