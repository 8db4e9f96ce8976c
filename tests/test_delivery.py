"""What a receiver gets: the bytes, the headers, the signatures, and from which subscriptions."""

import json

import pytest

from harness.webhooks import assert_signed, standard_signature_holds

ODD_JSON = [
    b'{ "a" : 1.0e5 ,\n\t"b":[ ] , "c":12345678901234567890.10, "a":2 }',
    b'{"unicode":"\\u00e9 \xc3\xa9 \\ud83d\\ude00 \xf0\x9f\x98\x80","slash":"\\/"}',
    b"[1,  2, -0.0, 1E+2]",
    b"42",
    b"true",
]


def publish_raw(product, event_type, data):
    body = b'{"type":"' + event_type.encode() + b'" , "data": ' + data + b' , "source":"raw"}'
    reply = product.call("POST", "/api/events", body)
    assert reply.status == 201, reply.body
    return reply.json


@pytest.mark.parametrize("data", ODD_JSON)
def test_json_data_arrives_with_its_own_bytes(product, target, event_type, data):
    product.subscribe(target, event_type)
    publish_raw(product, event_type, data)
    target.wait_accepted()
    assert target.bodies() == [data]


@pytest.mark.parametrize("data", ODD_JSON)
def test_json_data_of_a_batch_arrives_with_its_own_bytes(product, target, event_type, data):
    product.subscribe(target, event_type)
    one = b'{"type":"' + event_type.encode() + b'","source":"raw","data":' + data + b"}"
    assert product.call("POST", "/api/events/batch", b'{"events":[ ' + one + b" ]}").status == 201
    target.wait_accepted()
    assert target.bodies() == [data]


@pytest.mark.parametrize(
    "text",
    ['{"orderId": "123"}', "plain text", 'quotes " and \\ and \n newline', "é 😀 \u0000 zero", " spaces "],
)
def test_string_data_arrives_as_its_decoded_text(product, target, event_type, text):
    product.subscribe(target, event_type)
    product.publish(event_type, text)
    target.wait_accepted()
    assert target.bodies() == [text.encode()]


def test_data_of_nearly_a_mebibyte_arrives_whole(product, target, event_type):
    product.subscribe(target, event_type)
    text = "0123456789abcdef" * 65000
    product.publish(event_type, text)
    target.wait_accepted()
    assert target.bodies() == [text.encode()]


def test_g04_request_is_a_post_of_json_to_the_whole_target_url(product, target, event_type):
    product.subscribe(target.url("/hooks/a%20b?tenant=1&x=%2F"), event_type)
    product.publish(event_type)
    [delivery] = target.wait_accepted()
    assert (delivery.method, delivery.path) == ("POST", "/hooks/a%20b?tenant=1&x=%2F")
    assert delivery.header("Content-Type") == "application/json"
    assert delivery.header("Host") == f"127.0.0.1:{target.port}"


def test_g05_both_signatures_hold(product, target, event_type):
    subscription = product.subscribe(target, event_type)
    publish_raw(product, event_type, '{"a": "é"}'.encode())
    [delivery] = target.wait_accepted()
    assert_signed(subscription["signingSecret"], delivery)
    assert abs(int(delivery.header("webhook-timestamp")) - delivery.wall) < 5
    assert delivery.header("X-FlowCatalyst-Timestamp") == delivery.header("webhook-timestamp")


def test_another_secret_does_not_verify(product, target, event_type):
    product.subscribe(target, event_type)
    other = product.subscribe(target, f"{event_type}.other")
    product.publish(event_type)
    [delivery] = target.wait_accepted()
    with pytest.raises(Exception, match="No matching signature"):
        standard_signature_holds(other["signingSecret"], delivery)


def test_iso_timestamps_by_setting(make_product, target, event_type):
    product = make_product(WEBHOOK_TIMESTAMP_FORMAT="iso").start()
    subscription = product.subscribe(target, event_type)
    product.publish(event_type)
    [delivery] = target.wait_accepted()
    assert_signed(subscription["signingSecret"], delivery)
    assert delivery.header("X-FlowCatalyst-Timestamp").endswith("Z")
    assert delivery.header("webhook-timestamp").isdigit()


