"""Finds the word that was probably meant by one that is off by a letter."""

from collections.abc import Iterable


class NearWords:
    """Words that can be found by others that are almost the same."""

    def __init__(self, words: Iterable[str]) -> None:
        known = tuple(words)
        #: Near words meet in one of these; the first of the words wins.
        self._by_shortened = {
            short: word for word in reversed(known) for short in _shortened(_plain(word))
        }
        self._longest = max(map(len, known)) + 1

    def find(self, word: str) -> str | None:
        """Return the first word that differs by about one letter, and not only in upper case."""
        shortened = _shortened(_plain(word[: self._longest]))
        return next(
            (self._by_shortened[one] for one in shortened if one in self._by_shortened), None
        )


def _plain(word: str) -> str:
    return word.lower().replace("-", "_")


def _shortened(word: str) -> list[str]:
    """Return the word, then the word without one of its letters."""
    return [word, *(word[:place] + word[place + 1 :] for place in range(len(word)))]
