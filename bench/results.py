"""What a measurement found, as values, with the targets it is held to."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import msgspec


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """All values of one peer, in the order in which they were measured."""

    name: str
    unit: str
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle value."""
        return statistics.median(self.values)


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """One figure and the most it may be."""

    text: str
    value: float
    limit: float
    unit: str = ""
    passed: bool

    @classmethod
    def judge(cls, text: str, *, value: float, limit: float, unit: str = "") -> Verdict:
        """Compare a figure with its limit."""
        return cls(text=text, value=value, limit=limit, unit=unit, passed=value <= limit)


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement."""

    title: str
    series: tuple[Series, ...]
    verdicts: tuple[Verdict, ...]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One run of everything."""

    #: UTC, RFC 3339.
    began_at: str
    machine: str
    rounds: int
    results: tuple[Result, ...]
    #: Cores that other programs used before or after each part, while the bed was idle.
    foreign_cores: tuple[float, ...]


def ratio_of_pairs(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the ratios pair by pair."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def difference_of_pairs(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the differences pair by pair."""
    return statistics.median(a - b for a, b in zip(ours, theirs, strict=True))


def percentile(values: Sequence[float], percent: int) -> float:
    """Return a percentile: the smallest value that this share of the values does not exceed."""
    ordered = sorted(values)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]


def render_markdown(report: Report) -> str:
    """Write the report as Markdown."""
    lines = [f"{report.began_at}, {report.machine}, {report.rounds} rounds"]
    if report.foreign_cores:
        usual, most = statistics.median(report.foreign_cores), max(report.foreign_cores)
        lines.append(
            f"Other programs of the machine used {usual:.1f} cores beside the parts of the run "
            f"(median; at most {most:.1f})."
        )
    for result in report.results:
        lines += ["", f"### {result.title}", "", *_series_table(result.series)]
        lines += ["", *_verdict_table(result.verdicts)]
    return "\n".join(lines) + "\n"


def _series_table(series: Sequence[Series]) -> list[str]:
    head = ["| | median | min | max | n |", "| --- | ---: | ---: | ---: | ---: |"]
    rows = [
        f"| {one.name} | {_figure(one.median, one.unit)} | {_figure(min(one.values), one.unit)} "
        f"| {_figure(max(one.values), one.unit)} | {len(one.values)} |"
        for one in series
        if one.values
    ]
    return head + rows


def _verdict_table(verdicts: Sequence[Verdict]) -> list[str]:
    head = ["| target | measured | at most | |", "| --- | ---: | ---: | --- |"]
    rows = [
        f"| {one.text} | {_figure(one.value, one.unit)} | {_figure(one.limit, one.unit)} "
        f"| {'pass' if one.passed else 'FAIL'} |"
        for one in verdicts
    ]
    return head + rows


def _figure(value: float, unit: str) -> str:
    digits = {"ms": 0, "MB": 1, "s": 2}.get(unit, 2)
    return f"{value:.{digits}f} {unit}".strip()
