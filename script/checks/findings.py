"""Findings, and the listed exemptions that excuse some of them."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: A reason shorter than this explains nothing.
SHORTEST_REASON = 20

EXEMPTIONS_PATH = "script/checks/exemptions.toml"


@dataclass(frozen=True, order=True)
class Finding:
    """One breach of a rule."""

    path: str
    line: int
    rule: str
    message: str
    #: What inside the file it is about, for example ``Store.run``; "" means the file.
    name: str = ""

    @property
    def where(self) -> str:
        """The place as exemptions write it."""
        return f"{self.path}::{self.name}" if self.name else self.path

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


@dataclass(frozen=True)
class Exemption:
    """A breach that is allowed, with the reason."""

    rule: str
    #: ``path`` or ``path::name``.
    where: str
    reason: str


def parse_exemptions(text: str) -> list[Exemption]:
    """Read the list; an entry may name several places. Raises TypeError for an unknown member."""
    found: list[Exemption] = []
    for entry in tomllib.loads(text).get("exemption", []):
        places = entry.pop("where", "")
        listed = places if isinstance(places, list) else [places]
        found += [Exemption(where=where, **entry) for where in listed]
    return found


def judge_findings(
    found: Iterable[Finding], exemptions: Sequence[Exemption], *, rules: Iterable[str]
) -> list[Finding]:
    """Take the exempt findings out, and add one for each exemption that is stale or unexplained.

    ``rules`` are those that were looked at; exemptions from others are not judged.
    """
    findings = list(found)
    looked_at = set(rules)
    excused = {(exemption.rule, exemption.where) for exemption in exemptions}
    breached = {(finding.rule, finding.where) for finding in findings}
    left = [finding for finding in findings if (finding.rule, finding.where) not in excused]
    for exemption in exemptions:
        if exemption.rule not in looked_at:
            continue
        if (exemption.rule, exemption.where) not in breached:
            message = f"nothing at {exemption.where} breaks {exemption.rule}: take the entry out"
            left.append(Finding(EXEMPTIONS_PATH, 1, "stale-exemption", message))
        if len(exemption.reason.strip()) < SHORTEST_REASON:
            message = f"the exemption of {exemption.where} from {exemption.rule} says no reason"
            left.append(Finding(EXEMPTIONS_PATH, 1, "bare-exemption", message))
    return sorted(left)


def find_unknown_rules(exemptions: Sequence[Exemption], rules: Iterable[str]) -> list[Finding]:
    """Find exemptions from rules that do not exist."""
    known = set(rules)
    return [
        Finding(EXEMPTIONS_PATH, 1, "stale-exemption", f"there is no rule '{exemption.rule}'")
        for exemption in exemptions
        if exemption.rule not in known
    ]
