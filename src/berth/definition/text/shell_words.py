"""Splits a command line into words as a shell does, and keeps the place of each."""

import bisect
import re
from typing import NoReturn

import msgspec

from berth.definition.text.findings import Findings
from berth.domain.errors import Problem
from berth.domain.report import ReportEntry

#: A command with more words was not written by a person.
MAX_WORDS = 5000
#: At most this many quotes, escapes and characters of the shell's own in one command.
MAX_PIECES = 10_000

#: Blanks and continued lines between two words; a backslash at the very end goes with them.
_GAP = re.compile(r"(?:[ \t]+|\\\r?\n|\\\s*\Z)+")
_CONTINUED = re.compile(r"\\(?:\r?\n|\Z)")
#: A backslash that continues nothing, since there are spaces after it.
_LINE_END = re.compile(r"\\[ \t]+\r?\n")
_COMMENT = re.compile(r"#[^\n]*")
#: A template function is one piece, quotes and blanks included, whatever stands around it.
_TEMPLATE = re.compile(r"\{\{[^{}\n]*\}\}")
#: A command or variable that a shell would replace by its outcome.
_SUBSTITUTION = re.compile(r"\$\((?:[^()\n]++|\([^()\n]*\))*+\)|`[^`\n]*`|\$\{[^{}\n]*\}")
_BARE = re.compile(r"""[^\s\\'"`$|&;<>(){]+""")
_SINGLE = re.compile(r"([^']*)'")
_ANSI_QUOTED = re.compile(r"((?:[^'\\]|\\.)*)'", re.DOTALL)
_DOUBLE = re.compile(r'[^"\\`${]+')
_QUOTED_ESCAPE = re.compile(r'\\([$`"\\])')
_VARIABLE = re.compile(r"\$[A-Za-z0-9_{(@#?*!]")
_ANSI = re.compile(
    r"\\(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|x([0-9a-fA-F]{1,2})|(.))", re.DOTALL
)

_ANSI_LETTERS = dict(zip("ntrabefv", "\n\t\r\a\b\x1b\f\v", strict=True))
_NO_SHELL = "no shell runs here: variables and commands in the text are passed on as they are"


class TextMark(msgspec.Struct, frozen=True):
    """A character of a text; everything is counted from 0."""

    index: int
    line: int
    column: int


class Word(msgspec.Struct, frozen=True):
    """A word of a command, without its quotes."""

    value: str
    start: TextMark
    end: TextMark


def split_words(text: str, findings: Findings) -> list[Word]:
    """Split one command; raises ``DefinitionInvalid`` where a shell could not run it as one."""
    return _Splitter(text, findings).split()


