"""Brings a backup into an instance: all of it in one command, or nothing."""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Literal

import msgspec

from berth.control.backup import item_commands
from berth.control.backup.file import BackupData, BackupSecrets, DefinitionItem, DeploymentItem
from berth.control.definitions.lifecycle import CheckedContent, check_content
from berth.control.definitions.texts import GivenText, Text, read_text
from berth.control.origin import Origin
from berth.control.settings import update_settings
from berth.control.tags import create_tag
from berth.control.webhooks import check_webhook_token
from berth.domain.errors import RequestError
from berth.domain.ids import TaskId
from berth.domain.records import Actor
from berth.domain.states import Severity, Subtype
from berth.runtime.aio import Steps
from berth.store.draft import Draft, NewEvent
from berth.store.memory import Memory
from berth.store.nouns import NOUNS

Mode = Literal["merge", "replace"]

#: Kinds of a backup, and what one of each is called.
_KINDS = {
    "tags": "tag",
    "pools": "pool",
    "tag_objects": "tag_object",
    "registries": "registry",
    "services": "service",
    "stacks": "stack",
    "deployments": "deployment",
    "webhooks": "webhook",
    "keys": "key",
    "catalog": "catalog",
    "users": "user",
}

_NO_SECRET = "the backup has no passphrase, or another one was given"


