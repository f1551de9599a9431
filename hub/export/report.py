"""What a person or a script sees of plans and runs: the same facts, with names beside the ids."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from hub.export.draft import Line
from hub.export.journal import entries_of_run
from hub.export.plan import PlanBody
from hub.export.states import EntryState, RunState, run_state
from hub.models import Finding, Kind, Model
from hub.store.companies import Administration as AdministrationRow
from hub.store.exports import Contribution, Entry, Plan, Run
from hub.store.people import Employee, TeamMember, Timecard
from hub.store.session import CompanySession


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
    reason: str = ""
    action: str = ""
    timecards: int = 0
    posted_id: str | None = None


class FindingView(Model):
    """A finding with the team member's name."""

    finding: Finding
    name: str = ""


class PlanView(Model):
    """A plan as it is shown: what would be sent, totals per code, and what becomes of the other cards."""

    id: int
    provider: str
    administration: str
    period: str
    hash: str
    released_by: str
    lines: tuple[LineView, ...]
    totals: dict[str, int]
    timecards: int
    held: tuple[FindingView, ...]
    left: tuple[FindingView, ...]
    already: int
    warnings: tuple[Finding, ...]


class RunView(Model):
    """A run as it is shown: counts per state, each entry, and the cards that did not turn white."""

    id: int
    plan: int
    state: RunState
    paused: str
    counts: dict[str, int]
    entries: tuple[LineView, ...]
    white: tuple[str, ...]
    in_part: tuple[str, ...]
    started_at: datetime
    ended_at: datetime | None


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
        centres = row.body.get("cost_centres", []) if row else []
        return cls(
            {one.id: _called(one.body) for one in session.all(Employee, Employee.provider == provider)},
            {one["id"]: one["code"] or one["id"] for one in centres},
            {one.id: one.name for one in session.all(TeamMember)},
        )

    def line(self, fields: dict[str, Any], **more: Any) -> LineView:  # noqa: ANN401 - the fields of LineView
        """Return a line or entry as it is shown, from its fields."""
        number, name = self.employees.get(fields["employee"], ("", ""))
        centre = fields.pop("cost_centre")
        known = {key: value for key, value in fields.items() if key in LineView.model_fields}
        shown = self.centres.get(centre, centre) if centre else ""
        return LineView(**{**known, **more, "number": number, "name": name, "cost_centre": shown})

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
    return PlanView(
        id=number,
        provider=body.scope.provider,
        administration=body.scope.administration,
        period=str(body.period),
        hash=digest,
        released_by=released_by,
        lines=tuple(_planned(names, line) for line in body.to_send),
        totals=_totals(body),
        timecards=len(body.going),
        held=tuple(names.finding(one) for one in body.held),
        left=tuple(names.finding(one) for one in body.left),
        already=body.already,
        warnings=body.warnings,
    )


def _planned(names: Names, line: Line) -> LineView:
    cards = len({one.timecard for one in line.contributions})
    return names.line(line.model_dump(), state=line.state, timecards=cards)


def _totals(body: PlanBody) -> dict[str, int]:
    """Add up what would be sent per kind and code; days count what changes."""
    totals: dict[str, int] = defaultdict(int)
    for line in body.to_send:
        label = "days" if line.kind is Kind.DAYS else f"{line.kind} {line.code}"
        totals[label] += line.amount - (line.before if line.sets else 0)
    return dict(totals)


def run_view(session: CompanySession, run: Run) -> RunView:
    """Return a run as it is shown."""
    plan = session.exec(select(Plan).where(Plan.id == run.plan)).one()
    names = Names.of(session, plan.provider, plan.administration)
    entries = entries_of_run(session, run.id or 0)
    cards = _cards(session, run)
    white = set(session.exec(select(Timecard.id).where(Timecard.exported_by == f"run {run.id}")).all())
    confirmed = {card for one in entries if one.state == EntryState.CONFIRMED for card in cards[one.id]}
    waiting = {card for one in entries if one.state != EntryState.CONFIRMED for card in cards[one.id]}
    return RunView(
        id=run.id or 0,
        plan=run.plan,
        state=run_state((EntryState(one.state) for one in entries), bool(run.paused)),
        paused=run.paused,
        counts=dict(Counter(one.state for one in entries)),
        entries=tuple(names.line(one.model_dump(), timecards=len(cards[one.id])) for one in entries),
        white=tuple(sorted(white)),
        in_part=tuple(sorted((confirmed & waiting) - _white_now(session, waiting))),
        started_at=run.started_at,
        ended_at=run.ended_at,
    )


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
