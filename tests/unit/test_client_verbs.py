"""The verbs of the client against the description of the API: neither has more than the other."""

import inspect
import re
import types
from collections.abc import Mapping
from typing import Any, get_args, get_origin
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
import pytest

from berth.client.api import Api
from berth.client.nouns.deployments import Draft
from berth.client.options import Options
from berth.client.requests.calls import Call
from berth.client.requests.flows import Ask, Exchange, Open
from berth.client.verbs import Following, Listing, Noun, Steps, Verb
from script.client_records import name_of, read_description

DESCRIPTION = read_description()
SCHEMAS = DESCRIPTION["components"]["schemas"]

#: What has no verb of its own: second spellings, what agents and browsers call, and what a program
#: in a container opens as a WebSocket.
WITHOUT_VERB = {
    "get_short_version_get", "read_key_v1", "write_key_v1", "remove_key_v1", "get_token_post",
    "join_post", "get_page_get", "refuse_plain_exec_get", "refuse_plain_live_get", "sign_in_post",
    "sign_out_delete",
}  # fmt: skip


class RecordingDriver:
    """Notes the first request of each flow, and sends none."""

    context = Options().context

    def __init__(self) -> None:
        self.exchange: Exchange | None = None

    def run(self, flow: Any) -> None:
        step = next(flow)
        assert isinstance(step, Ask | Open)
        self.exchange = step.exchange
        flow.close()

    def iterate(self, flow: Any) -> Any:
        self.run(flow)
        return iter(())

    def open_program(self, opening: Any) -> None:
        raise AssertionError("not asked for")


DRIVER = RecordingDriver()
API: Api[Any] = Api(DRIVER)
NOUNS = {name: noun for name, noun in vars(API).items() if isinstance(noun, Noun)}
KINDS = (Verb, Listing, Steps, Following)
VERBS = [
    (f"{noun_name}.{name}", noun, verb)
    for noun_name, noun in [*NOUNS.items(), ("api", API)]
    for name, verb in vars(type(noun)).items()
    if isinstance(verb, KINDS) and name != "call"
]
each_verb = pytest.mark.parametrize(
    ("noun", "verb"), [v[1:] for v in VERBS], ids=[v[0] for v in VERBS]
)


def sample(annotation: Any, name: str) -> Any:
    """Return something that an argument may be."""
    kinds = [each for each in get_args(annotation) if each is not type(None)] or [annotation]
    kind = kinds[0] if isinstance(annotation, types.UnionType) else annotation
    plain = get_origin(kind) or kind
    if plain is Draft or (isinstance(plain, type) and issubclass(plain, msgspec.Struct)):
        return filled(plain)
    if plain is tuple:
        return ("x",)
    values: Mapping[Any, Any] = {
        str: "x",
        int: 1,
        bool: True,
        bytes: b"x",
        float: 1.5,
        dict: {"x": 1},
    }
    return values.get(plain, ["x"])


def filled(kind: type[msgspec.Struct]) -> Any:
    hints = inspect.get_annotations(kind, eval_str=True)
    return kind(**{name: sample(hint, name) for name, hint in hints.items()})


def arguments_of(verb: Any) -> dict[str, Any]:
    parameters = list(inspect.signature(verb._make, eval_str=True).parameters.values())[1:]
    return {
        each.name: sample(each.annotation, each.name)
        for each in parameters
        if each.name != "on_lost"
    }


def sent_by(noun: Noun[Any], verb: Any) -> Exchange:
    verb.__get__(noun)(**arguments_of(verb))
    assert DRIVER.exchange is not None
    return DRIVER.exchange


def operation_of(exchange: Exchange) -> Mapping[str, Any]:
    """Find the endpoint that a request is for."""
    path = unquote(urlsplit(exchange.target).path)
    found = [
        item[exchange.method.lower()]
        for template, item in DESCRIPTION["paths"].items()
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)), path)
        and exchange.method.lower() in item
    ]
    exact = [each for each in found if "{" not in str(each.get("parameters", ""))]
    assert found, f"{exchange.method} {path} is no endpoint"
    return (exact or found)[0]


