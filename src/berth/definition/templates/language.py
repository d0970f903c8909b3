"""The language of template functions: ``{{function args}}`` in the values of a text.

Source of the table: the old system's functions, as listed in ``docs/guides/discover.md``. A result is
never read as a template again, so nothing can loop but variables that name each other.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple, TypeAlias

from berth.definition.text.nodes import Dictionary, Node, Scalar, Sequence
from berth.definition.text.position import Position
from berth.definition.text.template_names import DOCKER, FUNCTIONS, PLATFORM, find_near, is_template
from berth.definition.text.values import pairs
from berth.domain.spec import ContainerSpec, TemplateUses

#: Variables that every container gets; a variable of the same name may read them.
INJECTED = frozenset(
    {
        "OCCS_HOSTIP", "OCCS_HOSTIPS", "OCCS_CONTAINER_NAME", "OCCS_SERVICE_ID", "OCCS_DEPLOYMENT_ID",
        "OCCS_DEPLOYMENT_NAME", "OCCS_SERVICE_SLOT", "OCCS_HOST_ID", "OCCS_HOSTNAME", "OCCS_POOL_ID",
    }
)  # fmt: skip

#: Keys of a service whose values go to the engine, which has template functions of its own.
_OF_THE_ENGINE = frozenset({"logging", "log_opt", "log_driver"})

#: Keys whose values have quotes of their own, which may stand escaped around an argument.
_OF_THE_SHELL = frozenset({"command", "entrypoint"})

_OPEN = "{{"
_CALL = re.compile(r'\{\{([^"{}]*+(?:"(?:[^"\\]++|\\.)*+"[^"{}]*+)*+)\}\}')
_WORD = re.compile(
    r'\s*(?:"(?P<text>(?:[^"\\]|\\.)*)"|(?P<number>[0-9]{1,9})(?![\w.])'
    r"|(?P<platform>\.[A-Za-z]+(?:\.[A-Za-z]+)*)|(?P<name>[A-Za-z_][A-Za-z0-9_]*))(?=\s|$)"
)
_ESCAPE = re.compile(r"\\(.)")
#: Ends the message where the braces may be meant for another program.
_HOW = 'or write {{"{{"}} for two literal braces'
_TARGET = re.compile(r"(?P<service>[^:]+):(?P<port>[0-9]{1,5})")
MAX_KEY_BYTES = 512
#: Longest template function, in characters.
MAX_CALL = 1024
#: Most words of one: a name, and one argument more than any takes.
_MOST_WORDS = 4


class Platform(str):
    """An argument that begins with a period."""

    __slots__ = ()


Argument: TypeAlias = str | int


class TemplateCall(NamedTuple):
    """One template function with its arguments."""

    name: str
    arguments: tuple[Argument, ...] = ()


class TemplateProblem(Exception):
    """A template function cannot be understood."""

    def __init__(self, message: str, *, offset: int) -> None:
        super().__init__(message)
        #: Characters of the text before it.
        self.offset = offset


def parse_template(text: str, *, lenient: bool = False) -> Iterator[str | TemplateCall]:
    """Cut a text into what is literal and what is a call.

    Braces that begin no function of Berth are literal. Raises TemplateProblem; ``lenient``
    leaves what is not understood as it is.
    """
    place = 0
    while (start := text.find(_OPEN, place)) >= 0:
        part, end = _read_part(text, start, lenient=lenient)
        yield text[place:start]
        yield part
        place = end
    yield text[place:]


def _read_part(text: str, start: int, *, lenient: bool) -> tuple[str | TemplateCall, int]:
    """Return what two braces begin, and where it ends; one brace where they are literal."""
    if not is_template(text, start):
        return text[start], start + 1
    match = _CALL.match(text, start, start + MAX_CALL)
    try:
        call = _parse_call(text, start, match=match)
    except TemplateProblem:
        if lenient:
            return text[start], start + 1
        raise
    return call, match.end() if match else start + 1


def _parse_call(text: str, start: int, *, match: re.Match[str] | None) -> str | TemplateCall:
    if match is None:
        end, inner = text.find("}}", start), text.find(_OPEN, start + 2)
        if 0 <= inner < end:
            message = (
                "a template function cannot stand inside another: write them one after the other"
            )
        elif end - start > MAX_CALL - len("}}"):
            message = f"a template function is longer than {MAX_CALL} characters: shorten it"
        else:
            message = f"the template function is not closed: end it with }}}}, {_HOW}"
        raise TemplateProblem(message, offset=start)
    try:
        name, arguments = _read_words(match[1])
        return name if not isinstance(name, _Name | Platform) else _check_call(name, arguments)
    except ValueError as problem:
        raise TemplateProblem(str(problem), offset=start) from None


def _read_words(inside: str) -> tuple[str, tuple[Argument, ...]]:
    """Return the first word and the others; the first is a plain text where it is in quotes."""
    words: list[Argument] = []
    rest = inside.rstrip()
    place = 0
    while place < len(rest) and len(words) < _MOST_WORDS:
        match = _WORD.match(rest, place)
        if match is None:
            raise ValueError(
                f'the template function "{inside.strip()[:60]}" is not understood: write '
                f"{{{{function args}}}} with arguments in double quotes, {_HOW}"
            )
        words.append(_word(match))
        place = match.end()
    first = words[0]
    assert isinstance(first, str)
    return first, tuple(words[1:])


class _Name(str):
    """A bare word."""

    __slots__ = ()


def _word(match: re.Match[str]) -> Argument:
    if match["text"] is not None:
        return _ESCAPE.sub(r"\1", match["text"])
    if match["number"] is not None:
        return int(match["number"])
    return Platform(match["platform"]) if match["platform"] else _Name(match["name"])


def _check_call(name: str, arguments: tuple[Argument, ...]) -> TemplateCall:
    known = DOCKER.get(name, name)
    if (name in PLATFORM or name in DOCKER) and not arguments:
        return TemplateCall(known or name)
    form = FORMS.get(name)
    if form is None:
        if name in PLATFORM or name in DOCKER:
            raise ValueError(f"the template function {name} takes no arguments: leave them out")
        raise ValueError(_unknown(name))
    kinds = "".join(_KINDS.get(type(argument), "?") for argument in arguments)
    if kinds not in form.kinds:
        raise ValueError(f"wrong arguments of the template function {name}: write {form.example}")
    if name == "hostip_for_interface" and arguments[0] != ".HostIPs":
        raise ValueError(f"wrong arguments of the template function {name}: write {form.example}")
    if name == "proxy" and not _is_target(str(arguments[0])):
        raise ValueError(f"wrong arguments of the template function {name}: write {form.example}")
    if name == "kv_get":
        _check_key(str(arguments[0]))
    return TemplateCall(name, arguments)


def _unknown(name: str) -> str:
    near = find_near(name)
    if near in FORMS or near in PLATFORM or near in DOCKER:
        return f'unknown template function "{name}": use {near}, {_HOW}'
    known = (
        f"{', '.join(DOCKER)} are known of Docker's"
        if name.startswith(".")
        else f"use {', '.join(FUNCTIONS)}, or a value such as {PLATFORM[0]}"
    )
    return f'unknown template function "{name}": {known}; {_HOW}'


class CallForm(NamedTuple):
    """How a function is called."""

    #: A letter for each argument: text, number, platform.
    kinds: tuple[str, ...]
    example: str


_KINDS: Mapping[type, str] = {str: "t", int: "n", Platform: "p"}
FORMS: Mapping[str, CallForm] = {
    "api_token": CallForm(("",), "{{api_token}}"),
    "proxy": CallForm(("t",), '{{proxy "service:port"}}'),
    "sd_deployment_containers_path": CallForm(
        ("tn",), '{{sd_deployment_containers_path "service" port}}'
    ),
    "kv_get": CallForm(("t", "tt"), '{{kv_get "key"}} or {{kv_get "key" "default"}}'),
    "hostip_for_interface": CallForm(("pt",), '{{hostip_for_interface .HostIPs "eth0"}}'),
    "env": CallForm(("t",), '{{env "NAME"}}'),
}


def _is_target(target: str) -> bool:
    match = _TARGET.fullmatch(target)
    return match is not None and 1 <= int(match["port"]) <= 65535


def _check_key(key: str) -> None:
    if not key or key.startswith("/") or len(key.encode("utf-8", "replace")) > MAX_KEY_BYTES:
        raise ValueError(
            f"a key must have 1 to {MAX_KEY_BYTES} bytes and no leading slash: fix the key of kv_get"
        )


def split_target(target: str) -> tuple[str, int]:
    """Return service and port of an argument of ``proxy``."""
    service, _, port = target.rpartition(":")
    return service, int(port)


def check_templates(body: Node, at: Position, *, services: Collection[str]) -> None:
    """Record every template function of a service that cannot be evaluated.

    ``services`` are the names of all services of the text.
    """
    if not isinstance(body, Dictionary):
        return
    seen: set[int] = set()
    for name, (_, node) in body.entries.items():
        of_shell = name in _OF_THE_SHELL
        if name not in _OF_THE_ENGINE and not name.startswith("x-"):
            for scalar, place in _scalars(node, at.inside(name), seen=seen):
                text = scalar.value.replace('\\"', '"') if of_shell else scalar.value
                _check_text(text, scalar, at=place, services=services)
    environment = body.get("environment")
    if environment is not None:
        _check_loops(environment, at.inside("environment"))


def _scalars(node: Node, at: Position, *, seen: set[int]) -> Iterator[tuple[Scalar, Position]]:
    """Yield the values that hold a template function; what aliases share comes once."""
    waiting = [(node, at)]
    while waiting:
        one, place = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, Scalar):
            if _OPEN in one.value:
                yield one, place
        elif isinstance(one, Sequence):
            waiting += [(item, place.inside(index)) for index, item in enumerate(one.items)]
        else:
            waiting += [(item, place.inside(name)) for name, (_, item) in one.entries.items()]


def _check_text(text: str, scalar: Scalar, *, at: Position, services: Collection[str]) -> None:
    try:
        for part in parse_template(text):
            if isinstance(part, TemplateCall) and part.name == "proxy":
                service = split_target(str(part.arguments[0]))[0]
                if service not in services:
                    at.problem(
                        scalar,
                        f'the proxy is for "{service[:60]}", which is not a service of this text: '
                        f"use one of {', '.join(sorted(services)[:10])}",
                    )
                else:
                    at.ignored(scalar, _NO_BALANCER)
            elif isinstance(part, TemplateCall) and part.name == "api_token":
                at.translated(scalar, _OWN_TOKEN)
    except TemplateProblem as problem:
        at.problem_below(scalar, _lines_before(scalar, problem.offset), message=str(problem))


#: Hosts reserve the port, but have no balancer yet.
_NO_BALANCER = (
    "nothing listens yet at the address that proxy gives: link the service, or look up its keys"
)


#: What an instance that is older does unless its setting is changed stands here too: texts are read
#: without the settings.
_OWN_TOKEN = (
    "a token of this deployment alone: it reads keys, the catalog and this deployment; where the "
    "setting api_token_of is user it is the bearer token of its user instead, which may do everything"
)


def _lines_before(scalar: Scalar, offset: int) -> int:
    """Return how many lines below its beginning a place in a block of text is."""
    above = scalar.value.count("\n", 0, offset)
    # Only a block has a line of the text for each of its value, and one for its mark.
    is_block = scalar.end.line - scalar.start.line >= scalar.value.rstrip("\n").count("\n") + 1
    return above + 1 if is_block and "\n" in scalar.value else 0


def _check_loops(node: Node, at: Position) -> None:
    found = {name: (value or "", item) for name, value, item in pairs(node, at)}
    try:
        sort_variables({name: value for name, (value, _) in found.items()})
    except CycleError as error:
        circle: list[str] = error.args[1]
        at.inside(circle[0]).problem(
            found[circle[0]][1],
            f"the variables {' -> '.join(circle[:10])} refer to each other: remove one env function",
        )


def sort_variables(variables: Mapping[str, str]) -> list[str]:
    """Order variables so that each comes after those that it reads; raises CycleError."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name, value in variables.items():
        sorter.add(name, *_variables_read(name, value, known=variables))
    return [*sorter.static_order()]


