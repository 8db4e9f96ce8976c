"""The API document, read as a caller and as a judge: which operations there are, what they take and answer."""

import copy
import datetime

from jsonschema import Draft202012Validator, FormatChecker

_formats = FormatChecker(formats=())


@_formats.checks("tsid", raises=ValueError)
def _is_tsid(value):
    return len(value) == 13 and set(value) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


@_formats.checks("date-time", raises=ValueError)
def _is_time(value):
    return value.endswith("Z") and datetime.datetime.fromisoformat(value) is not None


class Document:
    """An OpenAPI document whose objects have no other members than those it describes."""

    def __init__(self, json):
        self.json = json
        self.components = copy.deepcopy(json["components"])
        for schema in self.components["schemas"].values():
            if "properties" in schema:
                schema.setdefault("additionalProperties", False)

    def operations(self):
        """"GET /api/events/{id}" -> Operation."""
        return {
            f"{method.upper()} {path}": Operation(self, method.upper(), path, text)
            for path, item in self.json["paths"].items()
            for method, text in item.items()
        }

    def resolved(self, value):
        """The value, or what its `$ref` leads to."""
        while "$ref" in value:
            found = {"components": self.components}
            for part in value["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            value = found
        return value

    def faults(self, schema, value):
        """Where the value is not what the schema says."""
        judge = Draft202012Validator({**schema, "components": self.components}, format_checker=_formats)
        return [f"/{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in judge.iter_errors(value)]


class Operation:
    def __init__(self, document, method, path, text):
        self.document = document
        self.method = method
        self.path = path
        self.text = text
        self.name = f"{method} {path}"

    def parameters(self, place):
        """Name -> schema of those in "path", "query" or "header"."""
        return {
            parameter["name"]: self.document.resolved(parameter["schema"])
            for parameter in self.text.get("parameters", [])
            if parameter["in"] == place
        }

    @property
    def bodies(self):
        """Media type -> `schema` and `example` of the bodies that it takes."""
        return self.text.get("requestBody", {}).get("content", {})

    @property
    def body(self):
        """The JSON body's; None where it takes none."""
        return self.bodies.get("application/json")

    @property
    def needs_body(self):
        return self.text.get("requestBody", {}).get("required", False)

    def is_open(self):
        return self.text.get("security") == []

    def successes(self):
        return [int(status) for status in self.text["responses"] if status.startswith("2")]

    def response(self, status):
        """(content type, schema) of a status that is documented by number; (None, None): without a body."""
        assert str(status) in self.text["responses"], f"{self.name}: {status} is not documented"
        content = self.document.resolved(self.text["responses"][str(status)]).get("content")
        if not content:
            return None, None
        [(media_type, about)] = content.items()
        return media_type, about["schema"]

    def check(self, reply):
        """The answer is one that the document tells of, by its status, its type and its body."""
        seen = f"{self.name}: {reply.status} {reply.body[:1500]!r}"
        media_type, schema = self.response(reply.status)
        if media_type is None:
            assert reply.body == b"", seen
            return
        assert reply.headers["content-type"].split(";")[0] == media_type.split(";")[0], seen
        if "json" in media_type:
            faults = self.document.faults(schema, reply.json)
            assert not faults, f"{faults}\n{seen}"


def some_value(schema):
    """Any value of a query parameter, as text."""
    kind = schema.get("type")
    if kind == "array":
        return some_value(schema["items"])
    if known := schema.get("enum", schema.get("examples")):
        return known[0]
    if "const" in schema:
        return schema["const"]
    if kind in ("integer", "boolean"):
        return str(schema.get("minimum", 1)) if kind == "integer" else "true"
    return {"tsid": "0HZXEQ5Y8JY5Z", "date-time": "2026-01-31T00:00:00Z"}.get(schema.get("format"), "some")


def bad_text(schema):
    """What no such query parameter may be, percent-encoded: of a text, bytes that are no UTF-8."""
    kind = schema.get("type")
    if kind == "array":
        return bad_text(schema["items"])
    is_text = kind == "string" and "enum" not in schema and "format" not in schema
    return "%ff" if is_text else "%3F"


def bad_value(schema):
    """A JSON value of another type than the member's; None where all types are allowed."""
    kinds = schema.get("type")
    if kinds is None and "oneOf" not in schema:
        return None
    return 7.5 if kinds == "object" or "object" in (kinds or ()) else {"no": "such"}