class _Splitter:
    """Goes through the text once, from left to right."""

    def __init__(self, text: str, findings: Findings) -> None:
        self._text = text
        self._findings = findings
        self._at = 0
        self._pieces = 0
        self._lines = [0, *(match.end() for match in re.finditer("\n", text))]

    def split(self) -> list[Word]:
        words: list[Word] = []
        while self._skip(started=bool(words)):
            start = self._at
            value = self._read_word()
            words.append(Word(value, self._mark(start), self._mark(self._at)))
            if len(words) > MAX_WORDS:
                self._refuse(start, f"the command has more than {MAX_WORDS} words")
        return words

    def _skip(self, *, started: bool) -> bool:
        """Go to the next word; false at the end of the command."""
        text, ended = self._text, False
        while self._at < len(text):
            here = text[self._at]
            if gap := _GAP.match(text, self._at) or (
                here == "#" and _COMMENT.match(text, self._at)
            ):
                self._at = gap.end()
            elif here in "\r\n":
                ended = started
                self._at += 1
            elif ended:
                self._refuse(
                    self._at,
                    "the command ended on the line before: end every line but the last with a "
                    "backslash, and nothing after it",
                )
            else:
                return True
        return False

    def _count_piece(self) -> None:
        self._pieces += 1
        if self._pieces > MAX_PIECES:
            self._refuse(self._at, f"the command has more than {MAX_PIECES} quotes and escapes")

    def _read_word(self) -> str:
        text = self._text
        pieces: list[str] = []
        while self._at < len(text) and text[self._at] not in " \t\r\n":
            match = _BARE.match(text, self._at) or _TEMPLATE.match(text, self._at)
            if match is None:
                pieces.append(self._read_special(text[self._at]))
            else:
                self._at = match.end()
                pieces.append(_QUOTED_ESCAPE.sub(r"\1", match.group()))
        return "".join(pieces)

    def _read_special(self, here: str) -> str:
        """Read a piece that begins with a character of the shell's own."""
        self._count_piece()
        text, start = self._text, self._at
        if here == "\\":
            return self._read_escape()
        if here == "'":
            return self._read_until(_SINGLE)
        if here == '"':
            return self._read_double()
        if text.startswith("$'", start):
            self._at += 1
            return _ANSI.sub(_read_ansi, self._read_until(_ANSI_QUOTED))
        if here in "|;<>()" or (here == "&" and not _is_inside(text, start)):
            self._refuse(
                start,
                f'a shell would interpret "{here}": write one command, and put the character in '
                "quotes if it is part of a value",
            )
        return self._read_kept(here)

    def _read_escape(self) -> str:
        """Read a backslash outside quotes: the end of its line goes, any other character stays."""
        text, start = self._text, self._at
        if _LINE_END.match(text, start):
            self._refuse(
                start, "there are spaces after the backslash at the end of this line: remove them"
            )
        if match := _CONTINUED.match(text, start):
            self._at = match.end()
            return ""
        self._at += 2
        return text[start + 1]

    def _read_kept(self, here: str) -> str:
        """Read a character that a shell might replace: it stays, and that is reported."""
        start = self._at
        whole = _SUBSTITUTION.match(self._text, start)
        self._at = whole.end() if whole else start + 1
        if here != "{" and (here != "$" or _VARIABLE.match(self._text, start)):
            self._findings.add_report(
                ReportEntry(self._mark(start).line + 1, "", "ignored", _NO_SHELL)
            )
        return whole[0] if whole else here

    def _read_until(self, pattern: re.Pattern[str]) -> str:
        """Read what stands in single quotes."""
        match = pattern.match(self._text, self._at + 1)
        if match is None:
            self._refuse(self._at, "a quote is opened here and never closed: close it")
        self._at = match.end()
        return match[1]

    def _read_double(self) -> str:
        text, start = self._text, self._at
        pieces: list[str] = []
        self._at += 1
        while text[self._at : self._at + 1] != '"':
            if self._at == len(text):
                self._refuse(start, "a quote is opened here and never closed: close it")
            self._count_piece()
            match = _DOUBLE.match(text, self._at) or _TEMPLATE.match(text, self._at)
            here = text[self._at]
            if match is not None:
                self._at = match.end()
                pieces.append(_QUOTED_ESCAPE.sub(r"\1", match.group()))
            elif here == "\\":
                pieces.append(self._read_escape_in_quotes())
            else:
                pieces.append(self._read_kept(here))
        self._at += 1
        return "".join(pieces)

    def _read_escape_in_quotes(self) -> str:
        """Read a backslash in double quotes: it stays, unless it has something to escape."""
        if match := _CONTINUED.match(self._text, self._at):
            self._at = match.end()
            return ""
        escape = _QUOTED_ESCAPE.match(self._text, self._at)
        self._at += 2 if escape else 1
        return escape[1] if escape else "\\"

    def _mark(self, index: int) -> TextMark:
        line = bisect.bisect_right(self._lines, index) - 1
        return TextMark(index, line, index - self._lines[line])

    def _refuse(self, index: int, message: str) -> NoReturn:
        mark = self._mark(index)
        self._findings.refuse(Problem(message, mark.line + 1, mark.column + 1))


def _is_inside(text: str, index: int) -> bool:
    """Return whether an ampersand joins two parts of a value, as in a URL without quotes."""
    around = text[index - 1 : index] + text[index + 1 : index + 2]
    return len(around) == 2 and not set(around) & set(" \t\r\n&|;<>")


def _read_ansi(escape: re.Match[str]) -> str:
    code = escape[1] or escape[2] or escape[3]
    if code:
        number = int(code, 16)
        return chr(number) if number <= 0x10FFFF and not 0xD800 <= number < 0xE000 else ""
    return _ANSI_LETTERS.get(escape[4], escape[4])
