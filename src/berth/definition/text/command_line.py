"""Splits the text of a command into words as ``shlex`` does, without its squared time."""

import functools
import re

import msgspec

#: Longest command that is written as one text, in characters; a list has no such bound.
MAX_LINE = 64 * 1024
#: Most words of it.
MAX_WORDS = 5000

_BLANKS = re.compile(r"[ \t\r\n]+")
_WORD = re.compile(r"""(?:[^ \t\r\n\\'"]+|\\.|'[^']*'|"[^"\\]*(?:\\.[^"\\]*)*")+""", re.DOTALL)
_QUOTED = re.compile(
    r"""\\(?P<escaped>.)|'(?P<single>[^']*)'|"(?P<double>[^"\\]*(?:\\.[^"\\]*)*)\"""", re.DOTALL
)
_ESCAPED = re.compile(r'\\([\\"])')
_SPECIAL = re.compile(r"""[\\'"]""")


class NoCommand(msgspec.Struct, frozen=True):
    """Why a text is no command, and how to fix it."""

    reason: str


# Many services may share one text by an alias.
@functools.lru_cache(maxsize=4)
def split_line(line: str) -> tuple[str, ...] | NoCommand:
    """Return the words of a command without their quotes."""
    if len(line) > MAX_LINE:
        return NoCommand(
            f"the command is longer than {MAX_LINE // 1024} KiB: write it as a list, "
            "or put it into a script of the image"
        )
    if _SPECIAL.search(line):
        found = _split_quoted(line)
    else:
        found = [word for word in _BLANKS.split(line) if word]
    if found is None:
        return NoCommand(
            "a quote is opened and never closed, or a backslash ends the text: "
            "close the quote, or write the command as a list"
        )
    if len(found) > MAX_WORDS:
        return NoCommand(f"the command has more than {MAX_WORDS} words: write it as a list")
    return tuple(found)


def _split_quoted(line: str) -> list[str] | None:
    words: list[str] = []
    start = 0
    for match in _WORD.finditer(line):
        # What lies between two words is blanks, unless a quote or a backslash has no end.
        if not _is_gap(line, start, end=match.start()):
            break
        words.append(_QUOTED.sub(_bare, match.group()))
        start = match.end()
    return words if _is_gap(line, start, end=len(line)) else None


def _is_gap(line: str, start: int, *, end: int) -> bool:
    return start == end or _BLANKS.fullmatch(line, start, end) is not None


def _bare(piece: re.Match[str]) -> str:
    """Take the quotes of a piece away; in double ones a backslash escapes itself and the quote."""
    if piece["double"] is not None:
        return _ESCAPED.sub(r"\1", piece["double"])
    return str(piece["single"] if piece["escaped"] is None else piece["escaped"])
