"""Every operation of the API document, called rightly and wrongly: the answers are those that it tells of.

Valid calls send the document's own examples, whose ids and addresses stand for those of things that exist here."""

import hashlib
import hmac
import itertools
import json

import pytest

from harness.api_document import Document, bad_text, bad_value, some_value
from harness.product import REPOSITORY, Product
from harness.target import Target

UNKNOWN = "0HZXEQ5Y8JY5Z"
NO_ID = "no%20id"
OPERATIONS = sorted(Document(json.loads((REPOSITORY / "api" / "openapi.json").read_text())).operations())
_numbers = itertools.count(1)


class World:
    """Things that operations work on, made when they are asked for, each time a new one."""

    def __init__(self, product, target):
        self.product = product
        self.target = target

    def code(self):
        return f"thing-{next(_numbers)}"

    def subscription(self):
        return self.product.subscribe(self.target, f"none-{self.code()}")["id"]

    def pool(self):
        return self.product.pool(self.code())["id"]

    def event(self):
        return self.product.publish("order.created", contextData=[{"key": "region", "value": "eu"}])["id"]

    def delivered_job(self):
        job = self._job(payload={"n": 1}, messageGroup="g")
        return self.product.wait_status(job, "COMPLETED")["id"]

    def waiting_job(self):
        return self._job(payload="later", scheduledFor="2099-01-01T00:00:00Z", headers={"X-One": "1"})

    def _job(self, **more):
        body = {"subscriptionId": self.subscription(), "targetUrl": self.target.url(), **more}
        return self.product.must("POST", "/api/dispatch/jobs", body)["id"]

    def event_type(self):
        """With the versions 1.0, which is current, and 2.0, a draft."""
        body = {"code": self.code(), "name": "A thing"}
        made = self.product.must("POST", "/api/event-types", body)["id"]
        for version in ("1.0", "2.0"):
            schema = {"version": version, "schema": {"type": "object"}}
            self.product.must("POST", f"/api/event-types/{made}/schemas", schema)
        self.product.must("POST", f"/api/event-types/{made}/schemas/1.0/finalise")
        return made

    def bulk_operation(self):
        """One that has work for a long time: a cancellation of a job a minute."""
        subscription = self.subscription()
        body = {"subscriptionId": subscription, "targetUrl": self.target.url(), "payload": 1}
        jobs = [{**body, "scheduledFor": "2099-01-01T00:00:00Z"}] * 20
        self.product.must("POST", "/api/dispatch/jobs/batch", {"jobs": jobs})
        body = {"kind": "CANCEL", "ratePerMinute": 1, "filter": {"subscriptionIds": [subscription]}}
        return self.product.must("POST", "/api/bulk-operations", body)["operation"]["id"]

    def token_of(self, job):
        key = (self.product.data / "app-key").read_text().strip()
        return hmac.new(key.encode(), job.encode(), hashlib.sha256).hexdigest()


# Whose id stands in a path, by the beginning of the path.
IDS = {
    "/api/events/": World.event,
    "/api/bff/events/": World.event,
    "/api/bff/debug/events/": World.event,
    "/api/dispatch/jobs/": World.delivered_job,
    "/api/bff/dispatch-jobs/": World.delivered_job,
    "/api/bff/debug/dispatch-jobs/": World.delivered_job,
    "/api/subscriptions/": World.subscription,
    "/api/dispatch-pools/": World.pool,
    "/api/event-types/": World.event_type,
    "/api/bff/event-types/": World.event_type,
    "/api/bulk-operations/": World.bulk_operation,
}
# Operations that need another thing than their path tells.
OTHER_IDS = {
    "POST /api/dispatch/jobs/{id}/cancel": World.waiting_job,
    "POST /api/dispatch/jobs/{id}/retry": World.waiting_job,
    "GET /api/dispatch/jobs/{id}/explain": World.waiting_job,
}
# What has to be done to the thing before.
FIRST = {
    "POST /api/subscriptions/{id}/resume": ("POST", "/pause"),
    "DELETE /api/subscriptions/{id}/previous-secret": ("POST", "/rotate-secret"),
    "POST /api/dispatch-pools/{id}/activate": ("POST", "/suspend"),
    "POST /api/bulk-operations/{id}/resume": ("POST", "/pause"),
    "DELETE /api/bulk-operations/{id}": ("POST", "/stop"),
}
# What the path names besides, where it is not the draft.
VERSION = "2.0"
# What the query must have.
QUERIES = {
    f"GET {prefix}/event-types/{{id}}/schemas/{{version}}/compatibility": {"with": "1.0"}
    for prefix in ("/api", "/api/bff")
}
# Parameters of queries that name a thing which must be there.
NAMES = {"dispatchPoolIds": World.pool, "dispatchPoolId": World.pool}
# What an example's member stands for.
PLACEHOLDERS = {
    "subscriptionId": World.subscription,
    "subscriptionIds": lambda world: [world.subscription()],
    "dispatchPoolId": World.pool,
    "eventId": World.event,
    "messageId": World.waiting_job,
    "targetUrl": lambda world: world.target.url(),
    "code": World.code,
}


