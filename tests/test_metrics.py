"""The metrics, as a maintained parser reads them; and the logs."""

import json
import re

from prometheus_client.parser import text_string_to_metric_families

from harness.product import REPOSITORY
from harness.waiting import wait_until


class Scrape:
    def __init__(self, product):
        reply = product.call("GET", "/metrics", token=None)
        assert reply.status == 200
        self.families = {family.name: family for family in text_string_to_metric_families(reply.body.decode())}
        self.samples = {}
        for family in self.families.values():
            for sample in family.samples:
                key = (sample.name, frozenset(sample.labels.items()))
                assert key not in self.samples, f"{key} twice"
                self.samples[key] = sample.value

    def value(self, name, **labels):
        return self.samples.get((f"flowcatalyst_{name}", frozenset(labels.items())))

    def labels(self, name):
        return [dict(labels) for sample, labels in self.samples if sample == f"flowcatalyst_{name}"]


def wait_value(product, wanted, name, **labels):
    wait_until(lambda: Scrape(product).value(name, **labels) == wanted, why=f"{name}{labels} = {wanted}")


# Names of the earlier edition that its dashboards ask for. Those of its stream processor and its outbox are
# not of this program.
EARLIER_NAMES = {
    "pool_messages_processed_total",
    "pool_processing_duration_seconds",
    "pool_active_workers",
    "pool_queue_depth",
    "pool_rate_limit_rejections_total",
    "pool_available_permits",
    "pool_message_group_count",
    "mediator_http_requests_total",
    "mediator_http_duration_seconds",
    "mediator_circuit_breaker_state",
    "mediator_circuit_breaker_trips_total",
    "scheduler_jobs_scheduled_total",
    "scheduler_jobs_pending",
    "scheduler_stale_jobs_recovered_total",
    "queue_messages_published_total",
    "queue_messages_consumed_total",
    "queue_publish_errors_total",
    "consumer_restarts_total",
    "consumer_stall_events_total",
    "pipeline_map_size",
    "pipeline_total_capacity",
    "http_requests_total",
    "http_request_duration_seconds",
    "http_active_connections",
    "db_operations_total",
    "db_operation_duration_seconds",
    "db_operation_errors_total",
}
OPERATIONS_PAGE = (REPOSITORY / "docs" / "operations.md").read_text()


def names_in_table(heading):
    """What the first column of the first table below that line names."""
    table = re.search(r"(?:^\|.*\n)+", OPERATIONS_PAGE.split(heading, 1)[1], re.MULTILINE)
    return {name for row in table[0].splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])}


def served_names(scrape):
    """Those of ours, counters with their `_total`."""
    return {
        family.name.removeprefix("flowcatalyst_") + ("_total" if family.type == "counter" else "")
        for family in scrape.families.values()
        if family.name.startswith("flowcatalyst_")
    }


def test_each_name_of_the_earlier_edition_is_served_or_explained(product):
    missing = names_in_table("Names of earlier editions that are not here")
    assert served_names(Scrape(product)) & missing == set()
    assert EARLIER_NAMES - served_names(Scrape(product)) == missing


def test_the_page_for_operators_names_every_metric(product):
    assert names_in_table("## Metrics") == served_names(Scrape(product))


def test_requests_to_targets_are_counted_by_their_answers_and_timed(own_product, make_target, event_type):
    target = make_target([404, 200, 200])
    own_product.subscribe(target, event_type)
    own_product.subscribe("http://127.0.0.1:1/", f"{event_type}.nobody", maxRetries=1)
    own_product.publish_many([{"type": event_type, "data": "x"}] * 3 + [{"type": f"{event_type}.nobody"}])
    for labels, count in (("404", 1), ("200", 2), ("error", 1)):
        wait_value(own_product, count, "delivery_http_requests_total", status_code=labels, method="POST")
    assert Scrape(own_product).value("delivery_http_duration_seconds_count") == 4


def test_pointers_are_counted_by_their_queue(make_product, target, event_type):
    product = make_product(DISPATCH_HANDOVER="queue").start()
    product.subscribe(target, event_type)
    product.publish_many([{"type": event_type, "data": "x"}] * 5)
    target.wait_accepted(5)
    wait_value(product, 5, "queue_messages_published_total", queue_type="embedded")
    wait_value(product, 5, "queue_messages_consumed_total", queue_type="embedded")
    assert Scrape(product).value("queue_publish_errors_total", queue_type="embedded") == 0


