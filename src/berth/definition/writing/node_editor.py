"""Changes of single nodes of a text, gathered and made all at once."""

import re
from collections.abc import Callable, Iterable, Mapping
from difflib import SequenceMatcher
from itertools import islice

import msgspec

from berth.definition.text.nodes import Dictionary, Node, Scalar, Sequence
from berth.definition.writing.key_values import Value
from berth.definition.writing.yaml import quote, render_block, render_flow, render_items

#: Keys whose lists are names with values, in any order.
_NAMED = frozenset({"environment", "labels", "sysctls", "storage_opt"})
#: What may stand without quotes, wherever it stands.
_PLAIN = re.compile(r"[A-Za-z0-9_/.][A-Za-z0-9_/.@+-]*(?::[A-Za-z0-9_/.@+-]+)*")
_NOT_PLAIN = re.compile(r"[-+.0-9].*|true|false|null|yes|no|on|off|y|n", re.IGNORECASE)
#: Lists are compared item by item only up to this product of their lengths.
_MOST_PAIRS = 1_000_000
_ALIAS = re.compile(r":[ \t]*\*[^\s,\]}]+")


class NoEdit(Exception):
    """A change cannot be made to this part of the text alone."""


class _Edit(msgspec.Struct, frozen=True, order=True):
    """Text in the place of some characters."""

    start: int
    end: int
    text: str


