"""The lists of the user interface: every filter, pages and cursors, totals, options, and single rows."""

import re
import threading
from urllib.parse import quote

import pytest

from harness.product import Product
from harness.target import Target
from harness.waiting import wait_until

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
EVENTS = "/api/bff/events"
JOBS = "/api/bff/dispatch-jobs"
CLIENT = "0000000000123"

# One event each; the last member of a type is dropped where it has fewer than four.
SAMPLES = {
    "created": {
        "type": "shop:orders:order:created",
        "source": "checkout-service",
        "subject": "Order/100 [a+b](c",
        "correlationId": "corr-1",
        "messageGroup": "group-1",
        "deduplicationId": "dedup-1",
        "causationId": "cause-1",
        "time": "2026-01-01T00:00:00+02:00",
        "contextData": [{"key": "k", "value": "v"}],
    },
    "paid": {
        "type": "shop:orders:payment:paid",
        "source": "payments",
        "subject": "order/100",
        "correlationId": "corr-2",
        "messageGroup": "group-1",
        "time": "2026-01-02T00:00:00Z",
    },
    "parcel": {
        "type": "shop:shipping:parcel:sent",
        "source": "Warehouse",
        "subject": "parcel_7",
        "correlationId": "corr-1",
        "messageGroup": "group-2",
        "time": "2026-01-03T00:00:00Z",
    },
    "dotted": {
        "type": "bank.accounts.account.opened",
        "source": "core-banking",
        "subject": "100%",
        "time": "2026-01-04T00:00:00Z",
    },
    "short": {"type": "ping", "source": "monitor", "time": "2026-01-05T00:00:00Z"},
}
TENANTS = {"created", "dotted"}


class World:
    """A product with the samples, each delivered to two subscriptions in two pools."""

    def __init__(self, product, target):
        self.product = product
        pools = [product.pool("first"), product.pool("second")]
        self.pools = [pool["id"] for pool in pools]
        types = [sample["type"] for sample in SAMPLES.values()]
        self.subscriptions = [
            product.subscribe(target.url(path), types, name=path, dispatchPoolId=pool)
            for path, pool in (("/ok", "first"), ("/refused", self.pools[1]))
        ]
        self.ids = {}
        self.created = {}
        for name, sample in SAMPLES.items():
            headers = {"X-Client-ID": CLIENT} if name in TENANTS else {}
            reply = product.call("POST", "/api/events", {"data": '{"a": 1}', **sample}, headers=headers)
            assert reply.status == 201, reply.body
            self.ids[name] = reply.json["id"]
            self.created[name] = reply.json["createdAt"]
        ended = f"{JOBS}?statuses=COMPLETED,ERROR&size=100"
        wait_until(lambda: len(self.items(ended)) == 2 * len(SAMPLES), 20, "all jobs to end")

    def items(self, path):
        return self.product.must("GET", path)["items"]

    def events(self, query):
        """The names of the samples that a query of events finds."""
        names = {one: name for name, one in self.ids.items()}
        return [names[item["id"]] for item in self.items(f"{EVENTS}?{query}")]

    def jobs(self, query):
        """(sample, subscription's name) of each job that a query finds."""
        names = {one: name for name, one in self.ids.items()}
        return {
            (names[item["eventId"]], item["subscriptionName"]) for item in self.items(f"{JOBS}?size=100&{query}")
        }


@pytest.fixture(scope="module")
def world():
    target = Target(choose=lambda delivery: 404 if delivery.path == "/refused" else 200)
    product = Product().start()
    try:
        yield World(product, target)
        product.stop()
    finally:
        product.dispose()
        target.down()


