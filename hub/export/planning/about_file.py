"""What is to be said of a file before it is made: its layout, what that cannot hold, and dates that went out before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from hub.export.handing.shares import shares
from hub.export.planning.basis import Basis
from hub.export.planning.line import Line
from hub.files.layout import Grain, Layout
from hub.files.render import problems
from hub.models import Finding, Kind, Severity


def about_file(basis: Basis, lines: Iterable[Line]) -> Iterator[Finding]:
    """Yield the findings about the file that these lines would go into; none where payroll takes no file.

    What the file cannot hold of a person blocks that person, and nobody else.
    """
    if basis.layout is None:
        return
    if basis.layout.status != "verified":
        yield _unverified(basis.layout)
    for run, dates in basis.overlaps.items():
        yield _overlap(basis, run, dates)
    days = {card.id: card.date for card in basis.cards}
    for line in lines:
        if line.employee in basis.placing.without_bsn:
            yield _block("bsn_missing", f"{line.employee} has no BSN, and the file needs it", BSN, line)
        for text in _not_in_layout(basis, basis.layout, line, days):
            said, _, action = text.partition(": ")
            yield _block("not_in_layout", said, action[:1].upper() + action[1:], line)


BSN = "Send it with the team members."


def _not_in_layout(basis: Basis, layout: Layout, line: Line, days: Mapping[str, date]) -> tuple[str, ...]:
    """Say what of a line the layout cannot hold: a code without a column, or something that is taken back."""
    given = {(one.timecard, one.component): one for one in basis.posted.given.get(line.key, ())}
    parts = shares(line.kind, line.amount, given, line.contributions, days, basis.period.end)
    per_day = layout.grain is Grain.PERSON_DAY
    negative = any(part.amount < 0 for part in parts) if per_day else line.amount < 0
    if negative and line.kind is Kind.HOURS and (layout.format, layout.hours) == ("xlsx", "hh:mm"):
        return (f"Layout {layout.name} cannot show hours that are taken back: set hours = 'decimal' in the layout.",)
    return problems(layout, (line.code,), (line.code,) if negative else ())


def _unverified(layout: Layout) -> Finding:
    return Finding(
        code="layout_unverified",
        severity=Severity.WARN,
        text=f"layout {layout.name} {layout.version} is unverified: nobody has laid it beside a sample of payroll's",
        action="Ask payroll for a sample, or for a test import.",
    )


def _overlap(basis: Basis, run: str, dates: str) -> Finding:
    return Finding(
        code="dates_overlap",
        severity=Severity.WARN,
        text=f"{dates} went out in {run}: its timecards stay out of this file",
        action="For everything of these dates in one file, make a copy.",
    )


def _block(code: str, text: str, action: str, line: Line) -> Finding:
    return Finding(code=code, severity=Severity.BLOCK, text=text, action=action, employee=line.employee)
