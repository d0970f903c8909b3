"""Writes a service as a ``docker run`` command: one flag a line, the image last."""

import json
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from berth.definition.docker_run.flags import FLAGS, SHORT
from berth.definition.docker_run.parts import MODES
from berth.definition.docker_run.reader import name_service
from berth.definition.text.command_line import NoCommand, split_line
from berth.definition.writing.key_values import Body, Value
from berth.definition.writing.service_keys import render_body
from berth.domain.spec import ServiceSpec

#: Returns the flags of a value; none when no flag can express it.
Writer: TypeAlias = Callable[[Value], list[str] | None]

_SAFE = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.:/-]*")
_JSON_WORDS = frozenset({"true", "false", "null", "NaN", "Infinity"})
_SPECIAL = re.compile(r'[\\"$`]')
#: A word that ends within a template function needs quotes that nothing can end early.
_OPEN_TEMPLATE = re.compile(r"\{\{[^{}\n]*\Z")
#: Keys whose flags come first, in this order.
_FIRST = ("container_name", "ports", "volumes", "environment")
#: Flags that are written short, as people know them.
_SHORT = {name: letter for letter, name in SHORT.items() if letter in "elpv"}
_SEPARATING = re.compile(r"[,\"\r\n]")
_SECONDS = re.compile(r"([0-9]+)s")


def render_docker_run(spec: ServiceSpec) -> str:
    """Write a command; reading it returns the same service.

    A key that no flag can express is written as ``berth:<key>=<JSON>`` in the environment.
    """
    body = render_body(spec)
    body = {key: body[key] for key in _FIRST if key in body} | body
    image, command = str(body.pop("image")), _words(body.pop("command", None))
    flags: list[str] = []
    extra: Body = {}
    for key, value in body.items():
        found = _WRITERS.get(key, _plain(key))(value)
        if found is None:
            extra[key] = value
        else:
            flags += found
    if spec.key != name_service(spec.container.container_name, image):
        extra = {"service": spec.key, **extra}
    if command == []:
        extra["command"] = []
    flags += [_flag("env", f"berth:{key}={_write_extra(value)}") for key, value in extra.items()]
    last = " ".join([quote(image), *(write_word(word) for word in command or [])])
    return " \\\n  ".join(["docker run", *flags, last]) + "\n"


def _write_extra(value: Value) -> str:
    """Write JSON, or the text itself where that is not ambiguous."""
    if isinstance(value, str) and _WORD.fullmatch(value) and value not in _JSON_WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)


def write_word(word: str) -> str:
    """Write a word of a command, in quotes where a shell would read it otherwise."""
    return word if _SAFE.fullmatch(word) else quote(word)


def quote(word: str) -> str:
    """Write a word in double quotes, or in the quotes that it needs."""
    if not word.replace("\n", "").isprintable():
        return "$'" + "".join(map(_escape, word)) + "'"
    if _OPEN_TEMPLATE.search(word):
        return shlex.quote(word)
    return '"' + _SPECIAL.sub(r"\\\g<0>", word) + '"'


def _escape(character: str) -> str:
    if character in "\\'":
        return "\\" + character
    if character.isprintable():
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _words(value: "Value | None") -> list[str] | None:
    """Return the words of a command, however the body has them."""
    if value is None:
        return None
    words = value if isinstance(value, list) else split_line(str(value))
    assert not isinstance(words, NoCommand)
    return [str(word) for word in words]


def _flag(name: str, value: str) -> str:
    letter = _SHORT.get(name)
    quoted = quote(value) if letter in ("e", "l") else write_word(value)
    return f"-{letter}={quoted}" if letter else f"--{name}={quoted}"


def _plain(key: str) -> Writer:
    """Make a writer of the flag that takes the values of a key as they are."""

    def write(value: Value) -> list[str] | None:
        name = _NAMES.get(key)
        if name is None or isinstance(value, dict):
            return None
        if isinstance(value, list):
            return [_flag(name, str(item)) for item in value]
        return [f"--{name}"] if value is True else [_flag(name, str(value))]

    return write


def _entrypoint(value: Value) -> list[str] | None:
    words = _words(value) or []
    if len(words) > 1 or words == [""]:
        return None
    return [_flag("entrypoint", words[0])] if words else ['--entrypoint=""']


def _stop_grace(value: Value) -> list[str] | None:
    match = _SECONDS.fullmatch(str(value))
    return [f"--stop-timeout={match[1]}"] if match else None


