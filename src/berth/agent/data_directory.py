"""The agent's data directory: its lock, its identity and the epoch of its last start."""

import errno
import fcntl
import logging
import os
from pathlib import Path

import msgspec

from berth.domain.errors import StartupError
from berth.domain.ids import HostId, InstanceId
from berth.runtime.exit_codes import Exit
from berth.runtime.files import make_private_directory, write_private

#: Holds the identity, inside the data directory.
IDENTITY_FILE = "identity.json"


log = logging.getLogger(__name__)


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """What makes this agent a host; kept in ``identity.json``."""

    instance_id: InstanceId
    host_id: HostId
    name: str
    credential: str
    #: PEM of the instance's certificate authority; "" with plain HTTP.
    ca: str = ""
    manager_url: str = ""
    #: The engine's own id as it was at the join.
    engine_id: str = ""


class DataDirectory:
    """Files of one agent; nobody else may use them while the lock is held."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: int | None = None

    def open(self) -> None:
        """Make the directory if need be and lock it. Raises StartupError."""
        try:
            make_private_directory(self.path)
            self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as exc:
            raise _not_writable(self.path, exc) from exc
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            self.close()
            raise StartupError(
                f"The data directory {self.path} is in use by another agent; "
                "stop that one, or choose another directory for this one.",
                exit_code=Exit.HELD,
            ) from exc

    def close(self) -> None:
        """Release the lock."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def count_start(self, now: float) -> int:
        """Return the epoch of this start of the agent, above all before it. Raises StartupError.

        It follows the time (``now`` in Unix seconds), so that it is above those that the manager
        knows even when the directory was lost, or brought back from a backup.
        """
        path = self.path / "starts"
        try:
            text = path.read_text().strip() if path.exists() else ""
        except OSError as exc:
            raise _not_writable(self.path, exc) from exc
        epoch = max((int(text) if text.isdecimal() else 0) + 1, int(1000 * now))
        try:
            write_private(path, f"{epoch}\n".encode())
        except OSError as exc:
            if exc.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise _not_writable(self.path, exc) from exc
            # The time alone makes the next epoch higher: a full disk stops no agent.
            log.warning("the disk of %s is full: this start is not counted there", self.path)
        return epoch

    def read_identity(self) -> Identity | None:
        """Return the identity, none before the join. Raises StartupError when it is damaged."""
        path = self.path / IDENTITY_FILE
        try:
            return msgspec.json.decode(path.read_bytes(), type=Identity)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError) as exc:
            raise StartupError(
                f"The identity in {path} cannot be read ({exc}); bring it back from a backup, or "
                "remove it and join again.",
                exit_code=Exit.DATA_DIR,
            ) from exc

    def write_identity(self, identity: Identity) -> None:
        """Keep the identity. Raises StartupError."""
        self.write(IDENTITY_FILE, msgspec.json.format(msgspec.json.encode(identity)))

    def write(self, name: str, content: bytes) -> None:
        """Write a file that is whole or not there at all, also after a crash."""
        try:
            write_private(self.path / name, content)
        except OSError as exc:
            raise _not_writable(self.path, exc) from exc


def _not_writable(path: Path, exc: OSError) -> StartupError:
    return StartupError(
        f"The data directory {path} is not writable: {exc.strerror or exc}. "
        "Make it writable for this user, or name another one.",
        exit_code=Exit.DATA_DIR,
    )
