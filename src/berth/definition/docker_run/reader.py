"""Reads a ``docker run`` command as the one service that it describes."""

import json
import re
from typing import Literal

from berth.definition.docker_run.flags import FLAGS, OLD_NAMES, SHORT, Flag
from berth.definition.docker_run.parts import PARTS, read_plain
from berth.definition.service.keys.environment import DIRECTIVES
from berth.definition.text.findings import Findings
from berth.definition.text.node_factory import (
    find_declarations,
    make_list,
    make_mapping,
    make_node,
    make_scalar,
)
from berth.definition.text.nodes import Dictionary, Node, Scalar
from berth.definition.text.shell_words import Word, split_words
from berth.definition.text.yaml_reader import check_characters
from berth.domain.errors import Problem
from berth.domain.report import ReportEntry
from berth.domain.spec import ID_PATTERN

#: How such a text begins; what may stand before it is skipped.
_COMMAND = re.compile(
    r"\ufeff?(?:\s|#[^\n]*\n)*(?:\$\s+)?(?:sudo\s+)?docker\b(?:\s|\\\r?\n)+(?:container\s+)?run(?![^\s\\])"
)

#: An entry of the environment that stands for a key without a flag, with its value as JSON or YAML.
_EXTRA = re.compile(r"berth:\s*([a-z_]+)\s*=(.*)", re.DOTALL)
#: The key of a service whose image has no plain name.
_NO_NAME = "service"
#: Short flags without a value; more of them in one word add nothing.
_SWITCHES = frozenset(letter for letter, name in SHORT.items() if FLAGS[name].kind == "switch")
_MOST_SWITCHES = 50
_UNKNOWN = "docker run has no such flag"


def is_docker_run(text: str) -> bool:
    """Return whether a text is a ``docker run`` command."""
    return _COMMAND.match(text) is not None


def read_docker_run(text: str, findings: Findings) -> Dictionary:
    """Return the nodes of a text with one service that says what the command says.

    Raises ``DefinitionInvalid`` when the text is not a command that a shell would run.
    """
    check_characters(text, findings)
    if not is_docker_run(text):
        findings.refuse(Problem("the text is not a command: begin it with docker run", 1, 1))
    words = split_words(text, findings)
    start = next(i for i, word in enumerate(words) if word.value == "run")
    command = _Command(findings)
    rest = command.take_flags(words[start + 1 :])
    if not rest:
        last = words[-1].start
        message = "the command names no image: write it after the flags, for example nginx:1.27"
        findings.refuse(Problem(message, last.line + 1, last.column + 1))
    return command.finish(rest)


