"""The numbers of the first page, and what a user interface asks before anybody has logged in."""

from harness.waiting import wait_until


def dashboard(product):
    return product.must("GET", "/api/bff/dashboard")


def test_dashboard_counts_what_happens(own_product, make_target):
    product = own_product
    good, bad = make_target(), make_target(choose=lambda delivery: 404)
    product.pool("busy", concurrency=3, rateLimit=600)
    product.subscribe(good, "good")
    product.subscribe(bad, "bad")
    waiting = product.subscribe(good, "waiting", name="waits", dispatchPoolId="busy")
    product.must("POST", f"/api/subscriptions/{waiting['id']}/pause")
    product.publish_many([{"type": "good"}] * 3 + [{"type": "bad"}] * 2 + [{"type": "waiting"}] * 4)
    wait_until(lambda: dashboard(product)["queueDepth"] == 4, why="all but those that are held to end")
    now = dashboard(product)
    counted = ("events", "deliveries", "failed", "failedAttempts", "queueDepth", "openBreakers")
    assert [now[name] for name in counted] == [9, 3, 2, 2, 4, 0]
    assert [(row["name"], row["status"], row["openJobs"]) for row in now["subscriptions"]] == [("waits", "PAUSED", 4)]
    busy, default = now["pools"]
    assert (busy["code"], busy["openJobs"], busy["concurrency"], busy["rateLimitPerMin"]) == ("busy", 4, 3, 600)
    assert (default["code"], default["openJobs"], default["active"]) == ("default", 0, 0)
    wait_until(lambda: dashboard(product)["oldestWaitingSeconds"] >= 1, 5, "the held jobs to grow older")
    assert product.must("GET", "/api/stats") == {
        "eventTypes": 3,
        "subscriptions": 3,
        "dispatchPools": 2,
        "events": 9,
        "messagesProcessed": 3,
    }


def test_dashboard_names_the_targets_whose_breakers_are_open(own_product, make_target):
    target = make_target(choose=lambda delivery: 500)
    own_product.subscribe(target, "refused")
    own_product.publish_many([{"type": "refused"}] * 20)
    now = wait_until(lambda: next((now for now in [dashboard(own_product)] if now["openBreakers"]), None))
    assert now["openBreakers"] == 1
    [breaker] = now["breakers"]
    assert str(target.port) in breaker["target"] and breaker["state"] in ("OPEN", "HALF_OPEN")


def test_health_is_told_below_api_too(product):
    for path in ("/api/health", "/api/health/live", "/api/health/ready"):
        reply = product.call("GET", path, token=None)
        assert (reply.status, reply.json["status"]) == (200, "UP")


def test_what_the_installation_can_do_is_open_to_all(product):
    reply = product.call("GET", "/api/config/platform", token=None)
    assert (reply.status, reply.json) == (200, {"features": {"messagingEnabled": True}})


def test_dashboard_and_counts_ask_for_a_token(product):
    for path in ("/api/bff/dashboard", "/bff/dashboard", "/api/stats"):
        assert product.call("GET", path, token=None).status == 401