class Editor:
    """Gathers changes of one text. Every method raises NoEdit where it finds no safe change."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._edits: list[_Edit] = []
        self._newline = "\r\n" if "\r\n" in text else "\n"

    def mark(self) -> int:
        """Return the point to which ``forget_since`` goes back."""
        return len(self._edits)

    def forget_since(self, mark: int) -> None:
        """Drop the changes gathered since."""
        del self._edits[mark:]

    def try_to(self, change: Callable[[], None]) -> None:
        """Make a change where it can be made; whoever applies it checks the result."""
        mark = self.mark()
        try:
            change()
        except NoEdit:
            self.forget_since(mark)

    def apply(self) -> str:
        """Return the text with all changes."""
        pieces, last = [], 0
        # Two services behind one anchor ask for the same change.
        for edit in sorted(set(self._edits)):
            if edit.start >= last:
                pieces += [self._text[last : edit.start], edit.text]
                last = edit.end
        return "".join([*pieces, self._text[last:]])

    def edit_mapping(
        self, node: Dictionary, old: Mapping[str, Value], *, new: Mapping[str, Value]
    ) -> None:
        """Change the entries that differ, remove those that are gone, add the new ones."""
        if node.flow and old.keys() != new.keys():
            raise NoEdit
        own = set(islice(node.entries, node.own))
        added = {}
        for name, value in new.items():
            if old.get(name) == value:
                continue
            if name in own:
                key, found = node.entries[name]
                self._edit_value(key, found, old=old.get(name), new=value)
            elif name in old:
                raise NoEdit
            else:
                added[name] = value
        for name in old.keys() - new.keys():
            if name not in own:
                raise NoEdit
            self.remove_entry(*node.entries[name])
        if added:
            if not own:
                raise NoEdit
            self.add_entries(added, behind=list(islice(node.entries.values(), node.own))[-1])

    def find_own(self, node: Dictionary, path: Iterable[str]) -> Dictionary | None:
        """Return a mapping inside another that stands here alone, and not behind an alias."""
        for name in path:
            key, found = node.entries.get(name, (None, node))
            own = name in islice(node.entries, node.own)
            if not own or key is None or not isinstance(found, Dictionary):
                return None
            if found.shared or self._is_alias(key, found):
                return None
            node = found
        return node

    def _edit_value(self, key: Scalar, node: Node, *, old: "Value | None", new: Value) -> None:
        """Change as little as possible of a value."""
        mark = self.mark()
        try:
            if self._is_alias(key, node) or node.shared:
                raise NoEdit
            if isinstance(node, Scalar) and not isinstance(new, list | dict):
                self._replace_scalar(node, new)
            elif key.value in _NAMED:
                self._edit_named(node, _as_pairs(old), new=_as_pairs(new))
            elif isinstance(node, Sequence) and isinstance(old, list) and isinstance(new, list):
                self._edit_items(node, old, new=new)
            elif isinstance(node, Dictionary) and isinstance(old, dict) and isinstance(new, dict):
                self.edit_mapping(node, old, new=new)
            else:
                raise NoEdit
        except NoEdit:
            self.forget_since(mark)
            self.replace_value(key, node, value=new)

    def _replace_scalar(self, node: Scalar, value: Value) -> None:
        first = self._text[node.start.index : node.start.index + 1]
        if first in "|>":
            raise NoEdit
        self._put(node.start.index, node.end.index, text=_scalar(value, first, plain=node.plain))

    def _edit_named(self, node: Node, old: dict[str, str], *, new: dict[str, str]) -> None:
        """Change names with values, written as a list or as a mapping."""
        if isinstance(node, Dictionary):
            self.edit_mapping(node, old, new=new)
            return
        if not isinstance(node, Sequence):
            raise NoEdit
        items = {_split(item)[0]: item for item in node.items if isinstance(item, Scalar)}
        if len(items) != len(node.items) or node.flow or not old.keys() <= items.keys():
            raise NoEdit
        for name in old.keys() - new.keys():
            self._remove_item(items[name])
        for name, value in new.items():
            if name in old and old[name] != value:
                self._replace_scalar(items[name], _join(name, value))
        added = [_join(name, value) for name, value in new.items() if name not in old]
        if not new:
            raise NoEdit
        self._add_items(node, added, behind=node.items[-1])

    def _edit_items(self, node: Sequence, old: list[Value], *, new: list[Value]) -> None:
        """Change the items of a list that stand one for one in the text."""
        if len(node.items) != len(old) or node.flow or not new or len(old) * len(new) > _MOST_PAIRS:
            raise NoEdit
        before, after = [[render_flow(item) for item in items] for items in (old, new)]
        for tag, i, j, k, m in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if tag == "equal":
                continue
            pairs = min(j - i, m - k)
            for item, value in zip(node.items[i : i + pairs], new[k : k + pairs], strict=True):
                self._replace_item(node, item, value=value)
            for item in node.items[i + pairs : j]:
                self._remove_item(item)
            if m - k > pairs:
                if j == 0:
                    raise NoEdit
                self._add_items(node, new[k + pairs : m], behind=node.items[j - 1])

    def _replace_item(self, node: Sequence, item: Node, *, value: Value) -> None:
        if (
            not isinstance(item, Scalar)
            or isinstance(value, list | dict)
            or not self._inside(node, item)
        ):
            raise NoEdit
        self._replace_scalar(item, value)

    def _remove_item(self, item: Node) -> None:
        start = self._text.rfind("\n", 0, item.start.index) + 1
        if self._text[start : item.start.index].strip(" ") != "-":
            raise NoEdit
        self._put(start, self._line_end(self._end(item)), text="")

    def _add_items(self, node: Sequence, values: Iterable[Value], *, behind: Node) -> None:
        indent = self._indent(node.start.index)
        if not self._inside(node, behind):
            raise NoEdit
        self._add_lines(render_items(values, indent), at=self._end(behind))

    def add_entries(self, entries: Mapping[str, Value], *, behind: tuple[Scalar, Node]) -> None:
        """Add entries to a mapping in block style, behind its last one."""
        key, node = behind
        indent = self._indent(key.start.index)
        if self._is_alias(key, node):
            end = self._text.find("\n", key.end.index)
            end = len(self._text) if end < 0 else end
        else:
            end = max(self._end(node), key.end.index)
        self._add_lines(render_block(entries, indent), at=end)

    def add_above(self, key: Scalar, entries: Mapping[str, Value]) -> None:
        """Add entries to a mapping in block style, above one of its keys."""
        indent = self._indent(key.start.index)
        start = key.start.index - len(indent)
        lines = render_block(entries, indent)
        self._put(start, start, text="".join(line + self._newline for line in lines))

    def add_first(self, node: Dictionary | Sequence, entries: list[str]) -> None:
        """Put entries, written out on a line each, in front of what a list or mapping holds."""
        start = node.start.index
        if node.flow:
            ending = "" if node.size == 1 else ", "
            self._put(start + 1, start + 1, text=", ".join(entries) + ending)
            return
        indent = self._indent(start)
        dash = "- " if isinstance(node, Sequence) else ""
        lines = "".join(f"{indent}{dash}{entry}{self._newline}" for entry in entries)
        self._put(start - len(indent), start - len(indent), text=lines)

    def fill_key(self, key: Scalar, items: Iterable[Value]) -> None:
        """Put a list below a key without a value."""
        indent = self._indent(key.start.index) + "  "
        self._add_lines(render_items(items, indent), at=key.end.index)

    def remove_entry(self, key: Scalar, node: Node) -> None:
        """Remove an entry of a mapping in block style, with its lines."""
        self._indent(key.start.index)
        start = self._text.rfind("\n", 0, key.start.index) + 1
        end = key.end.index if self._is_alias(key, node) else self._end(node)
        self._put(start, self._line_end(max(end, key.end.index)), text="")

    def replace_value(self, key: Scalar, node: Node, *, value: Value) -> None:
        """Write the value of a key again."""
        alias = self._is_alias(key, node)
        if node.shared and not alias:
            raise NoEdit
        match = _ALIAS.match(self._text, key.end.index) if alias else None
        if alias and match is None:
            raise NoEdit
        end = match.end() if match else max(self._end(node), key.end.index)
        indent = self._indent(key.start.index)
        colon = self._text.find(":", key.end.index)
        written = list(render_block({"x": value}, indent))
        head = written[0][len(indent) + 1 :]
        self._put(colon, end, text=self._newline.join([head, *written[1:]]))

    def _add_lines(self, lines: Iterable[str], *, at: int) -> None:
        added = list(lines)
        newline = self._text.find("\n", at)
        if not added:
            return
        if newline < 0:
            end = len(self._text)
            self._put(end, end, text="".join(self._newline + line for line in added))
        else:
            self._put(
                newline + 1, newline + 1, text="".join(line + self._newline for line in added)
            )

    def _line_end(self, index: int) -> int:
        """Return the start of the line below a character."""
        newline = self._text.find("\n", index)
        return len(self._text) if newline < 0 else newline + 1

    def _indent(self, index: int) -> str:
        """Return the blanks in front of what begins a line."""
        before = self._text[self._text.rfind("\n", 0, index) + 1 : index]
        if before.strip(" "):
            raise NoEdit
        return before

    def _is_alias(self, key: Scalar, node: Node) -> bool:
        """Return whether a value stands elsewhere in the text."""
        if node.start.index < key.end.index:
            return True
        return _ALIAS.match(self._text, key.end.index) is not None

    def _inside(self, node: Node, item: Node) -> bool:
        return node.start.index <= item.start.index <= node.end.index

    def _end(self, node: Node) -> int:
        """Return the end of a node, without the blank lines and comments after it."""
        if isinstance(node, Scalar) or node.flow:
            return node.start.index + len(self._text[node.start.index : node.end.index].rstrip())
        last = _last(node)
        if last is not None and last is not node and self._inside(node, last):
            return self._end(last)
        return self._trimmed(node)

    def _trimmed(self, node: Node) -> int:
        lines = self._text[node.start.index : node.end.index].splitlines(keepends=True)
        while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
            lines.pop()
        return node.start.index + len("".join(lines).rstrip())

    def _put(self, start: int, end: int, *, text: str) -> None:
        self._edits.append(_Edit(start, end, text))


def _last(node: Node) -> Node | None:
    """Return the last child that stands in the text of a node."""
    if isinstance(node, Sequence):
        return node.items[-1] if node.items else None
    if isinstance(node, Dictionary) and node.own:
        key, value = list(islice(node.entries.values(), node.own))[-1]
        return value if value.start.index >= key.end.index else None
    return None


def _scalar(value: Value, first: str, *, plain: bool) -> str:
    """Write a value in the quotes of the one that it replaces."""
    if not isinstance(value, str):
        return render_flow(value)
    if first == '"':
        return render_flow(value)
    if plain and _PLAIN.fullmatch(value) and not _NOT_PLAIN.fullmatch(value):
        return value
    return quote(value)


def _as_pairs(value: "Value | None") -> dict[str, str]:
    if isinstance(value, dict):
        return {name: str(each) for name, each in value.items()}
    items = value if isinstance(value, list) else []
    return dict(_split_text(str(item)) for item in items)


def _split(item: Scalar) -> tuple[str, str]:
    return _split_text(item.value)


def _split_text(text: str) -> tuple[str, str]:
    """Split an entry; a constraint is its own name, since it has no value of its own."""
    if text.startswith("constraint:"):
        return text, ""
    name, _, value = text.partition("=")
    return name, value


def _join(name: str, value: str) -> str:
    return name if name.startswith("constraint:") else f"{name}={value}"
