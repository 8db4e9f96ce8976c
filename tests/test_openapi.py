"""The API document: valid by an independent validator, and the one of the repository."""

import json

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

from harness.api_document import Document
from harness.product import REPOSITORY


def served(product):
    reply = product.call("GET", "/swagger/openapi.json", token=None)
    assert reply.status == 200
    return reply.json


def test_served_document_is_valid_openapi(product):
    validate(served(product), cls=OpenAPIV31SpecValidator)


def references(value):
    """Every `$ref` below the value."""
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_each_reference_leads_to_a_component(product):
    """The validator does not follow those of schemas."""
    document = served(product)
    components = {
        f"#/components/{kind}/{name}" for kind, named in document["components"].items() for name in named
    }
    found = set(references(document))
    assert "#/components/schemas/CreateEvent" in found
    assert found <= components


def test_validator_finds_a_parameter_of_the_path_that_is_not_described(product):
    document = served(product)
    document["paths"]["/api/events/{id}"]["get"]["parameters"] = []
    with pytest.raises(OpenAPIValidationError, match="id"):
        validate(document, cls=OpenAPIV31SpecValidator)


def test_served_document_is_the_one_of_the_repository(product):
    committed = (REPOSITORY / "api" / "openapi.json").read_text(encoding="utf-8")
    assert served(product) == json.loads(committed), "make generated"


# As earlier clients send them.
SINGULAR_FILTERS = {
    "/api/bff/events": {"clientId", "type", "application", "subdomain", "aggregate"},
    "/api/bff/dispatch-jobs": {"clientId", "status", "code", "subscriptionId", "dispatchPoolId"},
}


@pytest.mark.parametrize("path", SINGULAR_FILTERS)
def test_filters_are_described_in_the_singular_too(product, path):
    parameters = served(product)["paths"][path]["get"]["parameters"]
    singular = {one["name"]: one["description"] for one in parameters if one["name"] in SINGULAR_FILTERS[path]}
    assert set(singular) == SINGULAR_FILTERS[path]
    assert all(text.startswith("The same as `") for text in singular.values()), singular


def test_each_tag_and_page_is_explained(product):
    document = served(product)
    assert document["info"]["description"] and document["servers"]
    explained = {tag["name"] for tag in document["tags"] if tag["description"]}
    for operation in Document(document).operations().values():
        assert set(operation.text["tags"]) <= explained, operation.name
        for parameter in operation.text.get("parameters", []):
            if parameter["name"] in ("page", "size", "cursor") or parameter["in"] == "header":
                assert parameter["description"], operation.name


def test_examples_of_answers_are_such_answers(product):
    document = Document(served(product))
    shown = []
    for operation in document.operations().values():
        for response in map(document.resolved, operation.text["responses"].values()):
            for about in response.get("content", {}).values():
                if "example" in about:
                    shown.append(about["example"])
                    assert not document.faults(about["schema"], about["example"]), operation.name
    assert len(shown) > 2