BOTH = [
    ("clientId=null", {"paid", "parcel", "short"}),
    (f"clientId={CLIENT}", {"created", "dotted"}),
    (f"clientIds=null,{CLIENT}", set(SAMPLES)),
    (f"clientIds=null&clientIds={CLIENT}", set(SAMPLES)),
    ("type=shop:orders:order:created", {"created"}),
    ("type=shop:orders:order:created&type=ping", {"created", "short"}),
    ("types=shop:orders:order:created,ping", {"created", "short"}),
    ("types=shop:orders", set()),
    ("application=bank", {"dotted"}),
    ("applications=bank,ping", {"dotted", "short"}),
    ("applications=%20bank%20,,ping", {"dotted", "short"}),
    ("subdomains=orders", {"created", "paid"}),
    ("subdomain=orders&subdomain=accounts", {"created", "paid", "dotted"}),
    ("aggregates=payment,parcel", {"paid", "parcel"}),
    ("source=WARE", {"parcel"}),
    ("source=service", {"created"}),
    ("source=pay.*", set()),
    ("subject=order/", {"created", "paid"}),
    ("correlationId=corr-1", {"created", "parcel"}),
    ("correlationId=corr", set()),
    ("messageGroup=group-1", {"created", "paid"}),
    ("text=PARCEL", {"parcel"}),
    ("createdAfter=2020-01-01T00:00:00Z", set(SAMPLES)),
    ("createdBefore=2020-01-01T00:00:00Z", set()),
    ("applications=shop&subdomains=orders&messageGroup=group-1&source=pay", {"paid"}),
    ("applications=shop&clientIds=null&text=order", {"paid"}),
]


@pytest.mark.parametrize("query, names", BOTH)
def test_events_are_found_by(world, query, names):
    found = world.events(query)
    assert len(found) == len(set(found))
    assert set(found) == names


@pytest.mark.parametrize("query, names", [each for each in BOTH if "client" not in each[0]])
def test_jobs_are_found_by(world, query, names):
    assert world.jobs(query) == {(name, path) for name in names for path in ("/ok", "/refused")}


@pytest.mark.parametrize("query, names", BOTH)
def test_raw_events_are_found_by(world, query, names):
    found = {item["id"] for item in world.items(f"/api/bff/debug/events?{query}")}
    assert found == {world.ids[name] for name in names}


@pytest.mark.parametrize("path", [JOBS, "/api/bff/debug/dispatch-jobs", "/api/dispatch/jobs"])
def test_every_list_of_jobs_has_the_same_filters(world, path):
    def found(query):
        return {item["id"] for item in world.items(f"{path}?size=100&{query}")}

    ended = found("statuses=COMPLETED,ERROR")
    assert len(ended) == 2 * len(SAMPLES) == len(found("status=COMPLETED") | found("status=ERROR"))
    assert len(found("kind=EVENT&statuses=ERROR")) == len(SAMPLES)
    assert found("type=ping") == found("codes=ping") == found("applications=ping") != set()
    assert found("subscriptionIds=" + ",".join(one["id"] for one in world.subscriptions)) == ended
    assert found("kind=task") == found("status=QUEUED&type=ping") == set()


def test_the_apis_list_of_jobs_goes_on_behind_its_cursor(world):
    seen, cursor = [], ""
    while True:
        page = world.product.must("GET", f"/api/dispatch/jobs?size=3{cursor}")
        assert (page["total"], page["totalItems"], page["totalPages"], page["totalIsExact"]) == (10, 10, 4, True)
        seen += [item["id"] for item in page["items"]]
        if "nextCursor" not in page:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert seen == sorted(set(seen), reverse=True) and len(seen) == 10


@pytest.mark.parametrize(
    "query, names",
    [
        ("timeAfter=2026-01-02T00:00:00Z&timeBefore=2026-01-04T00:00:00Z", {"paid", "parcel", "dotted"}),
        ("timeBefore=2025-12-31T22:00:00Z", {"created"}),
        ("timeBefore=2025-12-31T21:59:59.999Z", set()),
        ("timeAfter=2026-01-05T01:00:00%2B01:00", {"short"}),
        ("deduplicationId=dedup-1", {"created"}),
    ],
)
def test_events_are_found_by_their_own(world, query, names):
    assert set(world.events(query)) == names