def test_g05_headers_say_where_the_delivery_comes_from(product, target, event_type):
    product.subscribe(target, event_type)
    event = product.publish(event_type, subject="order/1", correlationId="corr-1")
    [delivery] = target.wait_accepted()
    expected = {
        "X-FlowCatalyst-ID": delivery.job_id,
        "X-FlowCatalyst-Causation-ID": event["id"],
        "X-FlowCatalyst-Kind": "EVENT",
        "X-FlowCatalyst-Code": event_type,
        "X-FlowCatalyst-Subject": "order/1",
        "X-FlowCatalyst-Correlation-ID": "corr-1",
        "X-FlowCatalyst-Attempt": "1",
    }
    assert {name: delivery.header(name) for name in expected} == expected


def test_empty_headers_are_left_out(product, target, event_type):
    product.subscribe(target, event_type)
    product.publish(event_type)
    [delivery] = target.wait_accepted()
    assert delivery.header("X-FlowCatalyst-Subject") is None
    assert delivery.header("X-FlowCatalyst-Correlation-ID") is None
    assert delivery.header("Authorization") is None


def test_second_attempt_has_the_same_id_and_says_that_it_is_the_second(product, make_target, event_type):
    target = make_target([503])
    subscription = product.subscribe(target, event_type, retryStrategy=[0.05])
    product.publish(event_type)
    first, second = target.wait(2)
    assert first.job_id == second.job_id
    assert second.header("X-FlowCatalyst-Attempt") == "2"
    assert_signed(subscription["signingSecret"], second)


def test_own_headers_of_the_subscription_are_sent(product, target, event_type):
    product.subscribe(target, event_type, headers={"X-Api-Key": "k 1", "X-Tenant": "t"})
    product.publish(event_type)
    [delivery] = target.wait_accepted()
    assert (delivery.header("X-Api-Key"), delivery.header("X-Tenant")) == ("k 1", "t")


@pytest.mark.parametrize("name", ["webhook-signature", "Content-Length", "X-FlowCatalyst-Signature", "Host"])
def test_own_headers_cannot_replace_ours(product, target, event_type, name):
    body = {"name": "n", "eventTypes": [event_type], "targetUrl": target.url(), "headers": {name: "1"}}
    reply = product.call("POST", "/api/subscriptions", body)
    assert reply.status == 400
    assert f"/headers/{name}" in [fault["pointer"] for fault in reply.json["errors"]]


def test_header_with_a_line_break_is_refused(product, target, event_type):
    body = {
        "name": "n",
        "eventTypes": [event_type],
        "targetUrl": target.url(),
        "headers": {"X-A": "1\r\nX-B: 2"},
    }
    assert product.api("POST", "/api/subscriptions", body)[0] == 400


def test_envelope_holds_the_event_when_not_data_only(product, make_target, event_type):
    target = make_target([503])
    subscription = product.subscribe(target, event_type, dataOnly=False, retryStrategy=[0.05])
    event = product.publish(event_type, {"a": 1}, subject="s", correlationId="c", messageGroup="g")
    first, second = target.wait(2)
    assert first.body == second.body
    envelope = second.json
    assert envelope["id"] == event["id"]
    assert envelope["data"] == {"a": 1}
    same = ("type", "source", "subject", "time", "correlationId", "messageGroup")
    assert {name: envelope[name] for name in same} == {name: event[name] for name in same}
    assert_signed(subscription["signingSecret"], second)


def test_envelope_keeps_the_bytes_of_json_data(product, target, event_type):
    product.subscribe(target, event_type, dataOnly=False)
    publish_raw(product, event_type, ODD_JSON[0])
    [delivery] = target.wait_accepted()
    assert ODD_JSON[0] in delivery.body


