"""What a person or a script sees of plans and runs: the same facts, with names beside the ids."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from hub.export.handing.stored import Receipt, receipts
from hub.export.planning.line import Line
from hub.export.planning.plan import Exported, PlanBody
from hub.export.settings import export_settings
from hub.export.states import IN_PAYROLL, EntryState, Outcome, RunState, run_state
from hub.models import Finding, Kind, Model
from hub.provider import Provider
from hub.store.companies import Administration as AdministrationRow
from hub.store.exports import Attempt, Contribution, Entry, Plan, Run
from hub.store.people import Employee, TeamMember, Timecard
from hub.store.session import CompanySession

DONE = IN_PAYROLL | {EntryState.SUPERSEDED}


class LineView(Model):
    """A line or an entry with the person's name and the cost centre's code; amounts in hundredths."""

    employee: str
    number: str
    name: str
    kind: Kind
    code: str
    cost_centre: str
    amount: int
    before: int
    payroll: int | None = None
    state: str
    change: str = "post"
    difference: int = 0
    reason: str = ""
    action: str = ""
    timecards: int = 0
    posted_id: str | None = None


_SHOWN = frozenset(LineView.model_fields)


class FindingView(Model):
    """A finding with the team member's name."""

    finding: Finding
    name: str = ""


class ExportedView(Model):
    """A row that payroll took of an earlier run, with the person's name; amounts in hundredths."""

    employee: str
    number: str
    name: str
    kind: Kind
    code: str
    cost_centre: str
    amount: int
    run: int
    posted_id: str


class PersonTotals(Model):
    """What a plan would change for one person, per code in hundredths."""

    employee: str
    number: str
    name: str
    totals: dict[str, int]


class PlanView(Model):
    """A plan as it is shown: what would be sent, totals per code and person, and what becomes of the other cards."""

    id: int
    provider: str
    administration: str
    period: str
    hash: str
    released_by: str
    lines: tuple[LineView, ...]
    totals: dict[str, int]
    people: tuple[PersonTotals, ...]
    timecards: int
    held: tuple[FindingView, ...]
    left: tuple[FindingView, ...]
    already: int
    exported: tuple[ExportedView, ...]
    warnings: tuple[Finding, ...]


class EntryView(LineView):
    """An entry of a run. What is in doubt is looked at again by a run after `again_at`."""

    id: int
    again_at: datetime | None = None


class RunView(Model):
    """A run as it is shown: counts per state, each entry, and the cards that did not turn white.

    A worker has it until `held_until`, and longer if it says so again; it is the process `held_by` of its machine.
    `files` are the receipts of its file, oldest first, where payroll takes one.
    """

    id: int
    plan: int
    state: RunState
    paused: str
    counts: dict[str, int]
    entries: tuple[EntryView, ...]
    white: tuple[str, ...]
    in_part: tuple[str, ...]
    started_at: datetime
    ended_at: datetime | None
    held_by: str
    held_until: datetime | None
    files: tuple[Receipt, ...] = ()


@dataclass(frozen=True)
class Names:
    """What ids are called: (number, name) of employees, codes of cost centres, names of team members."""

    employees: Mapping[str, tuple[str, str]]
    centres: Mapping[str, str]
    members: Mapping[str, str]

    @classmethod
    def of(cls, session: CompanySession, provider: str, administration: str) -> Names:
        """Read the names that a plan or run of an administration needs."""
        row = session.find(AdministrationRow, provider, administration)
        people = select(Employee.id, Employee.body)
        centres = row.body.get("cost_centres", []) if row else []
        return cls(
            {key: _called(body) for key, body in session.exec(people.where(Employee.provider == provider))},
            {one["id"]: one["code"] or one["id"] for one in centres},
            dict(session.exec(select(TeamMember.id, TeamMember.name)).all()),
        )

    def line(self, fields: dict[str, Any], **more: Any) -> LineView:  # noqa: ANN401 - the fields of LineView
        """Return a line or entry as it is shown, from its fields."""
        number, name = self.person(fields["employee"])
        centre = fields.pop("cost_centre")
        known = {key: fields[key] for key in _SHOWN & fields.keys()}
        shown = self.centres.get(centre, centre) if centre else ""
        return LineView(**{**known, **more, "number": number, "name": name, "cost_centre": shown})

    def person(self, employee: str) -> tuple[str, str]:
        """Return an employee's number and name; where payroll does not tell its people, the team member's."""
        return self.employees.get(employee) or ("", self.members.get(employee, ""))

    def exported(self, row: Exported) -> ExportedView:
        """Return a row that payroll took, as it is shown."""
        number, name = self.person(row.employee)
        centre = self.centres.get(row.cost_centre, row.cost_centre) if row.cost_centre else ""
        return ExportedView(**{**row.model_dump(), "number": number, "name": name, "cost_centre": centre})

    def finding(self, finding: Finding) -> FindingView:
        """Return a finding with the team member's name."""
        return FindingView(finding=finding, name=self.members.get(finding.member, ""))


def _called(body: Mapping[str, Any]) -> tuple[str, str]:
    parts = (body.get(part) for part in ("first_name", "prefix", "last_name"))
    return body.get("number", ""), " ".join(part for part in parts if part)


