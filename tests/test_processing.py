"""B-09: the processing endpoint, which routers in other processes call for our own pointers."""

import hashlib
import hmac
import json
import urllib.error
import urllib.request



def process(product, job_id, token):
    request = urllib.request.Request(
        f"http://127.0.0.1:{product.http_port}/api/dispatch/process",
        data=json.dumps({"messageId": job_id}).encode() if job_id is not None else b"{",
        headers={"Authorization": f"Bearer {token}"} if token else {},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def token_of(product, job_id):
    key = (product.data / "app-key").read_text().strip()
    return hmac.new(key.encode(), job_id.encode(), hashlib.sha256).hexdigest()


def test_b09_is_registered_and_checks_its_own_token(product):
    job_id = "0HZXEQ5Y8JY5Z"
    assert process(product, job_id, None)[0] == 401
    status, body = process(product, job_id, "00" * 32)
    assert status == 401 and body["ack"] is False
    assert process(product, None, "x")[0] == 400


def test_b09_unknown_and_ended_jobs_are_acknowledged(product):
    job_id = "0HZXEQ5Y8JY5Z"
    status, body = process(product, job_id, token_of(product, job_id))
    assert status == 200 and body["ack"] is True
