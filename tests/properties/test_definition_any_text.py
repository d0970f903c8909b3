"""Whatever stands behind a key, a definition is read or refused; it never breaks the reader."""

import json
from collections.abc import Sequence
from contextlib import suppress

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from berth.definition import parse_definition, render_with_defaults
from berth.definition.service.reader import KEYS
from berth.domain.errors import DefinitionInvalid, Problem
from berth.domain.spec import ServiceSpec

#: Words with a meaning somewhere below a service; a wrong place is as good a test as a right one.
WORDS = [
    *(
        "web",
        "db",
        "default",
        "data",
        "host",
        "bridge",
        "none",
        "all",
        "container:web",
        "service:db",
    ),
    *(
        "80",
        "80:80",
        "70000",
        "1-3:1-3",
        "127.0.0.1::80/udp",
        "-1",
        "0",
        "1.5",
        "512m",
        "10s",
        "1h",
    ),
    *(
        "/a",
        "/a:/b:ro",
        "data:/b:nocopy,z",
        "./a:/b",
        "A=1",
        "A",
        "=",
        "$A",
        "${A:-b}",
        "${A:?}",
        "$$",
    ),
    *(
        "{{.HostIP}}",
        '{{proxy "db:80"}}',
        "{{",
        "}}",
        "",
        "~",
        "yes",
        "CMD",
        "NONE",
        "on-failure:3",
    ),
    *("occs:availability=per-tag", "OCCS_PHASE_ID=1", "OCCS_HEALTHCHECK_A=http://:80/?retries=2"),
    *(
        "OCCS_HEALTHCHECK_B=script://",
        "constraint:hostname!=h",
        "node.labels.a == true",
        "replicated",
    ),
    *("service_healthy", "start-first", "rollback", "nofile", "gpu", "syslog", "nginx:1.27"),
]
NAMES = [
    *("driver", "options", "test", "interval", "retries", "disable", "type", "source", "target"),
    *("bind", "volume", "tmpfs", "propagation", "size", "mode", "published", "protocol", "host_ip"),
    *(
        "replicas",
        "resources",
        "limits",
        "reservations",
        "devices",
        "capabilities",
        "count",
        "memory",
    ),
    *(
        "cpus",
        "placement",
        "constraints",
        "update_config",
        "parallelism",
        "restart_policy",
        "condition",
    ),
    *("soft", "hard", "aliases", "required", "name", "external", "x-own", "web", "db", "nofile"),
]
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
    st.sampled_from(WORDS),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)
bodies = st.dictionaries(st.sampled_from(sorted(KEYS)), values, max_size=4).map(
    lambda keys: {**keys, "image": "nginx"}
)
texts = st.fixed_dictionaries(
    {"services": st.dictionaries(st.sampled_from(["web", "db", "cache"]), bodies, min_size=1)},
    optional={"volumes": values, "networks": values, "version": scalars},
).map(json.dumps)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts)
def test_any_value_behind_any_key_is_read_or_refused(text: str) -> None:
    with suppress(DefinitionInvalid):
        parsed = parse_definition(text)
        for service in parsed.services:
            encoded = msgspec.json.encode(service)
            assert msgspec.json.decode(encoded, type=ServiceSpec) == service


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(KEYS)), values)
def test_a_single_key_is_read_or_refused_with_a_place(key: str, value: object) -> None:
    text = json.dumps({"services": {"web": {"image": "nginx", key: value}, "db": {"image": "x"}}})
    problems = find_problems(text)
    assert all(found.message and found.line == 1 and found.column for found in problems)
    if not problems:
        copy = parse_definition(render_with_defaults(text))
        assert copy.services == parse_definition(text).services


def find_problems(text: str) -> Sequence[Problem]:
    """Return what is wrong with a text."""
    try:
        parse_definition(text)
    except DefinitionInvalid as refused:
        return refused.problems
    return ()