def plan_view(session: CompanySession, plan: Plan) -> PlanView:
    """Return a stored plan as it is shown."""
    body = PlanBody.model_validate(plan.body)
    return view_of(session, body, plan.id or 0, plan.hash, plan.released_by)


def view_of(session: CompanySession, body: PlanBody, number: int, digest: str, released_by: str) -> PlanView:
    """Return a plan as it is shown, stored or not (`number` is 0 then)."""
    names = Names.of(session, body.scope.provider, body.scope.administration)
    lines = body.to_send
    return PlanView(
        id=number,
        provider=body.scope.provider,
        administration=body.scope.administration,
        period=str(body.period),
        hash=digest,
        released_by=released_by,
        lines=tuple(_planned(names, line) for line in lines),
        totals=_totals(lines),
        people=tuple(_people(names, lines)),
        timecards=len(body.going),
        held=tuple(names.finding(one) for one in body.held),
        left=tuple(names.finding(one) for one in body.left),
        already=body.already,
        exported=tuple(names.exported(one) for one in body.exported),
        warnings=body.warnings,
    )


def _planned(names: Names, line: Line) -> LineView:
    cards = len({one.timecard for one in line.contributions})
    return names.line(
        line.model_dump(exclude={"contributions"}), state=line.state, timecards=cards, difference=line.difference
    )


def _people(names: Names, lines: tuple[Line, ...]) -> Iterator[PersonTotals]:
    """Yield what each person would get, in the order of their names."""
    by_person: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_person[line.employee].append(line)
    for employee in sorted(by_person, key=lambda one: (names.person(one)[1], one)):
        number, name = names.person(employee)
        yield PersonTotals(employee=employee, number=number, name=name, totals=_totals(by_person[employee]))


def _totals(lines: Iterable[Line]) -> dict[str, int]:
    """Add up what would be sent per kind and code; days count what changes."""
    totals: dict[str, int] = defaultdict(int)
    for line in lines:
        label = "days" if line.kind is Kind.DAYS else f"{line.kind} {line.code}"
        totals[label] += line.difference
    return dict(totals)


def run_view(session: CompanySession, run: Run, settle_seconds: float = Provider.settle_seconds) -> RunView:
    """Return a run as it is shown; `settle_seconds` are the provider's, where the company chose none of its own."""
    plan = session.exec(select(Plan).where(Plan.id == run.plan)).one()
    names = Names.of(session, plan.provider, plan.administration)
    entries = session.all(Entry, Entry.run == run.id)
    cards = _cards(session, run)
    white = set(session.exec(select(Timecard.id).where(Timecard.exported_by == f"run {run.id}")).all())
    confirmed = {card for one in entries if one.state in DONE for card in cards[one.id]}
    waiting = {card for one in entries if one.state not in DONE for card in cards[one.id]}
    again = _again(session, run, export_settings(session, plan.provider).settle_seconds or settle_seconds)
    return RunView(
        id=run.id or 0,
        plan=run.plan,
        state=run_state((EntryState(one.state) for one in entries), bool(run.paused)),
        paused=run.paused,
        counts=dict(Counter(one.state for one in entries)),
        entries=tuple(_entry(names, one, len(cards[one.id]), again) for one in entries),
        white=tuple(sorted(white)),
        in_part=tuple(sorted((confirmed & waiting) - _white_now(session, waiting))),
        started_at=run.started_at,
        ended_at=run.ended_at,
        held_by=run.holder.split("/")[2] if run.holder.count("/") == 3 else run.holder,
        held_until=run.held_until,
        files=receipts(session, run.id or 0),
    )


def _entry(names: Names, entry: Entry, timecards: int, again: Mapping[int | None, datetime]) -> EntryView:
    line = names.line(entry.model_dump(), timecards=timecards)
    again_at = again.get(entry.attempt) if entry.state == EntryState.IN_DOUBT else None
    return EntryView(**line.model_dump(), id=entry.id or 0, again_at=again_at)


def _again(session: CompanySession, run: Run, settle_seconds: float) -> dict[int | None, datetime]:
    """Return when each attempt in doubt has settled, so that its absence may be believed."""
    rows = session.all(Attempt, Attempt.run == run.id, Attempt.outcome == Outcome.UNKNOWN)
    return {one.id: one.ended_at + timedelta(seconds=settle_seconds) for one in rows if one.ended_at}


def _white_now(session: CompanySession, cards: set[str]) -> set[str]:
    """Return which of these cards a later run completed."""
    rows = session.exec(select(Timecard.id).where(col(Timecard.exported_revision) == col(Timecard.revision)))
    return cards.intersection(rows)


def _cards(session: CompanySession, run: Run) -> dict[int | None, set[str]]:
    """Return the timecards that feed each entry of a run."""
    cards: dict[int | None, set[str]] = defaultdict(set)
    rows = session.exec(
        select(Contribution.entry, Contribution.timecard)
        .join(Entry, col(Entry.id) == Contribution.entry)
        .where(Entry.run == run.id)
    )
    for entry, card in rows:
        cards[entry].add(card)
    return cards
