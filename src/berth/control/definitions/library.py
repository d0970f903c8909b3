"""The shipped services and stacks, put into a fresh instance."""

from importlib import resources

import msgspec

from berth.control.definitions.lifecycle import (
    CheckedContent,
    DefinitionValues,
    check_content,
    create_definition,
)
from berth.domain.states import Subtype
from berth.store.draft import Draft

PACKAGE = "berth.library"


class Shipped(msgspec.Struct, frozen=True):
    """One shipped definition."""

    subtype: Subtype
    name: str
    text: CheckedContent


def read_library() -> list[Shipped]:
    """Read and check every shipped text; it takes some milliseconds each."""
    found: list[Shipped] = []
    for file in sorted(resources.files(PACKAGE).iterdir(), key=lambda file: file.name):
        kind, dash, name = file.name.removesuffix(".yml").partition("-")
        if not dash or not file.name.endswith(".yml"):
            continue
        subtype = Subtype(kind)
        text = check_content(file.read_text(encoding="utf-8"), subtype)
        found.append(Shipped(subtype, name, text))
    return found


def create_shipped_definitions(draft: Draft, shipped: list[Shipped]) -> None:
    """Store the shipped definitions; an instance that has definitions keeps its own alone."""
    if len(draft.definitions) == 0:
        for each in shipped:
            values = DefinitionValues(name=each.name, text=each.text)
            create_definition(draft, each.subtype, values=values)
