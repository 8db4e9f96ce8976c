"""The same event or job twice is stored once."""


def test_b07_event_with_the_same_deduplication_id_answers_the_stored_one(product, target, event_type):
    product.subscribe(target, event_type)
    body = {"type": event_type, "source": "s", "data": "first", "deduplicationId": f"{event_type}-1"}
    first = product.call("POST", "/api/events", body)
    second = product.call("POST", "/api/events", {**body, "data": "second"})
    assert (first.status, second.status) == (201, 200)
    assert second.json["id"] == first.json["id"]
    assert second.json["data"] == "first"
    assert second.json["duplicate"] is True
    assert not first.json.get("duplicate")
    product.publish(event_type, "third")
    target.wait_accepted(2)
    assert sorted(target.bodies()) == [b"first", b"third"]


def test_batch_again_stores_nothing_twice(product, target, event_type):
    product.subscribe(target, event_type)
    events = [
        {
            "type": event_type,
            "source": "s",
            "data": str(n),
            "deduplicationId": f"{event_type}-{n}",
            "messageGroup": "g",
        }
        for n in range(5)
    ]
    first = product.must("POST", "/api/events/batch", {"events": events[:3]})
    again = product.must("POST", "/api/events/batch", {"events": events})
    assert again["count"] == 5
    assert [event["id"] for event in again["events"][:3]] == [event["id"] for event in first["events"]]
    assert [bool(event.get("duplicate")) for event in again["events"]] == [True, True, True, False, False]
    target.wait_accepted(5)
    assert target.bodies() == [b"0", b"1", b"2", b"3", b"4"]


def test_b08_a_bare_array_is_a_batch_and_a_duplicate_in_it_does_not_stop_it(product, target, event_type):
    product.subscribe(target, event_type)
    event = {"type": event_type, "source": "s", "data": "0", "deduplicationId": f"{event_type}-0"}
    first = product.must("POST", "/api/events", event)
    events = [{"type": event_type, "source": "s", "data": "1"}, event, {"type": event_type, "source": "s"}]
    reply = product.call("POST", "/api/events/batch", events)
    assert (reply.status, reply.json["count"]) == (201, 3)
    assert reply.json["events"][1]["id"] == first["id"]
    target.wait_accepted(3)


def test_the_same_value_twice_in_one_batch_is_one_event(product, target, event_type):
    product.subscribe(target, event_type)
    event = {"type": event_type, "source": "s", "data": "one", "deduplicationId": f"{event_type}-x"}
    stored = product.must("POST", "/api/events/batch", {"events": [event, event]})["events"]
    assert stored[0]["id"] == stored[1]["id"]
    assert stored[1]["duplicate"] is True
    [_] = target.wait_accepted()
    assert len(product.jobs(eventId=stored[0]["id"])) == 1


def test_deduplication_id_is_remembered_over_kill_9(own_product, target, event_type):
    own_product.subscribe(target, event_type)
    first = own_product.publish(event_type, "once", deduplicationId="d-1")
    own_product.kill9()
    own_product.restart()
    again = own_product.call(
        "POST",
        "/api/events",
        {"type": event_type, "source": "test", "data": "once", "deduplicationId": "d-1"},
    )
    assert (again.status, again.json["id"]) == (200, first["id"])
    target.wait_accepted()
    assert len(own_product.jobs(eventId=first["id"])) == 1


def test_events_without_a_deduplication_id_are_never_the_same(product, event_type):
    first, second = product.publish(event_type, "x"), product.publish(event_type, "x")
    assert first["id"] != second["id"]


def test_b07_job_with_the_same_idempotency_key_answers_the_stored_one(product, target, event_type):
    subscription = product.subscribe(target, f"{event_type}.unused")
    event = product.publish(event_type)
    body = {
        "eventId": event["id"],
        "subscriptionId": subscription["id"],
        "targetUrl": target.url(),
        "payload": "first",
        "idempotencyKey": f"{event_type}-key",
    }
    first = product.call("POST", "/api/dispatch/jobs", body)
    second = product.call("POST", "/api/dispatch/jobs", {**body, "payload": "second"})
    assert (first.status, second.status) == (201, 200)
    assert second.json["id"] == first.json["id"]
    assert second.json["duplicate"] is True
    product.wait_status(first.json["id"], "COMPLETED")
    assert target.bodies() == [b"first"]
