"""Server-sent events, read from bytes as they come."""

from collections.abc import Iterator

import msgspec

from berth.client.errors import StrangeAnswerError

#: A line longer than this is none of ours.
MAX_LINE = 64 * 1024 * 1024


class ServerEvent(msgspec.Struct, frozen=True):
    """A message of a stream."""

    name: str
    data: bytes


class EventReader:
    """Cuts a stream into its messages; feeds may end anywhere."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._name = ""
        self._data: list[bytes] = []
        #: The id to go on after, "" when none came.
        self.last_id = ""

    def feed(self, data: bytes) -> Iterator[ServerEvent]:
        """Read more bytes; yields the messages that are complete. Raises StrangeAnswerError."""
        begin = len(self._rest)
        self._rest += data
        if self._rest.find(b"\n", begin) < 0:
            if len(self._rest) > MAX_LINE:
                raise StrangeAnswerError("a message of the stream does not end")
            return
        *lines, rest = self._rest.split(b"\n")
        self._rest = bytearray(rest)
        for line in lines:
            event = self._take(bytes(line.removesuffix(b"\r")))
            if event is not None:
                yield event

    def _take(self, line: bytes) -> ServerEvent | None:
        if not line:
            name, data = self._name or "message", self._data
            self._name, self._data = "", []
            return ServerEvent(name, b"\n".join(data)) if data else None
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"data":
            self._data.append(value)
        elif field == b"event":
            self._name = value.decode("utf-8", "replace")
        elif field == b"id" and b"\0" not in value:
            self.last_id = value.decode("utf-8", "replace")
        return None