def test_created_limits_include_their_moment(world):
    moment = world.created["parcel"]
    assert "parcel" in world.events(f"createdAfter={moment}") and "parcel" in world.events(f"createdBefore={moment}")
    assert set(world.events(f"createdAfter={moment}&createdBefore={moment}")) >= {"parcel"}


def test_text_is_the_whole_id_too(world):
    assert world.events(f"text={world.ids['dotted']}") == ["dotted"]
    assert world.events(f"text={world.ids['dotted'][:12]}") == []


@pytest.mark.parametrize("text", ["[a+b](c", "100%", "%", "_7", "(", "\\", "'", '"', ".*"])
def test_b42_no_text_is_a_pattern(world, text):
    wanted = {name for name, sample in SAMPLES.items() if text in sample.get("subject", "")}
    assert set(world.events(f"subject={quote(text)}")) == wanted
    assert set(world.events(f"source={quote(text)}")) == set()


def test_jobs_are_found_by_their_own(world):
    ok, refused = ({(name, path) for name in SAMPLES} for path in ("/ok", "/refused"))
    first, second = (each["id"] for each in world.subscriptions)
    assert world.jobs("status=COMPLETED") == ok == world.jobs("statuses=completed")
    assert world.jobs("statuses=ERROR,COMPLETED") == ok | refused
    assert world.jobs("status=ERROR&status=CANCELLED") == refused
    for nothing in ("status=PENDING", "status=QUEUED", "status=IN_PROGRESS", "kind=TASK", "neverAttempted=true"):
        assert world.jobs(nothing) == set(), nothing
    assert world.jobs("kind=EVENT") == ok | refused
    assert world.jobs(f"subscriptionId={first}") == ok == world.jobs(f"subscriptionIds={first}&status=COMPLETED")
    assert world.jobs(f"subscriptionIds={first},{second}") == ok | refused
    assert world.jobs(f"dispatchPoolId={world.pools[1]}") == refused == world.jobs("dispatchPoolId=second")
    assert world.jobs("dispatchPoolIds=first,second") == ok | refused
    assert world.jobs(f"eventId={world.ids['paid']}") == {("paid", "/ok"), ("paid", "/refused")}
    assert world.jobs("codes=ping") == {("short", "/ok"), ("short", "/refused")}
    assert world.jobs("bulkOperationId=0000000000001") == set()
    assert world.jobs(f"clientId=null&eventId={world.ids['short']}&status=ERROR") == {("short", "/refused")}
    [job] = world.items(f"{JOBS}?code=ping&status=ERROR")
    assert world.jobs(f"text={job['id']}") == {("short", "/refused")}


@pytest.mark.parametrize(
    "path, parameter",
    [
        (f"{EVENTS}?clientId=nobody", "clientId"),
        (f"{EVENTS}?clientIds=null,12", "clientIds"),
        (f"{EVENTS}?timeAfter=yesterday", "timeAfter"),
        (f"{EVENTS}?timeBefore=2026-01-01", "timeBefore"),
        (f"{EVENTS}?createdAfter=1", "createdAfter"),
        (f"{EVENTS}?page=-1", "page"),
        (f"{EVENTS}?page=x", "page"),
        (f"{EVENTS}?size=0", "size"),
        (f"{EVENTS}?size=101", "size"),
        (f"{EVENTS}?cursor=abc", "cursor"),
        (f"{EVENTS}?cursor=0000000000001&page=1", "cursor"),
        (f"{EVENTS}/filter-options?clientIds=x", "clientIds"),
        (f"{JOBS}?status=LOST", "status"),
        (f"{JOBS}?statuses=COMPLETED,LOST", "statuses"),
        (f"{JOBS}?subscriptionId=x", "subscriptionId"),
        (f"{JOBS}?dispatchPoolId=nowhere", "dispatchPoolIds"),
        (f"{JOBS}?eventId=x", "eventId"),
        (f"{JOBS}?bulkOperationId=x", "bulkOperationId"),
        (f"{JOBS}?neverAttempted=perhaps", "neverAttempted"),
        (f"{JOBS}?createdBefore=now", "createdBefore"),
        (f"{JOBS}?kind=NONSENSE", "kind"),
        (f"{EVENTS}?typ=x", "typ"),
        (f"{JOBS}?stauts=ERROR", "stauts"),
        (f"{EVENTS}/filter-options?app=x", "app"),
        ("/api/bff/debug/events?typ=x", "typ"),
        ("/api/bff/debug/dispatch-jobs?status=LOST", "status"),
        ("/api/dispatch/jobs?stauts=ERROR", "stauts"),
        ("/api/dispatch/jobs?status=LOST", "status"),
        ("/api/subscriptions?stat=ACTIVE", "stat"),
        ("/api/dispatch-pools?client=x", "client"),
        ("/api/event-types?app=x", "app"),
        ("/api/bulk-operations?status=RUNNING", "status"),
    ],
)
def test_a_bad_parameter_is_named(world, path, parameter):
    reply = world.product.call("GET", path)
    assert reply.status == 400, reply.body
    assert [fault["pointer"] for fault in reply.json["errors"]] == [f"/{parameter}"]