@each_verb
def test_every_verb_is_for_an_endpoint_and_says_what_it_does(noun: Noun[Any], verb: Any) -> None:
    assert operation_of(sent_by(noun, verb))
    assert verb.__doc__.endswith((".", "\n        "))


@each_verb
def test_a_verb_sends_in_its_query_what_the_endpoint_knows(noun: Noun[Any], verb: Any) -> None:
    exchange = sent_by(noun, verb)
    parameters = operation_of(exchange).get("parameters", [])
    known = {each["name"] for each in parameters if each["in"] == "query"}
    assert set(parse_qs(urlsplit(exchange.target).query)) <= known


@each_verb
def test_a_verb_sends_a_key_where_the_endpoint_takes_one(noun: Noun[Any], verb: Any) -> None:
    exchange = sent_by(noun, verb)
    parameters = operation_of(exchange).get("parameters", [])
    takes = any(each["name"] == "Idempotency-Key" for each in parameters)
    assert ("Idempotency-Key" in exchange.headers) is takes


@each_verb
def test_a_verb_sends_in_its_body_what_the_endpoint_knows(noun: Noun[Any], verb: Any) -> None:
    exchange = sent_by(noun, verb)
    if exchange.headers.get("Content-Type") != "application/json":
        return
    body = msgspec.json.decode(exchange.content or b"")
    schema = operation_of(exchange)["requestBody"]["content"]["application/json"]["schema"]
    assert set(body) <= set(resolve(schema)["properties"])


def resolve(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference, also out of a body that may be missing."""
    schema = next((each for each in schema.get("anyOf", ()) if "$ref" in each), schema)
    return SCHEMAS[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


READERS = [
    pytest.param(noun, verb, id=name)
    for name, noun, verb in VERBS
    if isinstance(verb, Verb | Listing)
]


@pytest.mark.parametrize(("noun", "verb"), READERS)
def test_a_verb_reads_the_answer_that_the_endpoint_gives(noun: Noun[Any], verb: Any) -> None:
    call: Call[Any] = verb._make(noun, **arguments_of(verb))
    content = operation_of(sent_by(noun, verb))["responses"]["200"]["content"]
    schema = content.get("application/json", {}).get("schema", {})
    known = {read_as(each, call.member) for each in choices(schema)}
    if set(content) - {"application/json", "text/event-stream"}:
        known |= {"bytes", "str", "bool"}
    assert written(call.answer) in known


def choices(schema: Mapping[str, Any]) -> list[Any]:
    return list(schema.get("anyOf", [schema]))


def written(answer: Any) -> str:
    """Write a type as ``read_as`` writes a schema."""
    if get_origin(answer) is list:
        return f"[{written(get_args(answer)[0])}]"
    return str(getattr(answer, "__name__", answer))


def read_as(schema: Mapping[str, Any], member: str) -> str:
    """Write a schema, or a member of it, with the names of the client's records."""
    if member:
        schema = resolve(schema).get("properties", {}).get(member, {})
    if "$ref" in schema:
        return name_of(schema["$ref"].rpartition("/")[2])
    if schema.get("type") == "array":
        items = schema["items"] if isinstance(schema["items"], dict) else {}
        return f"[{read_as(items, '')}]"
    words = {"string": "str", "boolean": "bool"}
    return words.get(schema.get("type", ""), "dict")


def test_every_endpoint_has_a_verb() -> None:
    covered = {operation_of(sent_by(noun, verb))["operationId"] for _, noun, verb in VERBS}
    wanted = {
        each["operationId"] for path in DESCRIPTION["paths"].values() for each in path.values()
    }
    assert wanted - covered == WITHOUT_VERB
