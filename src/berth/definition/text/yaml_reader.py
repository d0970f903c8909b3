"""Turns YAML text into nodes; the parser in C does the scanning.

The parser's events are put together here, not by PyYAML, so that depth and size are bounded while
they grow, an alias is never expanded, and duplicate keys are seen.
"""

import re
from typing import NoReturn

import yaml

from berth.definition.text.findings import Findings, problem_in
from berth.definition.text.nodes import OVERRIDE_TAG, Dictionary, Mark, Node, Scalar, Sequence
from berth.domain.errors import Problem

#: Longest text, in bytes.
MAX_BYTES = 1024 * 1024
#: Greatest weight of a text with every alias written out; 1,000 services weigh about 40,000.
MAX_SIZE = 100_000
#: Deepest nesting.
MAX_DEPTH = 50

#: Events alone are taken from the loader; its constructor is never called.
_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_CORE_TAG = "tag:yaml.org,2002:"
_STRING_TAGS = frozenset({"!", _CORE_TAG + "str"})
_MERGE_TAG = _CORE_TAG + "merge"
#: Takes the key of its value away, also where it is merged in or extended.
_RESET_TAG = "!reset"
_TAGS = _STRING_TAGS.union(
    (_RESET_TAG, OVERRIDE_TAG, _MERGE_TAG),
    (_CORE_TAG + name for name in ("int", "float", "bool", "null", "seq", "map")),
)


def compose(text: str, findings: Findings) -> Node | None:
    """Read a text of one YAML document; None when it is empty.

    Raises ``DefinitionInvalid`` when the text cannot be read to its end.
    """
    text = text.removeprefix("\ufeff")
    check_characters(text, findings)
    composer = _Composer(findings)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            composer.take(event)
    except yaml.YAMLError as error:
        findings.refuse(_syntax_problem(error, text))
    return composer.root


def check_characters(text: str, findings: Findings) -> None:
    """Refuse a text that is too long, or holds a character that no definition may hold."""
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        kept = text[:MAX_BYTES].encode("utf-8", "surrogatepass")[:MAX_BYTES]
        message = "the text is longer than 1 MiB, which ends here: split it into several stacks"
        findings.refuse(problem_in(text, len(kept.decode("utf-8", "ignore")), message=message))
    bad = _FORBIDDEN.search(text)
    if bad is None:
        return
    name = "a NUL byte" if bad.group() == "\0" else f"the character U+{ord(bad.group()):04X}"
    message = f"a text must not contain {name}: remove it"
    findings.refuse(problem_in(text, bad.start(), message=message))


def _syntax_problem(error: yaml.YAMLError, text: str) -> Problem:
    if not isinstance(error, yaml.MarkedYAMLError):
        return Problem(f"the text is not valid YAML: {error}")
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return Problem(f"the text is not valid YAML: {error.problem}")
    line, column = mark.line, mark.column
    lines = text.split("\n")
    here = lines[line] if line < len(lines) else ""
    if "\t" in here[: column + 1]:
        message = "YAML does not allow a tab here: indent with spaces"
    else:
        context = f" {error.context}" if error.context else ""
        message = (
            f"the text is not valid YAML{context}: {error.problem}; "
            "check the indentation, quotes and colons here and in the line before"
        )
    return Problem(message, line=line + 1, column=column + 1)


class _Frame:
    """A list or mapping whose end was not seen yet."""

    __slots__ = ("bad_key", "key", "merges", "node")

    def __init__(self, node: Sequence | Dictionary) -> None:
        self.node = node
        #: The key that waits for its value.
        self.key: Scalar | None = None
        #: Whether that key is none, and its value goes away with it.
        self.bad_key = False
        #: Values of merge keys.
        self.merges: list[Node] = []


