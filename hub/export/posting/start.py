"""From a released plan to a run: all its entries, planned, made once however often it is asked for."""

from __future__ import annotations

from sqlalchemy import and_, not_
from sqlmodel import col, select

from hub.errors import InputError
from hub.events.kinds import EventKind
from hub.export.planning.line import Line
from hub.export.planning.plan import PlanBody
from hub.export.states import EntryState
from hub.store.events import Event
from hub.store.exports import Contribution, Entry, Plan, Run
from hub.store.people import Timecard
from hub.store.session import CompanySession

AS_PLANNED = {
    *("employee", "kind", "code", "cost_centre", "amount", "before", "sets", "change", "replaces"),
}


def start_run(session: CompanySession, plan: Plan, actor: str) -> Run:
    """Return the run of a released plan; made with all its entries, planned, the first time. Raises `InputError`."""
    if not plan.released_by:
        command = f"`hub export release {plan.id} --by NAME`"
        raise InputError(f"Plan {plan.id} is not released: somebody must release it.", command=command)
    session.exec(select(Plan).where(Plan.id == plan.id).with_for_update()).one()  # two workers make one run
    run = session.exec(select(Run).where(Run.plan == plan.id)).first()
    if run:
        return run
    body = PlanBody.model_validate(plan.body)
    if body.hash != plan.hash:
        raise InputError(f"Plan {plan.id} is not what was released: make a new plan.")
    run = Run(company_id=session.company, plan=plan.id or 0)
    session.add(run)
    session.flush()
    _make_entries(session, plan, run, body)
    _whiten(session, run, body)
    _tell_left(session, run, body)
    session.audit(actor, "run started", f"run {run.id}", plan=plan.id, entries=len(body.to_send))
    return run


def _make_entries(session: CompanySession, plan: Plan, run: Run, body: PlanBody) -> None:
    lines = body.to_send
    rows = [_entry(plan, run, body, number, line) for number, line in enumerate(lines, start=1)]
    numbers = session.insert_numbered(Entry, rows)
    given = [
        {"entry": number, **one._asdict()}
        for number, line in zip(numbers, lines, strict=True)
        for one in line.contributions
    ]
    session.insert(Contribution, given)


def _entry(plan: Plan, run: Run, body: PlanBody, number: int, line: Line) -> dict[str, object]:
    period = line.period or body.period
    what = "" if period == body.period else f" corrects {body.period.year}-{body.period.number},"
    return {
        "run": run.id,
        "provider": body.scope.provider,
        "administration": body.scope.administration,
        "year": period.year,
        "number": period.number,
        "start": period.start,
        "end": period.end,
        "for_year": body.period.year,
        "for_number": body.period.number,
        "comment": f"payroll-hub plan {plan.id} entry {number},{what} {len(line.contributions)} timecards",
        "state": EntryState.PLANNED,
        "unprotected": body.scope.past_period,
        "shown": line.payroll,
        **line.model_dump(include=AS_PLANNED),
    }


def _whiten(session: CompanySession, run: Run, body: PlanBody) -> None:
    """Turn white what changes nothing in payroll, such as a late card on a day that was counted already."""
    feeding = {one.timecard for line in body.to_send for one in line.contributions}
    rest = [(card, revision) for card, revision in body.going if card not in feeding]
    for card, revision in rest:
        same = and_(col(Timecard.id) == card, col(Timecard.revision) == revision, not_(col(Timecard.deleted)))
        row = session.exec(select(Timecard).where(same).with_for_update()).first()
        if row:
            fresh = row.exported_revision is None
            row.exported_revision, row.exported_by = revision, f"run {run.id}"
            session.add(row)
            session.audit("hub", "timecard exported", f"timecard {card}", run=run.id, revision=revision)
            kind = EventKind.TIMECARD_EXPORTED if fresh else EventKind.TIMECARD_CORRECTED
            session.tell(kind, body.scope.provider, run.id or 0, timecard=card, revision=revision)


def _tell_left(session: CompanySession, run: Run, body: PlanBody) -> None:
    """Tell of the cards that stay, with the code of the reason: of several the first that the plan gives."""
    reasons: dict[str, str] = {}
    for one in (*body.held, *body.left):
        if one.timecard:
            reasons.setdefault(one.timecard, one.code)
    about = {"kind": EventKind.TIMECARD_LEFT, "provider": body.scope.provider, "run": run.id}
    rows = [{**about, "detail": {"timecard": card, "reason": code}} for card, code in reasons.items()]
    session.insert(Event, rows)