def with_real_ids(world, value):
    """The example with its placeholders replaced."""
    if isinstance(value, list):
        return [with_real_ids(world, item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        name: PLACEHOLDERS[name](world) if name in PLACEHOLDERS else with_real_ids(world, member)
        for name, member in value.items()
    }


class Caller:
    """Calls one operation, rightly but for what it is told to do otherwise."""

    def __init__(self, world, operation):
        self.world = world
        self.operation = operation
        self.query = QUERIES.get(operation.name, {})

    def body(self, media_type="application/json"):
        about = self.operation.bodies.get(media_type)
        if about is None:
            return None
        assert "example" in about, f"{self.operation.name} has a body {media_type} without an example"
        return with_real_ids(self.world, about["example"])

    def path(self):
        operation = self.operation
        if not operation.parameters("path"):
            return operation.path
        known = [prefix for prefix in IDS if operation.path.startswith(prefix)]
        assert known, f"{operation.name}: say in IDS what its id is"
        thing = OTHER_IDS.get(operation.name, IDS[known[0]])(self.world)
        if operation.name in FIRST:
            method, action = FIRST[operation.name]
            self.world.product.must(method, known[0] + thing + action, {})
        path = operation.path.replace("{id}", thing).replace("{version}", VERSION)
        assert "{" not in path, f"{operation.name}: what does its path name?"
        return path

    def send(self, path=None, body=None, query=None, token="dev", headers=None):
        path = path or self.path()
        text = "&".join(f"{name}={value}" for name, value in (self.query if query is None else query).items())
        if self.operation.name == "POST /api/dispatch/process" and isinstance(body, dict):
            token = self.world.token_of(str(body.get("messageId")))
        return self.world.product.call(
            self.operation.method, path + ("?" + text if text else ""), body, token=token, headers=headers
        )

    def succeed(self, **more):
        reply = self.send(**more)
        seen = f"{self.operation.name} {more}: {reply.status} {reply.body[:1500]!r}"
        assert reply.status in self.operation.successes(), seen
        self.operation.check(reply)


@pytest.fixture(scope="module")
def world():
    product, target = Product().start(), Target()
    try:
        yield World(product, target)
        product.verify()
        product.stop()
    finally:
        product.dispose()
        target.down()


@pytest.fixture(scope="module")
def operations(world):
    return Document(world.product.must("GET", "/swagger/openapi.json")).operations()


@pytest.fixture
def call(world, operations, request):
    name = request.node.callspec.params["name"]
    assert name in operations, f"{name} is in api/openapi.json only: make generated"
    return Caller(world, operations[name])


each_operation = pytest.mark.parametrize("name", OPERATIONS)


def test_each_served_operation_is_called_here(operations):
    assert sorted(operations) == OPERATIONS, "make generated"


def test_names_of_operations_are_words(operations):
    names = [operation.text["operationId"] for operation in operations.values()]
    assert len(set(names)) == len(names)
    assert not [name for name in names if len(name) > 40 or "Api" in name], "give them other summaries"


@each_operation
def test_valid_call_is_answered_as_documented(call, name):
    for media_type in call.operation.bodies:
        call.succeed(body=call.body(media_type), headers={"Content-Type": media_type})
    if not call.operation.needs_body:
        call.succeed()


@each_operation
def test_each_header_field_is_accepted(call, name):
    """Those of a CloudEvent only together."""
    fields = {field: some_value(schema) for field, schema in call.operation.parameters("header").items()}
    together = {field: value for field, value in fields.items() if field.startswith("ce-")}
    for headers in [{field: value} for field, value in fields.items() if field not in together] + [together]:
        if headers:
            call.succeed(body=call.body(), headers=headers)


@each_operation
def test_each_query_parameter_is_accepted(call, name):
    parameters = call.operation.parameters("query")
    path = call.path() if parameters else None
    for parameter, schema in parameters.items():
        value = NAMES[parameter](call.world) if parameter in NAMES else some_value(schema)
        value = call.query.get(parameter, value)
        reply = call.send(path, query={**call.query, parameter: value})
        assert reply.status == 200, f"{name} {parameter}={value}: {reply.body!r}"
        call.operation.check(reply)


def expect_problem(call, reply, pointer=None, what=""):
    """A documented 4xx that says what is wrong, and where if it is a member's fault."""
    seen = f"{call.operation.name} {what}: {reply.status} {reply.body[:1500]!r}"
    assert 400 <= reply.status < 500, seen
    call.operation.check(reply)
    if reply.headers["content-type"].split(";")[0] != "application/problem+json":
        assert reply.json["message"], seen
        return
    problem = reply.json
    assert problem["status"] == reply.status and problem["title"] and problem["detail"], seen
    assert problem["error"] == problem["error"].upper(), seen
    if pointer:
        assert reply.status == 400, seen
        named = [fault["pointer"] for fault in problem.get("errors", [])]
        assert any(one == pointer or one.startswith(pointer + "/") for one in named), seen


@each_operation
def test_wrong_input_is_answered_with_a_problem(call, name):
    """Each operation can be called wrongly in some way: nothing passes here without a wrong call."""
    operation = call.operation
    if not operation.is_open():
        expect_problem(call, call.send(call.operation.path, token="none"), what="without a good token")
    if operation.is_open() and operation.body is None:
        other = "PUT" if operation.method != "PUT" else "GET"
        reply = call.world.product.call(other, operation.path)
        assert (reply.status, reply.json["error"]) == (405, "METHOD_NOT_ALLOWED"), reply
    if operation.body is not None:
        for body in (b"", b"{", b'{"a":', b'"text"', b"[7]", b"\xff"):
            path = operation.path.replace("{id}", UNKNOWN).replace("{version}", VERSION)
            if body == b"" and not operation.needs_body:
                continue
            reply = call.send(path, body)
            assert reply.status == 400, f"{name} {body!r}: {reply.status} {reply.body!r}"
            expect_problem(call, reply, what=body)


@each_operation
def test_wrong_id_is_named(call, name):
    if "{id}" not in call.operation.path:
        return
    for wrong in (UNKNOWN, NO_ID):
        path = call.operation.path.replace("{id}", wrong).replace("{version}", VERSION)
        reply = call.send(path, call.body())
        is_id = call.operation.parameters("path")["id"].get("format") == "tsid"
        expect_problem(call, reply, "/id" if is_id and wrong == NO_ID else None, what=wrong)
        assert wrong == NO_ID or reply.status == 404, f"{name}: {reply.status} {reply.body!r}"


@each_operation
def test_wrong_query_is_named(call, name):
    parameters = call.operation.parameters("query")
    path = call.path() if parameters else None
    for parameter, schema in parameters.items():
        wrong = bad_text(schema)
        reply = call.send(path, query={**call.query, parameter: wrong})
        expect_problem(call, reply, None if wrong == "%ff" else f"/{parameter}", what=f"{parameter}={wrong}")
        if parameter in call.query:
            expect_problem(call, call.send(path, query={}), f"/{parameter}", what=f"without {parameter}")


def forms(operation):
    """Each form of a body: (where the object stands, its schema, how a body is made of it)."""
    schema = operation.body["schema"]
    for form in operation.document.resolved(schema).get("oneOf", []):
        if form["type"] == "array":
            yield "/0", operation.document.resolved(form["items"]), lambda value: [value]
        elif "items" not in form["properties"]:
            [(plural, about)] = form["properties"].items()
            item = operation.document.resolved(about["items"])
            yield f"/{plural}/0", item, lambda value, plural=plural: {plural: [value]}
    if "oneOf" not in operation.document.resolved(schema):
        yield "", operation.document.resolved(schema), lambda value: value


def one_of(example):
    """The object that is wanted: of a batch, its first."""
    for value in example.values():
        if isinstance(value, list) and value and isinstance(value[0], dict) and len(example) == 1:
            return value[0]
    return example


@each_operation
def test_wrong_and_missing_members_are_named(call, name):
    operation = call.operation
    if operation.body is None:
        return
    path = call.path()
    good = one_of(call.body())
    for pointer, schema, body_of in forms(operation):
        for member in schema.get("required", []):
            without = {key: value for key, value in good.items() if key != member}
            reply = call.send(path, body_of(without))
            expect_problem(call, reply, f"{pointer}/{member}", what=f"without {member}")
        for member, about in schema["properties"].items():
            wrong = bad_value(operation.document.resolved(about))
            if wrong is None or member in operation.parameters("path"):
                continue
            reply = call.send(path, body_of({**good, member: wrong}))
            expect_problem(call, reply, f"{pointer}/{member}", what=f"{member}: {wrong}")


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name.endswith("/batch")])
def test_batch_by_items_is_answered_as_documented(call, name):
    good = one_of(call.body())
    reply = call.send(body={"items": [good, {}]})
    assert reply.status == 200
    call.operation.check(reply)
    assert [item["status"] for item in reply.json["results"]] == ["CREATED", "ERROR"]


ENDINGS = [
    "POST /api/subscriptions/{id}/pause",
    "POST /api/subscriptions/{id}/resume",
    "POST /api/dispatch-pools/{id}/archive",
    "POST /api/event-types/{id}/archive",
    "POST /api/bulk-operations/{id}/stop",
]


@pytest.mark.parametrize("name", ENDINGS)
def test_action_that_is_done_already_is_a_documented_conflict(call, name):
    path = call.path()
    call.send(path)
    reply = call.send(path)
    assert reply.status == 409, f"{name}: {reply.status} {reply.body!r}"
    expect_problem(call, reply)


@pytest.mark.parametrize(
    "name",
    [
        "POST /api/subscriptions",
        "POST /api/dispatch-pools",
        "POST /api/event-types",
        "POST /api/bff/event-types",
    ],
)
def test_creation_of_what_is_there_already_is_a_documented_conflict(call, name):
    body = {**call.body(), "code": call.world.code()}
    call.succeed(body=body)
    reply = call.send(body=body)
    assert (reply.status, reply.json["error"]) == (409, "CODE_EXISTS"), f"{name}: {reply.body!r}"
    expect_problem(call, reply)
