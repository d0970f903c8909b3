"""The query language of statuses and events: ``+severity:>3 -actor_type:task "pull failed"``."""

import operator
import re
from collections.abc import Callable
from typing import Any

import msgspec

from berth.domain.errors import Unreadable

MAX_CHARACTERS = 2_000
MAX_TERMS = 50

#: Members in which a word without a field is looked for.
SEARCHED = ("summary", "message", "actor_label", "sub_actor_label")

#: Prefix of the fields inside ``details``, whose values are texts that may hold numbers.
DETAILS = "details."

_TERM = re.compile(
    r"""
    \s* (?P<sign>[+-]?)
    (?: (?P<field>[A-Za-z_][A-Za-z0-9_.-]*) : (?= \S ) )?
    (?: "(?P<quoted>[^"]*)" | (?P<word> (?(field) [^\s":] | [^\s":+-] ) (?(field) [^\s"] | [^\s":] )* ) )
    (?= \s | $ )
    """,
    re.VERBOSE,
)
_NUMBER = re.compile(r"(?P<op>>=|<=|>|<|)(?P<number>-?[0-9]{1,18}(?:\.[0-9]{1,9})?)")
_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "": operator.eq,
}  # fmt: skip

Test = Callable[[Any], bool]


class Query(msgspec.Struct, frozen=True):
    """What an item must match: all of the first, none of the second, one of the third if any."""

    required: tuple[Test, ...] = ()
    excluded: tuple[Test, ...] = ()
    wanted: tuple[Test, ...] = ()

    def matches(self, item: Any) -> bool:
        """Whether an item, as it is answered, is asked for."""
        return (
            all(test(item) for test in self.required)
            and not any(test(item) for test in self.excluded)
            and (not self.wanted or any(test(item) for test in self.wanted))
        )


def parse_query(text: str, kind: type[msgspec.Struct]) -> Query:
    """Read a query over items of a kind; raises Unreadable."""
    if len(text) > MAX_CHARACTERS:
        raise _refusal(f"it is longer than {MAX_CHARACTERS} characters")
    tests: dict[str, list[Test]] = {"+": [], "-": [], "": []}
    types = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
    place, end = 0, len(text.rstrip())
    while place < end:
        found = _TERM.match(text, place)
        if found is None:
            raise _refusal(f"{text[place:].strip()[:80]!r} is no term")
        tests[found["sign"]].append(_test_of(found, types))
        place = found.end()
    if sum(map(len, tests.values())) > MAX_TERMS:
        raise _refusal(f"it has more than {MAX_TERMS} terms")
    return Query(tuple(tests["+"]), tuple(tests["-"]), tuple(tests[""]))


def _test_of(term: re.Match[str], types: dict[str, Any]) -> Test:
    field, quoted = term["field"], term["quoted"]
    wanted = (term["word"] if quoted is None else quoted).casefold()
    if field is None:
        return lambda item: any(wanted in getattr(item, name).casefold() for name in SEARCHED)
    if field.startswith(DETAILS):
        return _test_detail(field.removeprefix(DETAILS), wanted, number=quoted is None)
    if field not in types or types[field] not in (str, int):
        raise _refusal(f"there is no field {field!r}; put a text with a colon into quotes")
    if types[field] is int:
        return _test_number(field, wanted)
    return lambda item: wanted in getattr(item, field).casefold()


def _test_number(field: str, wanted: str) -> Test:
    found = _NUMBER.fullmatch(wanted)
    if found is None:
        raise _refusal(f"{field} is a number: write {field}:5, or >, >=, <, <= before the 5")
    compare, number = _OPERATORS[found["op"]], float(found["number"])
    return lambda item: compare(getattr(item, field), number)


def _test_detail(name: str, wanted: str, *, number: bool) -> Test:
    """Compare as numbers where the term has an operator, else look for a text."""
    found = _NUMBER.fullmatch(wanted) if number else None
    if found is None or not found["op"]:
        return lambda item: wanted in item.details.get(name, "").casefold() and name in item.details
    compare, limit = _OPERATORS[found["op"]], float(found["number"])

    def is_so(item: Any) -> bool:
        held = _NUMBER.fullmatch(item.details.get(name, ""))
        return held is not None and not held["op"] and compare(float(held["number"]), limit)

    return is_so


def _refusal(why: str) -> Unreadable:
    return Unreadable(f"q cannot be read: {why}", code="invalid_query", field="q")