def test_all_bad_parameters_are_told_at_once(world):
    reply = world.product.call("GET", f"{EVENTS}?page=x&size=y&clientId=z&timeAfter=w")
    assert {fault["pointer"] for fault in reply.json["errors"]} == {"/page", "/size", "/clientId", "/timeAfter"}


def test_b10_b11_b38_an_event_row_is_complete(world):
    [row] = world.items(f"{EVENTS}?type=shop:orders:order:created")
    sample = SAMPLES["created"]
    for name in ("type", "source", "subject", "correlationId", "causationId", "deduplicationId", "messageGroup"):
        assert row[name] == sample[name]
    assert (row["application"], row["subdomain"], row["aggregate"]) == ("shop", "orders", "order")
    assert (row["specVersion"], row["data"], row["dataLength"]) == ("1.0", '{"a": 1}', 8)
    assert row["contextData"] == sample["contextData"]
    assert row["clientId"] == CLIENT
    assert row["dispatchJobCount"] == 2
    assert row["time"] == "2025-12-31T22:00:00.000Z"
    assert TIME.match(row["createdAt"]) and TIME.match(row["projectedAt"])
    [bare] = world.items(f"{EVENTS}?type=ping")
    assert not {"subdomain", "aggregate", "subject", "clientId", "messageGroup"} & set(bare)
    assert bare["application"] == "ping"


def test_b10_b12_a_job_row_is_complete(world):
    [row] = world.items(f"{JOBS}?eventId={world.ids['created']}&status=ERROR")
    sample = SAMPLES["created"]
    for name in ("source", "subject", "correlationId", "messageGroup"):
        assert row[name] == sample[name]
    assert row["code"] == sample["type"]
    assert (row["application"], row["subdomain"], row["aggregate"]) == ("shop", "orders", "order")
    assert (row["kind"], row["protocol"], row["mode"]) == ("EVENT", "HTTP_WEBHOOK", "NEXT_ON_ERROR")
    assert row["subscriptionId"] == world.subscriptions[1]["id"] and row["subscriptionName"] == "/refused"
    assert row["dispatchPoolId"] == world.pools[1] and row["dispatchPoolCode"] == "second"
    assert row["targetUrl"].endswith("/refused")
    assert (row["sequence"], row["attemptCount"], row["timeoutSeconds"]) == (99, 1, 30)
    assert (row["isCompleted"], row["isTerminal"]) == (False, True)
    assert "404" in row["lastError"]
    assert row["durationMillis"] >= 0
    for name in ("createdAt", "updatedAt", "completedAt", "projectedAt"):
        assert TIME.match(row[name]), name


def test_a_job_is_shown_with_its_attempts_and_its_event(world):
    [row] = world.items(f"{JOBS}?eventId={world.ids['paid']}&status=ERROR")
    job = world.product.must("GET", f"{JOBS}/{row['id']}")
    assert {name: job[name] for name in row} == row
    [attempt] = job["attempts"]
    assert (attempt["attemptNumber"], attempt["responseCode"]) == (1, 404)
    assert job["lastAttemptAt"] == attempt["attemptedAt"]
    assert job["event"]["id"] == world.ids["paid"] and job["event"]["dataLength"] == 8
    assert "data" not in job["event"]
    assert world.product.call("GET", f"{JOBS}/0000000000001").status == 404