def test_tallies_agree_with_what_verify_counts(own_product, make_target, event_type):
    own_product.subscribe(make_target(), event_type)
    own_product.subscribe(make_target([404] * 3), f"{event_type}.dead")
    held = own_product.subscribe(make_target(), f"{event_type}.held")
    own_product.must("POST", f"/api/subscriptions/{held['id']}/pause")
    types = [event_type] * 7 + [f"{event_type}.dead"] * 3 + [f"{event_type}.held"] * 2 + [f"{event_type}.none"]
    own_product.publish_many([{"type": each, "data": "x"} for each in types])
    wait_value(own_product, 7, "pool_jobs", pool_code="default", state="completed")
    wait_value(own_product, 3, "pool_jobs", pool_code="default", state="error")
    scrape = Scrape(own_product)
    events, jobs, still_open = map(int, re.findall(r"\d+", own_product.cli("verify").stdout.split(": ", 1)[1])[:3])
    assert scrape.value("pool_jobs", pool_code="default", state="created") == jobs == 12
    assert scrape.value("pool_jobs", pool_code="default", state="open") == still_open == 2
    assert scrape.value("client_events", client_id="", state="accepted") == events == 13
    assert scrape.value("client_events", client_id="", state="with_jobs") == 12
    assert scrape.value("client_events", client_id="", state="without_match") == 1


def test_backlog_by_pool_and_subscription_comes_and_goes(own_product, target, event_type):
    pool = own_product.pool(f"pool-{event_type}")
    held = own_product.subscribe(target, event_type, dispatchPoolId=pool["id"])
    own_product.must("POST", f"/api/subscriptions/{held['id']}/pause")
    own_product.publish_many([{"type": event_type, "data": "x"}] * 5)
    labels = {"client_id": "", "subscription": held["code"]}
    wait_value(own_product, 5, "subscription_backlog_jobs", **labels)
    scrape = Scrape(own_product)
    assert scrape.value("pool_backlog_jobs", pool_code=pool["id"]) == 5
    assert scrape.value("scheduler_jobs_pending") == 5
    wait_until(
        lambda: Scrape(own_product).value("subscription_backlog_oldest_age_seconds", **labels) > 1,
        why="the backlog to age",
    )
    own_product.must("POST", f"/api/subscriptions/{held['id']}/resume")
    wait_value(own_product, None, "subscription_backlog_jobs", **labels)
    wait_value(own_product, 0, "pool_backlog_jobs", pool_code=pool["id"])


def test_g14_requests_are_counted_by_the_path_of_their_route(own_product, event_type):
    ids = [own_product.publish(event_type)["id"] for _ in range(3)]
    for event in ids:
        own_product.must("GET", f"/api/events/{event}")
    own_product.api("GET", "/no/such/path")
    scrape = Scrape(own_product)
    assert scrape.value("http_requests_total", path="/api/events/{id}", method="GET", status="2xx") == 3
    assert scrape.value("http_requests_total", path="none", method="none", status="4xx") == 1
    assert scrape.value("http_request_duration_seconds_count", path="/api/events", method="POST") == 3
    assert not [labels for labels in scrape.labels("http_requests_total") if ids[0] in labels["path"]]


def test_commits_are_counted_and_timed(own_product, event_type):
    before = Scrape(own_product)
    own_product.publish(event_type)
    after = Scrape(own_product)
    for name, labels in (
        ("db_operations_total", {"operation": "commit", "result": "success"}),
        ("db_operation_duration_seconds_count", {"operation": "commit"}),
    ):
        assert after.value(name, **labels) > before.value(name, **labels)
    assert after.value("store_free_bytes") > 0


def test_no_secret_is_in_the_log_and_each_line_is_json(make_product, make_target, event_type):
    product = make_product(LOG_FORMAT="json", LOG_LEVEL="debug").start()
    secrets = [product.token, (product.data / "app-key").read_text().strip()]
    for answers in ([500, 404], [410], []):
        body = product.subscribe(
            make_target(answers), event_type, headers={"X-Key": "very-private"}, retryStrategy=[0.05]
        )
        secrets.append(body["signingSecret"])
    product.publish_many([{"type": event_type, "data": "what was sent"}] * 3)
    wait_until(lambda: "paused" in product.log.read_text(), why="the gone target to pause its subscription")
    product.call("GET", "/api/events", token="wrong-token")
    product.stop()
    lines = [line for line in product.log.read_text().splitlines() if line.startswith("{")]
    for line in lines:
        assert {"time", "level", "message"} <= json.loads(line).keys()
    log = "\n".join(lines)
    for secret in [*secrets, "very-private", "what was sent", "wrong-token"]:
        assert secret not in log


def test_info_says_what_was_decided_and_nothing_of_single_events(own_product, target, event_type):
    own_product.subscribe(target, event_type)
    own_product.publish(event_type)
    target.wait_accepted(1)
    before = own_product.log.read_text()
    own_product.publish_many([{"type": event_type, "data": "x"}] * 100)
    target.wait_accepted(101)
    assert own_product.log.read_text() == before


def test_b52_what_is_not_there_is_no_fault_of_the_store(own_product):
    for path in ("events", "subscriptions", "dispatch-pools", "dispatch/jobs"):
        assert own_product.call("GET", f"/api/{path}/0HZXEQ5Y8JY5Z").status == 404
    scrape = Scrape(own_product)
    counted = scrape.labels("db_operations_total")
    assert counted and not [
        labels
        for labels in counted
        if labels["result"] != "success" and scrape.value("db_operations_total", **labels) > 0
    ]
    assert own_product.call("GET", "/q/health", token=None).json["status"] == "UP"
