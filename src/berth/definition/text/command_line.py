"""Splits the text of a command into words as a shell does."""

import functools
import shlex

import msgspec

#: Longest command that is written as one text, in characters; a list has no such bound.
MAX_LINE = 64 * 1024
#: At most this many words of it.
MAX_WORDS = 5000


class NoCommand(msgspec.Struct, frozen=True):
    """Why a text is not a command, and how to fix it."""

    reason: str


# Many services may share one text by an alias.
@functools.lru_cache(maxsize=4)
def split_line(line: str) -> tuple[str, ...] | NoCommand:
    """Return the words of a command without their quotes."""
    if len(line) > MAX_LINE:
        return NoCommand(
            f"the command is longer than {MAX_LINE // 1024} KiB: write it as a list, "
            "or put it into a script in the image"
        )
    try:
        found = shlex.split(line)
    except ValueError:
        return NoCommand(
            "a quote is opened and never closed, or a backslash ends the text: "
            "close the quote, or write the command as a list"
        )
    if len(found) > MAX_WORDS:
        return NoCommand(f"the command has more than {MAX_WORDS} words: write it as a list")
    return tuple(found)