def _variables_read(name: str, value: str, *, known: Mapping[str, str]) -> list[str]:
    if _OPEN not in value:
        return []
    calls = [part for part in parse_template(value, lenient=True) if isinstance(part, TemplateCall)]
    read = [str(call.arguments[0]) for call in calls if call.name == "env"]
    return [one for one in read if one in known and not (one == name and one in INJECTED)]


def find_uses(spec: ContainerSpec) -> TemplateUses:
    """Return what the template functions of a spec need of the outside."""
    calls = [
        part
        for text in texts_with_braces(spec)
        for part in parse_template(text, lenient=True)
        if isinstance(part, TemplateCall)
    ]
    if not calls:
        return TemplateUses()
    keys = [call.arguments for call in calls if call.name == "kv_get"]
    return TemplateUses(
        needs_keys=tuple(sorted({str(key[0]) for key in keys if len(key) == 1})),
        reads_keys=tuple(sorted({str(key[0]) for key in keys})),
        proxies=tuple(sorted({str(c.arguments[0]) for c in calls if c.name == "proxy"})),
        shows_token=any(call.name == "api_token" for call in calls),
    )


def texts_with_braces(value: object) -> Iterator[str]:
    """Yield every text of a record that may hold a template function."""
    if isinstance(value, str):
        if _OPEN in value:
            yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from texts_with_braces(item)
    else:
        for name in getattr(value, "__struct_fields__", ()):
            yield from texts_with_braces(getattr(value, name))
