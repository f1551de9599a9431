"""What is to be said of a file before it is made: its layout, what that cannot hold, and dates that went out before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hub.export.planning.basis import Basis
from hub.files.layout import Layout
from hub.files.render import problems
from hub.models import Entry, Finding, Severity


def about_file(basis: Basis, entries: Sequence[Entry]) -> Iterator[Finding]:
    """Yield the findings about the file that these entries would go into; none where payroll takes no file."""
    if basis.layout is None:
        return
    if basis.layout.status != "verified":
        yield _unverified(basis.layout)
    for run, dates in basis.overlaps.items():
        yield _overlap(run, dates)
    for place, entry in enumerate(entries):
        for text in problems(basis.layout, (entry.code,), (entry.code,) if entry.amount < 0 else ()):
            yield _block(text, place)


def _unverified(layout: Layout) -> Finding:
    return Finding(
        code="layout_unverified",
        severity=Severity.WARN,
        text=f"layout {layout.name} {layout.version} is unverified: nobody has laid it beside a sample of payroll's",
        action="Ask payroll for a sample, or for a test import: hub layout from-sample.",
    )


def _overlap(run: str, dates: str) -> Finding:
    return Finding(
        code="dates_overlap",
        severity=Severity.WARN,
        text=f"{dates} went out in {run}: its timecards stay out of this file",
        action="For everything of these dates in one file, make a copy: hub export copy.",
    )


def _block(text: str, place: int) -> Finding:
    said, _, action = text.partition(": ")
    return Finding(
        code="not_in_layout", severity=Severity.BLOCK, text=said, action=action[:1].upper() + action[1:], entry=place
    )
