"""What every route has in common: other origins, and the correlation of a request."""

UNKNOWN = "0HZXEQ5Y8JY5Z"


def test_b48_other_origins_may_patch_and_name_tenant_and_trace(product):
    ask = {
        "Origin": "http://localhost:4200",
        "Access-Control-Request-Method": "PATCH",
        "Access-Control-Request-Headers": "X-Client-ID, X-Correlation-ID, X-Causation-ID",
    }
    reply = product.call("OPTIONS", f"/api/subscriptions/{UNKNOWN}", token=None, headers=ask)
    assert reply.status == 204
    assert reply.headers["access-control-allow-origin"] == "http://localhost:4200"
    assert "PATCH" in reply.headers["access-control-allow-methods"]
    allowed = reply.headers["access-control-allow-headers"].lower()
    assert all(name.lower() in allowed for name in ask["Access-Control-Request-Headers"].split(", "))
    foreign = product.call("OPTIONS", "/api/events", token=None, headers={**ask, "Origin": "http://evil.example"})
    assert "access-control-allow-origin" not in foreign.headers


def test_g14_an_answer_has_the_correlation_of_its_request(product):
    given = product.call("GET", "/api/stats", headers={"X-Correlation-ID": "order-42"})
    assert given.headers["x-correlation-id"] == "order-42"
    first, second = (product.call("GET", "/api/stats").headers["x-correlation-id"] for _ in range(2))
    assert first and second and first != second