def test_envelope_holds_text_data_as_a_string(product, target, event_type):
    product.subscribe(target, event_type, dataOnly=False)
    product.publish(event_type, 'not "json"')
    [delivery] = target.wait_accepted()
    assert json.loads(delivery.body)["data"] == 'not "json"'


@pytest.mark.parametrize(
    "pattern, yes, no",
    [
        ("{t}.order.created", ["{t}.order.created"], ["{t}.order.created.x", "{t}.order"]),
        ("{t}.order.*", ["{t}.order.created", "{t}.order.paid"], ["{t}.order", "{t}.order.item.added"]),
        ("{t}.*.created", ["{t}.order.created"], ["{t}.order.paid", "{t}.a.b.created"]),
        ("{t}.**", ["{t}.order", "{t}.order.item.added"], ["{t}x.order"]),
        ("{t}:iam:*:created", ["{t}:iam:user:created"], ["{t}:iam:user:deleted", "{t}:iam:created"]),
    ],
)
def test_pattern_matches_whole_segments(product, target, event_type, pattern, yes, no):
    product.subscribe(target, pattern.format(t=event_type))
    names = [name.format(t=event_type) for name in [*no, *yes]]
    product.publish_many([{"type": name, "data": name, "messageGroup": "one"} for name in names])
    target.wait_accepted(len(yes))
    assert target.bodies() == [name.format(t=event_type).encode() for name in yes]


def test_two_stars_alone_match_everything(own_product, target):
    own_product.subscribe(target, "**")
    own_product.publish("a", "1", messageGroup="g")
    own_product.publish("b.c:d", "2", messageGroup="g")
    target.wait_accepted(2)
    assert target.bodies() == [b"1", b"2"]


def test_event_matched_by_two_patterns_of_one_subscription_is_delivered_once(product, target, event_type):
    product.subscribe(target, [f"{event_type}.a", f"{event_type}.*"])
    event = product.publish(f"{event_type}.a")
    target.wait_accepted()
    assert len(product.jobs(eventId=event["id"])) == 1


def test_each_matching_subscription_gets_its_own_signed_copy(product, make_target, event_type):
    targets = [make_target() for _ in range(3)]
    secrets = [product.subscribe(target, event_type)["signingSecret"] for target in targets]
    product.publish(event_type, "copy")
    deliveries = [target.wait_accepted()[0] for target in targets]
    assert len({delivery.job_id for delivery in deliveries}) == 3
    for secret, delivery in zip(secrets, deliveries, strict=True):
        assert delivery.body == b"copy"
        assert_signed(secret, delivery)


def test_event_that_nobody_wants_is_stored_without_jobs(product, event_type):
    event = product.publish(event_type)
    assert product.api("GET", f"/api/events/{event['id']}")[0] == 200
    assert product.jobs(eventId=event["id"]) == []


def test_g02_an_event_becomes_a_job_for_each_subscription_that_wants_it(product, make_target, event_type):
    targets = [make_target(), make_target()]
    for one in targets:
        product.subscribe(one, event_type)
    event = product.publish(event_type, "fan out")
    assert event["dispatchJobCount"] == 2
    for one in targets:
        one.wait_accepted()
        assert one.bodies() == [b"fan out"]


def test_b10_a_read_event_has_its_time_and_its_context(product, event_type):
    context = [{"key": "tenant", "value": "é"}]
    stored = product.publish(event_type, time="2026-01-02T03:04:05.6+01:00", contextData=context)
    read = product.must("GET", f"/api/events/{stored['id']}")
    assert read == stored
    assert (read["time"], read["contextData"]) == ("2026-01-02T02:04:05.600Z", context)
    assert read["createdAt"].endswith("Z")


@pytest.mark.parametrize("time", ["yesterday", "", "2026-02-30T00:00:00Z", 5])
def test_a_time_that_cannot_be_read_is_an_error(product, event_type, time):
    reply = product.call("POST", "/api/events", {"type": event_type, "source": "s", "time": time})
    assert reply.status == 400
    assert [fault["pointer"] for fault in reply.json["errors"]] == ["/time"]
