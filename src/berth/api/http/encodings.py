"""Which compressed forms of an answer a caller takes."""

from starlette.datastructures import Headers


def accepted_encodings(headers: Headers) -> frozenset[str]:
    """Return the words of Accept-Encoding, without those that are refused by a weight of 0."""
    parts = (part.partition(";") for part in headers.get("accept-encoding", "").split(","))
    return frozenset(word.strip().lower() for word, _, weight in parts if _is_wanted(weight))


def _is_wanted(weight: str) -> bool:
    try:
        return not weight.strip() or float(weight.partition("=")[2]) > 0
    except ValueError:
        return False