#: Encrypts a text; gives the second, a ciphertext, where that is of the same text.
Encrypt = Callable[[str, str], str]


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that was checked outside the writer, its secrets encrypted with our own key."""

    data: BackupData
    services: tuple[CheckedContent, ...]
    stacks: tuple[CheckedContent, ...]
    deployments: tuple[Text, ...]
    #: Ciphertexts by the ids that the backup has.
    passwords: dict[str, str]
    tokens: dict[str, str]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """How to restore."""

    mode: Mode = "merge"
    #: Start those deployments that ran when the backup was made.
    start: bool = False
    #: One for each deployment of the backup.
    task_ids: tuple[TaskId, ...]


class Left(msgspec.Struct, frozen=True):
    """Something of a backup that was not restored, and why."""

    kind: str
    id: str
    reason: str


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
        services=_check_all(data.services, Subtype.SERVICE),
        stacks=_check_all(data.stacks, Subtype.STACK),
        deployments=_read_all(data.deployments),
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
    """Tell what a restore would do, without doing it; raises what it would raise."""
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
    restored = yield from _Restore(draft, prepared, wish=wish, origin=origin).run()
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


class _Restore:
    """One restore in its draft."""

    def __init__(self, draft: Draft, prepared: Prepared, *, wish: Wish, origin: Origin) -> None:
        self.draft = draft
        self.prepared = prepared
        self.data = prepared.data
        self.wish = wish
        self.origin = origin
        self.imported: Counter[str] = Counter()
        self.skipped: dict[tuple[str, str], Left] = {}

    def run(self) -> Steps[Restored]:
        draft, data, prepared = self.draft, self.data, self.prepared
        if self.wish.mode == "replace":
            with _inside("data.registries"):
                yield from item_commands.drop_missing(draft, data)
        if data.settings:
            with _inside("data.settings"):
                update_settings(draft, data.settings, origin=self.origin)
            self.imported["settings"] = 1
        yield from self._each("tags", data.tags, put=lambda name: _nothing(create_tag(draft, name)))
        yield from self._each(
            "pools", data.pools, put=lambda item: item_commands.put_pool(draft, item)
        )
        yield from self._each(
            "tag_objects",
            data.tag_objects,
            put=lambda item: item_commands.put_tag_object(draft, item),
        )
        yield from self._each(
            "registries",
            data.registries,
            put=lambda item: item_commands.put_registry(
                draft, item, password=prepared.passwords.get(item.id)
            ),
        )
        yield from self._put_definitions()
        yield from self._put_deployments()
        yield from self._each(
            "keys", data.keys, put=lambda item: item_commands.put_key_item(draft, item)
        )
        yield from self._each(
            "catalog", data.catalog, put=lambda item: item_commands.put_entry(draft, item)
        )
        yield from self._each(
            "users", data.users, put=lambda item: item_commands.put_user(draft, item)
        )
        return Restored(
            imported=dict(self.imported),
            skipped=list(self.skipped.values()),
            missing_secrets=list(self._missing_secrets()),
        )

    def _put_definitions(self) -> Steps[None]:
        kinds = (
            (Subtype.SERVICE, self.data.services, self.prepared.services),
            (Subtype.STACK, self.data.stacks, self.prepared.stacks),
        )
        for subtype, items, texts in kinds:
            put = partial(self._put_definition, subtype)
            yield from self._each(f"{subtype.value}s", zip(items, texts, strict=True), put=put)

    def _put_definition(self, subtype: Subtype, pair: tuple[DefinitionItem, CheckedContent]) -> str:
        item, text = pair
        return item_commands.put_definition(self.draft, item, subtype=subtype, text=text)

    def _put_deployments(self) -> Steps[None]:
        """Bring in deployments with their webhooks, which share the fate of theirs."""
        texts = self.prepared.deployments
        yield from self._each(
            "deployments",
            zip(self.data.deployments, texts, self.wish.task_ids, strict=True),
            put=self._put_deployment,
        )
        if self.wish.mode == "replace":
            item_commands.drop_unused_pools(self.draft, self.data)
        yield from self._each("webhooks", self.data.webhooks, put=self._put_webhook)

    def _put_deployment(self, three: tuple[DeploymentItem, Text, TaskId]) -> str:
        item, text, task_id = three
        wanted = item if self.wish.start else msgspec.structs.replace(item, desired_state=0)
        origin = msgspec.structs.replace(self.origin, task_id=task_id)
        return item_commands.put_deployment(self.draft, wanted, text=text, origin=origin)

    def _put_webhook(self, item: Any) -> str:
        if ("deployment", item.deployment_id) in self.skipped:
            return "its deployment was left out"
        token = self.prepared.tokens.get(item.deployment_id)
        return item_commands.put_webhook(self.draft, item, token=token)

    def _each(self, kind: str, items: Iterable[Any], *, put: Callable[[Any], str]) -> Steps[None]:
        """Put one after the other; errors name the place, and what is left out is noted."""
        for position, item in enumerate(items):
            with _inside(f"data.{kind}[{position}]"):
                reason = put(item)
            if reason:
                left = Left(_KINDS[kind], _id_of(item), reason)
                self.skipped[left.kind, left.id] = left
            else:
                self.imported[kind] += 1
            yield

    def _missing_secrets(self) -> Iterator[Left]:
        for registry in self.data.registries:
            if registry.has_password and registry.id not in self.prepared.passwords:
                yield Left("registry", registry.id, _NO_SECRET)
        for hook in self.data.webhooks:
            left_out = ("webhook", hook.deployment_id) in self.skipped
            if not left_out and hook.deployment_id not in self.prepared.tokens:
                yield Left("webhook", hook.deployment_id, _NO_SECRET)


def _kept_password(data: BackupData, memory: Memory, *, registry_id: str) -> str:
    """Return the ciphertext that a registry of the backup has here; "" for none."""
    urls = [item.url for item in data.registries if item.id == registry_id]
    known = memory.registries.get(registry_id)
    if known is None and urls:
        known = next(iter(memory.registries.find("url", urls[0])), None)
    return known.password if known is not None else ""


def _check_all(items: Iterable[DefinitionItem], subtype: Subtype) -> tuple[CheckedContent, ...]:
    return tuple(
        check_content(item.content, subtype, field=f"data.{subtype.value}s[{position}].content")
        for position, item in enumerate(items)
    )


def _read_all(items: Iterable[DeploymentItem]) -> tuple[Text, ...]:
    texts = []
    for position, item in enumerate(items):
        given = GivenText(
            content=item.content,
            service_id=item.service_id,
            service_name=item.service_name,
            subtype=item.subtype,
        )
        with _inside(f"data.deployments[{position}]"):
            texts.append(read_text(given, field="content"))
    return tuple(texts)


def _changes(draft: Draft, memory: Memory) -> Iterator[RestoreChange | None]:
    """Tell what a draft over memory would change, of what users see as objects of theirs.

    Gives none for a record that stays as it is, so that others get their turn.
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


def _id_of(item: Any) -> str:
    first = item[0] if isinstance(item, tuple) else item
    if isinstance(first, str):
        return first
    for name in ("id", "key", "deployment_id"):
        if hasattr(first, name):
            return str(getattr(first, name))
    raise TypeError(f"{type(first).__name__} has no id")


def _nothing(_: object) -> str:
    return ""