def test_an_event_is_shown_with_its_jobs(world):
    event = world.product.must("GET", f"{EVENTS}/{world.ids['paid']}")
    assert event["data"] == '{"a": 1}'
    assert {job["subscriptionName"]: job["status"] for job in event["dispatchJobs"]} == {
        "/ok": "COMPLETED",
        "/refused": "ERROR",
    }
    assert world.product.call("GET", f"{EVENTS}/0000000000001").status == 404


def _values(options):
    return [option["value"] for option in options]


def test_filter_options_cascade(world):
    ask = lambda query="": world.product.must("GET", f"{EVENTS}/filter-options{query}")  # noqa: E731
    everything = ask()
    assert _values(everything["clients"]) == [None, CLIENT]
    assert _values(everything["applications"]) == ["bank", "ping", "shop"]
    assert _values(everything["subdomains"]) == ["accounts", "orders", "shipping"]
    assert _values(everything["types"]) == sorted(sample["type"] for sample in SAMPLES.values())
    shops = ask("?applications=shop")
    assert _values(shops["applications"]) == ["bank", "ping", "shop"]
    assert _values(shops["subdomains"]) == ["orders", "shipping"]
    orders = ask("?application=shop&subdomain=orders&aggregate=order")
    assert _values(orders["aggregates"]) == ["order", "payment"]
    assert _values(orders["types"]) == ["shop:orders:order:created"]
    assert _values(ask("?clientIds=null")["applications"]) == ["ping", "shop"]
    assert ask("?applications=nothing")["types"] == []
    assert all(option["label"] for options in everything.values() for option in options)


def test_filter_options_of_jobs_name_states_pools_and_subscriptions(world):
    options = world.product.must("GET", f"{JOBS}/filter-options?applications=bank")
    assert _values(options["codes"]) == ["bank.accounts.account.opened"]
    assert set(_values(options["statuses"])) == {
        "PENDING",
        "QUEUED",
        "IN_PROGRESS",
        "COMPLETED",
        "ERROR",
        "CANCELLED",
    }
    assert {"first", "second"} <= {option["label"] for option in options["dispatchPools"]}
    assert [option["label"] for option in options["subscriptions"]] == ["/ok", "/refused"]


@pytest.mark.parametrize("path", [EVENTS, JOBS])
def test_b37_an_empty_list_is_a_list(world, path):
    assert world.product.must("GET", f"{path}?messageGroup=none") == {
        "items": [],
        "page": 0,
        "size": 20,
        "totalItems": 0,
        "totalPages": 0,
        "totalIsExact": True,
    }


def test_pages_tell_their_number(world):
    page = world.product.must("GET", f"{EVENTS}?size=2&page=2")
    assert (page["page"], page["size"], page["totalItems"], page["totalPages"]) == (2, 2, 5, 3)
    assert len(page["items"]) == 1 and "nextCursor" not in page
    assert world.items(f"{EVENTS}?size=2&page=9") == []


@pytest.mark.parametrize("path", [EVENTS, JOBS])
@pytest.mark.parametrize("filters", ["", "applications=shop&"])
def test_pages_and_cursors_give_the_same_rows_newest_first(world, path, filters):
    whole = [item["id"] for item in world.items(f"{path}?{filters}size=100")]
    assert whole == sorted(whole, reverse=True) and whole
    by_page = [
        item["id"] for page in range(len(whole)) for item in world.items(f"{path}?{filters}size=2&page={page}")
    ]
    assert by_page == whole
    by_cursor, cursor = [], ""
    while True:
        page = world.product.must("GET", f"{path}?{filters}size=2{cursor}")
        by_cursor += [item["id"] for item in page["items"]]
        if "nextCursor" not in page:
            break
        cursor = f"&cursor={page['nextCursor']}"
    assert by_cursor == whole


