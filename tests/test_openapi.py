"""The API document: valid by an independent validator, and the one of the repository."""

import json

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

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
