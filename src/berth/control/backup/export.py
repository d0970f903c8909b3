"""What a backup takes along: configuration, no hosts, containers, tasks, events or logins."""

from collections.abc import Callable
from typing import Any

import msgspec

from berth.control.backup.file import BackupData, BackupSecrets
from berth.control.backup.kinds import KINDS
from berth.store.memory import Memory


def collect_data(memory: Memory) -> BackupData:
    """Return everything but the keys, which may be many, and the secrets."""
    items: dict[str, Any] = {
        kind.name: tuple(kind.collect(memory)) for kind in KINDS if kind.name != "keys"
    }
    return BackupData(**items, settings=msgspec.structs.asdict(memory.settings))


def collect_secrets(memory: Memory, *, decrypt: Callable[[str], str]) -> BackupSecrets:
    """Return the secrets in clear; ``decrypt`` returns "" for one that cannot be read any more."""
    passwords = {each.id: decrypt(each.password) for each in memory.registries.values()}
    tokens = {str(hook.id): decrypt(hook.token) for hook in memory.webhooks.values()}
    return BackupSecrets(
        registries={key: text for key, text in passwords.items() if text},
        webhooks={key: text for key, text in tokens.items() if text},
    )
