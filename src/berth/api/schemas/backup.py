"""Backups."""

import msgspec

from berth.api.http.params import Body, QueryFlag
from berth.control.backup.restoration import Left, Mode
from berth.control.backup.restore import RestoreChange, Restored


class ImportQuery(Body):
    """How to import."""

    mode: Mode = "merge"
    dry_run: QueryFlag = False
    start: QueryFlag = False


class ImportAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an import, or would come of it; ``changes`` is there in a dry run only."""

    imported: dict[str, int]
    skipped: list[Left]
    missing_secrets: list[Left]
    changes: list[RestoreChange] | msgspec.UnsetType = msgspec.UNSET


def render_import(restored: Restored, changes: list[RestoreChange] | None = None) -> ImportAnswer:
    """Render what came of an import; with changes it is a dry run."""
    return ImportAnswer(
        imported=restored.imported,
        skipped=restored.skipped,
        missing_secrets=restored.missing_secrets,
        changes=msgspec.UNSET if changes is None else changes,
    )
