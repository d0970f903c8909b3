"""How Berth's programs log: one line for each event, time first, on standard error."""

import logging
import sys
import time

#: What the server logs of each WebSocket that was refused with an answer, as it should be.
_REFUSED = "ASGI callable returned without completing handshake"


def _is_news(record: logging.LogRecord) -> bool:
    return _REFUSED not in record.getMessage()


def set_up_logging(*, verbose: bool = False) -> None:
    """Log to standard error; third-party libraries only from warnings on."""
    line = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s"
    formatter = logging.Formatter(line, datefmt="%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    handler.addFilter(_is_news)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("berth").setLevel(logging.DEBUG if verbose else logging.INFO)