class _Composer:
    """Builds the tree from events, with a stack of its own in place of recursion."""

    def __init__(self, findings: Findings) -> None:
        self.root: Node | None = None
        self._findings = findings
        self._frames: list[_Frame] = []
        self._anchors: dict[str, Node] = {}
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        """Add what one event holds."""
        start, end = event.start_mark, event.end_mark
        if start is None or end is None:
            return
        if isinstance(event, yaml.ScalarEvent):
            self._take_scalar(event, start, end=end)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open(event, start, end=end)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close(end)
        elif isinstance(event, yaml.AliasEvent):
            self._take_alias(event.anchor or "", start)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._refuse(
                    start, "a second YAML document begins here: keep one, and remove the line ---"
                )

    def _take_scalar(self, event: yaml.ScalarEvent, start: Mark, *, end: Mark) -> None:
        plain = event.implicit[0] if event.tag is None else event.tag not in _STRING_TAGS
        scalar = Scalar(start, end, value=event.value, plain=plain)
        if event.anchor is not None or event.tag is not None:
            self._mark(scalar, event.anchor, tag=event.tag)
        self._place(scalar, start)

    def _open(self, event: yaml.CollectionStartEvent, start: Mark, *, end: Mark) -> None:
        kind = Sequence if isinstance(event, yaml.SequenceStartEvent) else Dictionary
        node = kind(start, end, flow=bool(event.flow_style))
        if event.anchor is not None or event.tag is not None:
            self._mark(node, event.anchor, tag=event.tag)
        if len(self._frames) >= MAX_DEPTH:
            self._refuse(start, f"the text is nested more than {MAX_DEPTH} levels deep")
        self._frames.append(_Frame(node))

    def _close(self, end: Mark) -> None:
        frame = self._frames.pop()
        frame.node.end = end
        if isinstance(frame.node, Dictionary):
            frame.node.own = len(frame.node.entries)
            for value in frame.merges:
                self._merge(frame.node, value)
        frame.node.size += 1
        self._place(frame.node, frame.node.start)

    def _take_alias(self, name: str, mark: Mark) -> None:
        node = self._anchors.get(name)
        if node is None:
            self._refuse(mark, f"the alias *{name} has no anchor &{name} before it")
        if any(frame.node is node for frame in self._frames):
            self._refuse(
                mark,
                f"the alias *{name} is inside its own anchor: a value cannot contain itself",
            )
        self._place(node, mark)

    def _place(self, node: Node, mark: Mark) -> None:
        """Put a finished node into what is open around it; ``mark`` is where the text names it."""
        if not self._frames:
            self.root = node
            return
        frame = self._frames[-1]
        container = frame.node
        container.size += node.size
        if container.size > MAX_SIZE:
            self._refuse(
                mark,
                "the text is too large once its aliases are written out: use fewer aliases, or "
                "split it",
            )
        if isinstance(container, Sequence):
            if node.tag != _RESET_TAG:
                container.items.append(node)
        elif frame.key is None:
            frame.key = self._as_key(node, frame)
        else:
            key, frame.key = frame.key, None
            self._put(frame, key, value=node)

    def _as_key(self, node: Node, frame: _Frame) -> Scalar:
        if isinstance(node, Scalar):
            return node
        self._problem(node.start, "a key must be a single value: put it in quotes")
        frame.bad_key = True
        return Scalar(node.start, node.end, value="", plain=False)

    def _put(self, frame: _Frame, key: Scalar, *, value: Node) -> None:
        assert isinstance(frame.node, Dictionary)
        if frame.bad_key:
            frame.bad_key = False
        elif key.value == "<<" and key.plain:
            frame.merges.append(value)
        elif (first := frame.node.find_key(key.value)) is not None:
            self._problem(
                key.start,
                f'the key "{key.value[:60]}" appears twice, first in line {first.line}: keep one',
                name=key.value,
            )
        elif value.tag == _RESET_TAG:
            frame.node.resets[key.value] = key
        else:
            frame.node.entries[key.value] = (key, value)

    def _merge(self, target: Dictionary, value: Node) -> None:
        """Add what a merge key brings; what the mapping says itself wins, then what came first."""
        for source in value.items if isinstance(value, Sequence) else [value]:
            if isinstance(source, Dictionary):
                for name, entry in source.entries.items():
                    if name not in target.resets:
                        target.entries.setdefault(name, entry)
            else:
                self._problem(
                    source.start,
                    "the merge key << takes a mapping or a list of mappings: write <<: *name",
                )

    def _mark(self, node: Node, anchor: str | None, *, tag: str | None) -> None:
        node.shared = True
        if anchor is not None:
            self._anchors[anchor] = node
        node.tag = tag or ""
        misplaced = tag == _MERGE_TAG and not (isinstance(node, Scalar) and node.value == "<<")
        if tag is not None and (misplaced or tag not in _TAGS):
            self._problem(
                node.start, f"the tag {tag.replace(_CORE_TAG, '!!')} is not understood: remove it"
            )

    def _path(self, name: str = "") -> str:
        keys = [frame.key.value for frame in self._frames if frame.key is not None]
        return ".".join([*keys, name] if name else keys)

    def _problem(self, mark: Mark, message: str, *, name: str = "") -> None:
        self._findings.add_problem(_problem_at(mark, message, path=self._path(name)))

    def _refuse(self, mark: Mark, message: str) -> NoReturn:
        self._findings.refuse(_problem_at(mark, message, path=self._path()))


def _problem_at(mark: Mark, message: str, *, path: str) -> Problem:
    return Problem(message, line=mark.line + 1, column=mark.column + 1, field=path)