def _logging(value: Value) -> list[str] | None:
    assert isinstance(value, dict)
    driver, options = value.get("driver"), value.get("options", {})
    assert isinstance(options, dict)
    if any("=" in name for name in options):
        return None
    first = [_flag("log-driver", str(driver))] if driver else []
    return first + [_flag("log-opt", f"{name}={each}") for name, each in options.items()]


def _volumes_from(value: Value) -> list[str] | None:
    """Write other containers; the command cannot name services."""
    assert isinstance(value, list)
    names = [str(each) for each in value]
    if not all(name.startswith("container:") for name in names):
        return None
    return [_flag("volumes-from", name.removeprefix("container:")) for name in names]


def _networks(value: Value) -> list[str] | None:
    assert isinstance(value, dict)
    if not MODES.isdisjoint(value):
        return None
    return [_flag("network", _write_network(name, each)) for name, each in value.items()]


def _write_network(name: str, members: Value) -> str:
    aliases = members.get("aliases", []) if isinstance(members, dict) else []
    assert isinstance(aliases, list)
    return _fields([f"name={name}", *(f"alias={alias}" for alias in aliases)]) if aliases else name


def _ulimits(value: Value) -> list[str] | None:
    assert isinstance(value, dict)
    found = []
    for name, limit in value.items():
        assert isinstance(limit, dict)
        found.append(_flag("ulimit", f"{name}={limit['soft']}:{limit['hard']}"))
    return found


def _volumes(value: Value) -> list[str] | None:
    assert isinstance(value, list)
    flags = []
    for item in value:
        if not isinstance(item, dict):
            flags.append(_flag("volume", str(item)))
        elif (fields := _mount_fields(item)) is None:
            return None
        else:
            flags.append(_flag("mount", fields))
    return flags


def _gpus(value: Value) -> list[str] | None:
    assert isinstance(value, list)
    requests = [_write_request(each) for each in value if isinstance(each, dict)]
    return None if None in requests else [_flag("gpus", each) for each in requests if each]


def _write_request(request: Mapping[str, Value]) -> str | None:
    """Write the fields of one request; none when a comma would not be read as it is meant."""
    if request == {"count": "all"}:
        return "all"
    fields = []
    for name, value in request.items():
        if isinstance(value, dict):
            value = [f"{option}={each}" for option, each in value.items()]
        words = [str(each) for each in value] if isinstance(value, list) else [str(value)]
        if any("," in word for word in words):
            return None
        fields.append(f"{'device' if name == 'device_ids' else name}={','.join(words)}")
    return _fields(fields)


def _health(value: Value) -> list[str] | None:
    """Write a check; one that is not a line for a shell has no flag."""
    assert isinstance(value, dict)
    if value.get("disable"):
        return ["--no-healthcheck"]
    test = value.get("test", [])
    assert isinstance(test, list)
    if test and (test[0] != "CMD-SHELL" or len(test) != 2 or test[1] == "none"):
        return None
    command = [_flag("health-cmd", str(test[1]))] if test else []
    rest = {name: each for name, each in value.items() if name != "test"}
    return command + [
        _flag(f"health-{name.replace('_', '-')}", str(each)) for name, each in rest.items()
    ]


def _mount_fields(mount: Mapping[str, Value]) -> str | None:
    """Write the long form of a volume as fields; none when there is no field for a part of it."""
    fields = []
    for name, value in mount.items():
        if isinstance(value, dict):
            if "selinux" in value or "options" in value:
                return None
            fields += [f"{name}-{option}={_field(each)}" for option, each in value.items()]
        else:
            fields.append(f"{'readonly' if name == 'read_only' else name}={_field(value)}")
    return _fields(fields)


def _field(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fields(fields: Iterable[str]) -> str:
    """Join fields with commas; quotes stand around one that holds a comma or a quote."""
    return ",".join(
        '"' + field.replace('"', '""') + '"' if _SEPARATING.search(field) else field
        for field in fields
    )


_NAMES = {flag.key: name for name, flag in FLAGS.items() if flag.key and flag.kind != "part"} | {
    "network_mode": "network"
}

_WRITERS: Mapping[str, Writer] = {
    "entrypoint": _entrypoint,
    "gpus": _gpus,
    "healthcheck": _health,
    "logging": _logging,
    "networks": _networks,
    "stop_grace_period": _stop_grace,
    "ulimits": _ulimits,
    "volumes": _volumes,
    "volumes_from": _volumes_from,
}
