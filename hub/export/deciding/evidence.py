"""The evidence for a decision as a person or a script sees it."""

from __future__ import annotations

from datetime import datetime

from hub.export.deciding.case import Case, Rows
from hub.export.deciding.choices import MEANING, Choice, choices
from hub.export.posting.reconcile import fits
from hub.export.report import EntryView, Names
from hub.models import Model, PostedEntry
from hub.periods import name_of
from hub.store.session import CompanySession


class AttemptView(Model):
    """A call that was made for an entry: its key, when it began and ended, how, and what went wrong."""

    key: str
    started_at: datetime
    ended_at: datetime | None
    outcome: str
    fault: str


class RowView(PostedEntry):
    """A row of payroll. `new` since the first attempt; `entry` is ours that has it; `fits` if its amount is right."""

    new: bool
    entry: int | None
    fits: bool


class ChoiceView(Model):
    """What may be chosen and what it means for this entry; `row` is what to name as the row, where that is known."""

    choice: Choice
    row: str
    meaning: str


class DecisionView(EntryView):
    """An entry that waits for a person, with the evidence; amounts in hundredths.

    `old_row` is the row that it changes or takes away. `rows_before` is its slot just before the first attempt and
    `rows_now` as payroll holds it; None where that was not read, and `unread` says why. `candidates` are the ids of
    rows that could be it.
    """

    run: int
    plan: int
    provider: str
    administration: str
    period: str
    comment: str
    evidence: str
    old_row: PostedEntry | None
    attempts: tuple[AttemptView, ...]
    rows_before: tuple[PostedEntry, ...]
    rows_now: tuple[RowView, ...] | None
    unread: str
    candidates: tuple[str, ...]
    choices: tuple[ChoiceView, ...]


def case_view(session: CompanySession, case: Case, rows: Rows | None, unread: str) -> DecisionView:
    """Return a case as it is shown, with what payroll holds now, or None and why that was not read."""
    row, names = case.row, Names.of(session, case.row.provider, case.row.administration)
    line = names.line(row.model_dump(), timecards=case.timecards)
    return DecisionView(
        **line.model_dump(),
        id=case.job.id,
        run=row.run,
        plan=case.plan,
        provider=row.provider,
        administration=row.administration,
        period=name_of(row.year, row.number),
        comment=row.comment,
        evidence=row.evidence,
        old_row=case.job.old,
        attempts=tuple(AttemptView.model_validate(one, from_attributes=True) for one in case.attempts),
        rows_before=case.before,
        rows_now=None if rows is None else tuple(_row(case, one) for one in rows),
        unread=unread,
        candidates=tuple(one.id for one in case.candidates(rows or ()) if one.id),
        choices=tuple(_choice(case, one) for one in choices(case)),
    )


def _row(case: Case, row: PostedEntry) -> RowView:
    before = {one.id for one in case.before}
    owner, right = case.ours.get(row.id), fits(row, case.job.entry)
    return RowView(**row.model_dump(), new=row.id not in before, entry=owner, fits=right)


def _choice(case: Case, choice: Choice) -> ChoiceView:
    if case.job.entry.sets and choice is Choice.IT_IS_THERE:
        code = case.job.entry.code
        return ChoiceView(choice=choice, row=code, meaning=f"Payroll holds this amount under {code}. Nothing is sent.")
    return ChoiceView(choice=choice, row="", meaning=MEANING[case.job.change, choice])
