"""Brings a backup into an instance: all of it in one command, or nothing."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

import msgspec

from berth.control.backup import item_commands
from berth.control.backup.file import BackupData, BackupSecrets, DefinitionItem, DeploymentItem
from berth.control.backup.kinds import KINDS, ItemKind
from berth.control.backup.restoration import Left, Prepared, Restoration, Wish, given_text
from berth.control.definitions.lifecycle import CheckedContent, check_content
from berth.control.definitions.texts import GivenText, Text, read_text
from berth.control.settings import update_settings
from berth.control.webhooks import check_webhook_token
from berth.domain.errors import RequestError
from berth.domain.origin import Origin
from berth.domain.records import Actor
from berth.domain.states import Severity, Subtype
from berth.runtime.aio import Steps
from berth.store.draft import Draft, NewEvent
from berth.store.memory import Memory
from berth.store.nouns import NOUNS

_NO_SECRET = "the backup has no passphrase, or another one was given"


#: Encrypts a text; returns the second, a ciphertext, where that is of the same text.
Encrypt = Callable[[str, str], str]


class RestoreChange(msgspec.Struct, frozen=True):
    """What a restore does to one object."""

    kind: str
    id: str
    action: Literal["create", "update", "remove"]


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a restore."""

    imported: dict[str, int]
    skipped: list[Left]
    missing_secrets: list[Left]


def prepare_restore(
    data: BackupData, secrets: BackupSecrets, *, memory: Memory, encrypt: Encrypt
) -> Prepared:
    """Parse every text and encrypt every secret; takes a while. Raises Invalid with the place."""
    for deployment_id, token in secrets.webhooks.items():
        check_webhook_token(token, field=f"secrets.webhooks.{deployment_id}")
    return Prepared(
        data=data,
        contents={
            **_check_all(data.services, Subtype.SERVICE),
            **_check_all(data.stacks, Subtype.STACK),
        },
        texts=_read_all(data.deployments),
        passwords={
            key: encrypt(text, _kept_password(data, memory, registry_id=key))
            for key, text in secrets.registries.items()
        },
        tokens={
            key: encrypt(text, hook.token if (hook := memory.webhooks.get(key)) else "")
            for key, text in secrets.webhooks.items()
        },
    )


def plan_restore(
    memory: Memory, prepared: Prepared, *, wish: Wish, origin: Origin, now: float
) -> Steps[tuple[Restored, list[RestoreChange]]]:
    """Return what a restore would do, without doing it; raises what it would raise."""
    draft = Draft(memory, now=now)
    restored = yield from apply_restore(draft, prepared, wish=wish, origin=origin)
    changes = []
    for change in _changes(draft, memory):
        if change is not None:
            changes.append(change)
        yield
    return restored, changes


def apply_restore(
    draft: Draft, prepared: Prepared, *, wish: Wish, origin: Origin
) -> Steps[Restored]:
    """Write everything, in the order in which one needs the other, in steps."""
    restored = yield from _put_all(Restoration(draft, prepared, wish=wish, origin=origin))
    draft.record_event(
        NewEvent(
            key="backup_imported",
            severity=Severity.INFO,
            summary=f"A backup was imported; {len(restored.skipped)} objects were left out",
            actor=Actor("system", "backup", "backup"),
            details={"caller": origin.user, "action": wish.mode},
        )
    )
    return restored


def _put_all(restoration: Restoration) -> Steps[Restored]:
    draft, data = restoration.draft, restoration.prepared.data
    replaces = restoration.wish.mode == "replace"
    imported: Counter[str] = Counter()
    if replaces:
        with _inside("data.registries"):
            yield from item_commands.drop_missing(draft, data)
    if data.settings:
        with _inside("data.settings"):
            update_settings(draft, data.settings, origin=restoration.origin)
        imported["settings"] = 1
    for kind in KINDS:
        imported[kind.name] = yield from _put_kind(restoration, kind)
    if replaces:
        item_commands.drop_unused_pools(draft, data)
    return Restored(
        imported={name: number for name, number in imported.items() if number},
        skipped=list(restoration.skipped.values()),
        missing_secrets=list(_missing_secrets(restoration)),
    )


def _put_kind(restoration: Restoration, kind: ItemKind[Any]) -> Steps[int]:
    """Put one after the other and count them; errors name the place, what is left out is noted."""
    imported = 0
    for position, item in enumerate(getattr(restoration.prepared.data, kind.name)):
        with _inside(f"data.{kind.name}[{position}]"):
            reason = kind.put(restoration, item)
        if reason:
            left = Left(kind.word, kind.id_of(item), reason)
            restoration.skipped[left.kind, left.id] = left
        else:
            imported += 1
        yield
    return imported


def _missing_secrets(restoration: Restoration) -> Iterator[Left]:
    prepared = restoration.prepared
    for registry in prepared.data.registries:
        if registry.has_password and registry.id not in prepared.passwords:
            yield Left("registry", registry.id, _NO_SECRET)
    for hook in prepared.data.webhooks:
        left_out = ("webhook", hook.deployment_id) in restoration.skipped
        if not left_out and hook.deployment_id not in prepared.tokens:
            yield Left("webhook", hook.deployment_id, _NO_SECRET)


def _kept_password(data: BackupData, memory: Memory, *, registry_id: str) -> str:
    """Return the ciphertext that a registry of the backup has here; "" for none."""
    urls = [item.url for item in data.registries if item.id == registry_id]
    known = memory.registries.get(registry_id)
    if known is None and urls:
        known = next(iter(memory.registries.find("url", urls[0])), None)
    return known.password if known is not None else ""


def _check_all(
    items: Iterable[DefinitionItem], subtype: Subtype
) -> dict[tuple[Subtype, str], CheckedContent]:
    return {
        (subtype, item.content): check_content(
            item.content, subtype, field=f"data.{subtype.value}s[{position}].content"
        )
        for position, item in enumerate(items)
    }


def _read_all(items: Iterable[DeploymentItem]) -> dict[GivenText, Text]:
    texts = {}
    for position, item in enumerate(items):
        given = given_text(item)
        with _inside(f"data.deployments[{position}]"):
            texts[given] = read_text(given, field="content")
    return texts


def _changes(draft: Draft, memory: Memory) -> Iterator[RestoreChange | None]:
    """Go through what a draft over memory would change of what users see as objects of theirs.

    None stands for a record that stays as it is, so that others get their turn.
    """
    for table, overlay in draft.tables().items():
        word = NOUNS[table].restored_as
        if not word:
            continue
        for key, after in overlay.changed.items():
            before = overlay.base.get(key)
            if before == after:
                yield None
                continue
            kind, shown = word, key
            if table == "definitions":
                kind, _, shown = key.partition("/")
            yield RestoreChange(kind, shown, _action(before, after))
    if draft.settings != memory.settings:
        yield RestoreChange("settings", "settings", "update")


def _action(before: object, after: object) -> Literal["create", "update", "remove"]:
    if before is None:
        return "create"
    return "remove" if after is None else "update"


@contextlib.contextmanager
def _inside(place: str) -> Iterator[None]:
    """Let an error name its place in the backup."""
    try:
        yield
    except RequestError as error:
        error.field = f"{place}.{error.field}".rstrip(".")
        raise
