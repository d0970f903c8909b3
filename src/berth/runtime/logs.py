"""How Berth's programs log: one line an event, time first, on standard error."""

import logging
import sys
import time


class _UtcFormatter(logging.Formatter):
    converter = time.gmtime


def set_up_logging(*, verbose: bool = False) -> None:
    """Log to standard error; third-party libraries only from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        _UtcFormatter("%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s",
                      datefmt="%Y-%m-%dT%H:%M:%S")
    )  # fmt: skip
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("berth").setLevel(logging.DEBUG if verbose else logging.INFO)
