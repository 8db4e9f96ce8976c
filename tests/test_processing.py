"""B-09: the processing endpoint, which routers in other processes call for our own pointers."""

import hashlib
import hmac

UNKNOWN = "0HZXEQ5Y8JY5Z"


def process(product, job_id, token):
    return product.call("POST", "/api/dispatch/process", {"messageId": job_id}, token=token)


def token_of(product, job_id):
    key = (product.data / "app-key").read_text().strip()
    return hmac.new(key.encode(), job_id.encode(), hashlib.sha256).hexdigest()


def test_b09_is_registered_and_checks_its_own_token(product):
    for token in (None, "00" * 32, "dev", token_of(product, "0HZXEQ5Y8JY60")):
        reply = process(product, UNKNOWN, token)
        assert (reply.status, reply.json["ack"]) == (401, False)


def test_b09_a_body_that_is_no_json_is_a_bad_request(product):
    assert product.call("POST", "/api/dispatch/process", b"{", token="x").status == 400


def test_b09_unknown_job_is_acknowledged(product):
    reply = process(product, UNKNOWN, token_of(product, UNKNOWN))
    assert (reply.status, reply.json["ack"]) == (200, True)


def test_b09_ended_job_is_acknowledged_and_not_delivered_again(product, target, event_type):
    product.subscribe(target, event_type)
    product.publish(event_type)
    job = product.wait_status(target.wait()[0].job_id, "COMPLETED")
    reply = process(product, job["id"], token_of(product, job["id"]))
    assert (reply.status, reply.json["ack"]) == (200, True)
    assert len(target.deliveries) == 1
