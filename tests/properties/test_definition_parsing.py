"""Reading a text: nothing but a list of problems ever comes out wrong, and layout says nothing."""

import json
import random

import msgspec
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from berth.definition import ParsedDefinition, parse_definition
from berth.domain.errors import DefinitionInvalid
from berth.domain.spec import ServiceSpec, hash_spec

VALID = """\
version: 2
services:
  web: &web
    image: nginx:1.27
    command: sh -c "exec nginx -g 'daemon off;'"
    ports: [80, "8080:80/udp", "[::1]:1-2:3-4", {target: 5, published: "6"}]
    environment:
      - A=1   # one
      - 'occs:availability=per-tag'
      - "OCCS:availability_context=ssd"
      - constraint:hostname!=wkr-1
      - OCCS_PHASE_ID=3
    volumes: ['/a:/b:ro', data:/c, {type: tmpfs, target: /d}]
    restart: no
    mem_limit: 512m
    memswap_limit: -1
    stop_grace_period: 1m30s
    logging: {driver: syslog, options: {tag: x}}
  db:
    <<: *web
    extra_hosts: {a: 10.0.0.1}
    environment: {B: yes, 'occs:scheduler': cpu}
    links: [web]
"""
SNIPPETS = [
    "\t",
    "\0",
    ":",
    "- ",
    "*web",
    "&x ",
    "<<: ",
    "{{a}}",
    "'",
    '"',
    "[",
    "}",
    "\n",
    "!",
    "|\n",
    "? ",
    "---\n",
    "%",
    "@",
    "70000",
    "-1",
    "~",
    "occs:",
    "constraint:",
    "=",
    "\ud800",
    "\ufeff",
    "\x85",
    "\u2028",
    "1e999",
    "9" * 30,
    "image",
    "#",
]

_edit = st.tuples(st.integers(0, len(VALID)), st.integers(0, 12), st.sampled_from(["", *SNIPPETS]))


def parse_or_refuse(text: str) -> ParsedDefinition | None:
    """Parse a text; None when it is refused, as it may be, with problems that have a message."""
    try:
        return parse_definition(text)
    except DefinitionInvalid as refusal:
        problems = refusal.problems
    assert problems
    assert all(found.message and found.line >= 0 for found in problems)
    return None


@given(st.text(max_size=200))
@example("\ud800")
@example("a: &a [*a]")
@example("? ")
@example("a: \x85b: \u2028c: d")
def test_any_text_is_read_or_refused_with_problems(text: str) -> None:
    parse_or_refuse(text)


@given(st.text(alphabet="ab:-?,[]{}#&*!|>'\"%@` \n\t~<.0", max_size=80))
def test_any_marks_of_yaml_are_read_or_refused_with_problems(text: str) -> None:
    parse_or_refuse(text)


@given(st.lists(_edit, min_size=1, max_size=4))
def test_a_damaged_text_is_read_or_refused_and_what_is_read_fits_its_records(
    edits: list[tuple[int, int, str]],
) -> None:
    text = VALID
    for place, cut, put in edits:
        text = text[:place] + put + text[place + cut :]
    parsed = parse_or_refuse(text)
    for service in parsed.services if parsed else ():
        assert msgspec.json.decode(msgspec.json.encode(service), type=ServiceSpec) == service


_word = (
    st.text(alphabet="abcXYZ019 .:/#'\"{é", min_size=1, max_size=12)
    .map(str.strip)
    .filter(lambda word: "{{" not in word)  # that begins a template
)
_name = st.from_regex(r"[A-Z][A-Z0-9_]{0,8}", fullmatch=True)
_any_value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
_KEYS = [
    "image",
    "command",
    "entrypoint",
    "environment",
    "ports",
    "expose",
    "volumes",
    "tmpfs",
    "labels",
    "extra_hosts",
    "dns",
    "logging",
    "log_opt",
    "restart",
    "mem_limit",
    "memswap_limit",
    "cpus",
    "stop_grace_period",
    "devices",
    "cap_add",
    "pid",
    "net",
    "network_mode",
    "privileged",
    "<<",
]


@given(st.dictionaries(st.sampled_from(_KEYS), _any_value, max_size=6))
def test_any_value_under_any_key_is_read_or_refused(body: dict[str, object]) -> None:
    parse_or_refuse(json.dumps({"services": {"web": {"image": "x", **body}}}))


@st.composite
def services(draw: st.DrawFn) -> dict[str, object]:
    """Build the mapping of one valid service."""
    optional: dict[str, st.SearchStrategy[object]] = {
        "environment": st.dictionaries(_name, _word, max_size=4),
        "labels": st.dictionaries(_name, _word, max_size=3),
        "command": st.lists(_word, max_size=3),
        "user": st.sampled_from(["root", "22:22", "1000"]),
        "ports": st.lists(st.integers(1, 65535), max_size=3),
        "volumes": st.just(["data:/data", "/etc/x:/x:ro"]),
        "tmpfs": st.just(["/run"]),
        "mem_limit": st.sampled_from(["64m", "1g"]),
        "memswap_limit": st.just("2g"),
        "tty": st.booleans(),
        "restart": st.sampled_from(["no", "always"]),
        "log_driver": st.just("syslog"),
        "log_opt": st.dictionaries(_name, _word, max_size=2),
        "extra_hosts": st.just({"b": "10.0.0.1", "a": "10.0.0.2"}),
    }
    body = draw(st.fixed_dictionaries({"image": st.just("nginx:1.27")}, optional=optional))
    if "memswap_limit" in body:
        body["mem_limit"] = "1g"
    return dict(body)


def shuffled(value: object, order: random.Random) -> object:
    """Return the same mapping with its keys in another order, at every depth."""
    if not isinstance(value, dict):
        return value
    keys = list(value)
    order.shuffle(keys)
    return {key: shuffled(value[key], order) for key in keys}


@given(services(), st.randoms(use_true_random=False))
def test_the_hash_does_not_depend_on_layout_comments_or_order_of_keys(
    body: dict[str, object], order: random.Random
) -> None:
    plain = json.dumps({"services": {"web": body}}, ensure_ascii=False)
    block = yaml.safe_dump(
        {"version": 2, "services": {"web": shuffled(body, order)}},
        sort_keys=False,
        allow_unicode=True,
        width=10_000,
    )
    commented = "# a comment\n" + block.replace("\n", "   # more\n\n")
    (one,), (two,) = parse_definition(plain).services, parse_definition(commented).services
    assert one == two
    assert hash_spec(one.container) == hash_spec(two.container)