def test_g16_an_event_is_listed_as_soon_as_it_was_accepted(product, event_type):
    """And its jobs too: there is no copy that lags behind."""
    subscription = product.subscribe("http://127.0.0.1:9/never", event_type)
    product.must("POST", f"/api/subscriptions/{subscription['id']}/pause")
    for count in range(1, 21):
        event = product.publish(event_type)
        page = product.must("GET", f"{EVENTS}?type={event_type}")
        assert (page["items"][0]["id"], page["totalItems"]) == (event["id"], count)
        [job] = product.must("GET", f"{JOBS}?eventId={event['id']}")["items"]
        assert (job["status"], job["isTerminal"]) == ("PENDING", False)
    assert product.must("GET", f"{JOBS}/{job['id']}")["waitsFor"]["code"] == "SUBSCRIPTION_PAUSED"


def test_a_job_is_found_while_it_is_being_sent(product, make_target, event_type):
    sending = threading.Event()
    target = make_target(choose=lambda delivery: sending.wait(20) and 200)
    product.subscribe(target, event_type)
    event = product.publish(event_type)
    found = f"{JOBS}?status=IN_PROGRESS&eventId={event['id']}"
    try:
        page = wait_until(lambda: next((p for p in [product.must("GET", found)] if p["items"]), None))
    finally:
        sending.set()
    assert (page["totalItems"], page["totalIsExact"]) == (1, True)
    [job] = page["items"]
    assert (job["status"], job["code"]) == ("IN_PROGRESS", event_type)
    product.wait_status(job["id"], "COMPLETED")
    assert product.must("GET", found)["items"] == []


def test_a_cursor_neither_skips_nor_repeats_while_events_flow(product, event_type):
    known = {event["id"] for event in product.publish_many([{"type": event_type}] * 200)}
    stop = threading.Event()

    def publish():
        while not stop.is_set():
            product.publish(event_type)

    publisher = threading.Thread(target=publish)
    publisher.start()
    try:
        seen, cursor = [], ""
        while cursor is not None:
            page = product.must("GET", f"{EVENTS}?type={event_type}&size=7{cursor}")
            seen += [item["id"] for item in page["items"]]
            cursor = f"&cursor={page['nextCursor']}" if "nextCursor" in page else None
    finally:
        stop.set()
        publisher.join()
    assert len(seen) == len(set(seen)), "a row came twice"
    assert seen == sorted(seen, reverse=True)
    assert known <= set(seen), "a row was skipped"


def test_raw_views_show_what_is_stored(world):
    ask = lambda path: world.product.must("GET", f"/api/bff/debug/{path}")  # noqa: E731
    event = ask(f"events/{world.ids['created']}")
    assert (event["data"], event["payloadLength"], event["dataKind"]) == ('{"a": 1}', 8, "TEXT")
    assert event["time"] == "2025-12-31T22:00:00.000Z" and TIME.match(event["createdAt"])
    assert {item["id"] for item in ask("events")["items"]} == set(world.ids.values())
    jobs = ask("dispatch-jobs?size=100")["items"]
    assert len(jobs) == 2 * len(SAMPLES)
    for row in jobs:
        assert (row["payloadLength"], row["attemptHistoryCount"]) == (8, 1)
        assert "payload" not in row and TIME.match(row["createdAt"])
    job = ask(f"dispatch-jobs/{jobs[0]['id']}")
    assert job["payload"] == '{"a": 1}'
    for path in ("events", "dispatch-jobs"):
        assert world.product.call("GET", f"/api/bff/debug/{path}/0000000000001").status == 404


@pytest.mark.parametrize("path", ["events", "events/filter-options", "dispatch-jobs", "debug/events"])
def test_g15_all_of_it_is_served_without_api_too(world, path):
    assert world.product.must("GET", f"/bff/{path}").keys() == world.product.must("GET", f"/api/bff/{path}").keys()
    assert world.product.call("GET", f"/bff/{path}", token=None).status == 401