class _Command:
    """A command while its flags are read one after another."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        #: What the flags say, by the keys that they stand for.
        self._given: dict[str, list[tuple[Flag, Word]]] = {}
        #: Keys without a flag, from the environment.
        self._extra: dict[str, Node] = {}

    def take_flags(self, words: list[Word]) -> list[Word]:
        """Take the flags, and return what follows them."""
        at = 0
        while at < len(words):
            word = words[at].value
            if word == "--":
                return words[at + 1 :]
            if word.startswith("--"):
                at = self._take_long(words, at)
            elif len(word) > 1 and word.startswith("-"):
                at = self._take_short(words, at)
            else:
                break
        return words[at:]

    def _take_long(self, words: list[Word], at: int) -> int:
        name, equals, value = words[at].value[2:].partition("=")
        flag = FLAGS.get(OLD_NAMES.get(name, name))
        if flag is None:
            self._report(words[at], name[:60], reason=_UNKNOWN)
            return at + (2 if not equals and _seems_value(words, at + 1) else 1)
        if equals or flag.kind == "switch":
            self._add(flag, _part(words[at], value if equals else "true"))
            return at + 1
        return self._add_next(flag, words, at=at)

    def _take_short(self, words: list[Word], at: int) -> int:
        letters = words[at].value[1:]
        if set(letters[:_MOST_SWITCHES]) <= _SWITCHES and len(letters) > _MOST_SWITCHES:
            self._problem(words[at], "too many flags in one word: write each once")
            return at + 1
        for index, letter in enumerate(letters):
            flag = FLAGS.get(SHORT.get(letter, ""))
            rest = letters[index + 1 :]
            if flag is None:
                self._report(words[at], letter, reason=_UNKNOWN)
            elif flag.kind == "switch":
                value = rest[1:] if rest.startswith("=") else "true"
                self._add(flag, _part(words[at], value))
            elif rest:
                self._add(flag, _part(words[at], rest.removeprefix("=")))
            else:
                return self._add_next(flag, words, at=at)
            if rest.startswith("=") or (flag and flag.kind != "switch"):
                break
        return at + 1

    def _add_next(self, flag: Flag, words: list[Word], *, at: int) -> int:
        """Take the next word as the value of a flag."""
        if at + 1 < len(words):
            self._add(flag, words[at + 1])
        else:
            name = flag.name
            self._problem(words[at], f"the flag --{name} has no value: write --{name}=VALUE")
        return at + 2

    def _add(self, flag: Flag, word: Word) -> None:
        if flag.reason:
            self._report(word, flag.name, reason=flag.reason, kept=bool(flag.key))
        extra = _EXTRA.fullmatch(word.value) if flag.name == "env" else None
        if extra is not None and extra[1] not in DIRECTIVES:
            self._extra[extra[1]] = self._read_extra(extra, word)
        elif flag.key:
            self._given.setdefault(flag.key, []).append((flag, word))

    def _read_extra(self, extra: re.Match[str], word: Word) -> Node:
        """Read the value of a key without a flag: JSON, or else a plain text."""
        try:
            return make_node(json.loads(extra[2]), word.start)
        except ValueError:
            return make_scalar(extra[2].strip(), word.start)
        except RecursionError:
            self._problem(word, f"the value of berth:{extra[1]} is nested too deeply")
            return make_scalar("", word.start)

    def finish(self, words: list[Word]) -> Dictionary:
        """Return the whole text as nodes; ``words`` are the image and the command behind it."""
        image, *command = words
        body: dict[str, Node] = {"image": make_scalar(image.value, image.start)}
        if command:
            body["command"] = make_list(
                (make_scalar(word.value, word.start) for word in command), command[0].start
            )
        for key, given in self._given.items():
            body |= PARTS.get(key, read_plain)(given)
        service = self._extra.pop("service", None)
        body |= self._extra
        key = service.value if isinstance(service, Scalar) else self._choose_key(image)
        node = make_mapping(body, image.start)
        services = make_mapping({key: node}, image.start)
        return make_mapping({"services": services, **find_declarations([node])}, image.start)

    def _choose_key(self, image: Word) -> str:
        """Name the service after the container, else after the image."""
        names = self._given.get("container_name")
        return name_service(names[-1][1].value if names else "", image.value)

    def _report(self, word: Word, name: str, *, reason: str, kept: bool = False) -> None:
        """Report a flag; ``kept`` means that it has an effect, though not quite its own."""
        outcome: Literal["translated", "ignored"] = "translated" if kept else "ignored"
        self._findings.add_report(ReportEntry(word.start.line + 1, f"--{name}", outcome, reason))

    def _problem(self, word: Word, message: str) -> None:
        place = word.start
        self._findings.add_problem(Problem(message, place.line + 1, place.column + 1))


def name_service(container_name: str, image: str) -> str:
    """Return the key of a service that names none: its container's name, or its image's."""
    base = image.rpartition("/")[2].partition("@")[0].partition(":")[0]
    for name in (container_name, base):
        if ID_PATTERN.fullmatch(name):
            return name
    return _NO_NAME


def _part(word: Word, value: str) -> Word:
    """Return the value in the same word as its flag."""
    return Word(value, word.start, word.end)


def _seems_value(words: list[Word], at: int) -> bool:
    """Guess whether a word belongs to the unknown flag before it: another flag follows it."""
    if at + 1 >= len(words) or words[at].value.startswith("-"):
        return False
    name, _, _ = words[at + 1].value.lstrip("-").partition("=")
    following = words[at + 1].value
    return following.startswith("-") and (name in FLAGS or name[:1] in SHORT)
