"""What a person or a script sees of plans and runs: the same facts, with names beside the ids."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime

from sqlmodel import col, select

from hub.export.journal import entries_of_run
from hub.export.plan import PlanBody
from hub.export.states import EntryState, RunState, run_state
from hub.models import Finding, Kind, Model
from hub.store.exports import Contribution, Plan, Run
from hub.store.people import Employee, TeamMember, Timecard
from hub.store.session import CompanySession


class LineView(Model):
    """A line or an entry with the person's name; amounts in hundredths."""

    employee: str
    number: str
    name: str
    kind: Kind
    code: str
    cost_centre: str | None
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


def plan_view(session: CompanySession, plan: Plan) -> PlanView:
    """Return a stored plan as it is shown."""
    body = PlanBody.model_validate(plan.body)
    return view_of(session, body, plan.id or 0, plan.hash, plan.released_by)


def view_of(session: CompanySession, body: PlanBody, number: int, digest: str, released_by: str) -> PlanView:
    """Return a plan as it is shown, stored or not (`number` is 0 then)."""
    people = _people(session, body.scope.provider)
    members = {one.id: one.name for one in session.all(TeamMember)}
    return PlanView(
        id=number,
        provider=body.scope.provider,
        administration=body.scope.administration,
        period=str(body.period),
        hash=digest,
        released_by=released_by,
        lines=tuple(
            LineView(
                **dict(zip(("number", "name"), people.get(line.employee, ("", "")), strict=True)),
                **line.model_dump(include={"employee", "kind", "code", "cost_centre", "amount", "before", "payroll"}),
                state=line.state,
                timecards=len({one.timecard for one in line.contributions}),
            )
            for line in body.to_send
        ),
        totals=_totals(body),
        timecards=len(body.going),
        held=tuple(FindingView(finding=one, name=members.get(one.member, "")) for one in body.held),
        left=tuple(FindingView(finding=one, name=members.get(one.member, "")) for one in body.left),
        already=body.already,
        warnings=body.warnings,
    )


def _people(session: CompanySession, provider: str) -> dict[str, tuple[str, str]]:
    """Return number and name of every employee by id."""
    rows = session.all(Employee, Employee.provider == provider)
    names = ("first_name", "prefix", "last_name")
    return {
        row.id: (row.body.get("number", ""), " ".join(filter(None, (row.body.get(part) for part in names))))
        for row in rows
    }


def _totals(body: PlanBody) -> dict[str, int]:
    """Add up what would be sent per kind and code; days count what changes."""
    totals: dict[str, int] = defaultdict(int)
    for line in body.to_send:
        totals[f"{line.kind} {line.code}".strip()] += line.amount - (line.before if line.sets else 0)
    return dict(totals)


def run_view(session: CompanySession, run: Run) -> RunView:
    """Return a run as it is shown."""
    plan = session.exec(select(Plan).where(Plan.id == run.plan)).one()
    people = _people(session, plan.provider)
    entries = entries_of_run(session, run.id or 0)
    cards: dict[int | None, set[str]] = defaultdict(set)
    rows = session.exec(
        select(Contribution.entry, Contribution.timecard).where(
            col(Contribution.entry).in_([entry.id for entry in entries])
        )
    )
    for entry, card in rows:
        cards[entry].add(card)
    white = session.exec(select(Timecard.id).where(Timecard.exported_by == f"run {run.id}")).all()
    confirmed = {card for one in entries if one.state == EntryState.CONFIRMED for card in cards[one.id]}
    return RunView(
        id=run.id or 0,
        plan=run.plan,
        state=run_state((EntryState(one.state) for one in entries), bool(run.paused)),
        paused=run.paused,
        counts=dict(Counter(one.state for one in entries)),
        entries=tuple(
            LineView(
                **dict(zip(("number", "name"), people.get(one.employee, ("", "")), strict=True)),
                **one.model_dump(
                    include={
                        "employee",
                        "kind",
                        "code",
                        "cost_centre",
                        "amount",
                        "before",
                        "state",
                        "reason",
                        "action",
                        "posted_id",
                    }
                ),
                timecards=len(cards[one.id]),
            )
            for one in entries
        ),
        white=tuple(sorted(white)),
        in_part=tuple(sorted(confirmed - set(white))),
        started_at=run.started_at,
        ended_at=run.ended_at,
    )
