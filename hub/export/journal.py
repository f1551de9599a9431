"""The journal: every attempt is committed before its call, and its outcome after; each change with its audit row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, not_, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from hub.errors import InputError
from hub.export.plan import PlanBody
from hub.export.states import LEADS_TO, POSTED, UNSETTLED, EntryState, Outcome, check_transition
from hub.models import PostedEntry
from hub.store.columns import now
from hub.store.exports import Attempt, Contribution, Entry, Plan, Run
from hub.store.people import Timecard
from hub.store.session import CompanySession

WORKER = "hub"


def start_run(session: CompanySession, plan: Plan, actor: str) -> Run:
    """Return the run of a released plan; made with all its entries, planned, the first time. Raises `InputError`."""
    if not plan.released_by:
        raise InputError(f"Plan {plan.id} is not released: hub export release {plan.id} --by NAME.")
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
    turn_white(session, run.id or 0, _cards_without_entries(body), if_unchanged=True)
    session.audit(actor, "run started", f"run {run.id}", plan=plan.id, entries=len(body.to_send))
    return run


def _make_entries(session: CompanySession, plan: Plan, run: Run, body: PlanBody) -> None:
    for number, line in enumerate(body.to_send, start=1):
        entry = Entry(
            company_id=session.company,
            run=run.id or 0,
            provider=body.scope.provider,
            administration=body.scope.administration,
            year=body.period.year,
            number=body.period.number,
            start=body.period.start,
            end=body.period.end,
            comment=f"payroll-hub plan {plan.id} entry {number}, {len(line.contributions)} timecards",
            state=EntryState.PLANNED,
            unprotected=body.scope.past_period,
            **line.model_dump(include={"employee", "kind", "code", "cost_centre", "amount", "before", "sets"}),
        )
        session.add(entry)
        session.flush()
        session.insert(Contribution, [{"entry": entry.id, **one._asdict()} for one in line.contributions])


def _cards_without_entries(body: PlanBody) -> dict[str, int]:
    """Return the cards that change nothing in payroll, such as a late card on a day that was counted already."""
    feeding = {one.timecard for line in body.to_send for one in line.contributions}
    return {card: revision for card, revision in body.going if card not in feeding}


def held(session: CompanySession, entry: Entry) -> Entry:
    """Return an entry as the database holds it now; on PostgreSQL other writers wait until this transaction ends."""
    return session.exec(select(Entry).where(Entry.id == entry.id).with_for_update()).one()


def begin(session: CompanySession, entry: Entry, before: Sequence[PostedEntry]) -> Attempt | None:
    """Write the attempt that is about to be made, with the slot as it was read just before.

    Returns None if another worker has the entry, and if what it was planned on no longer holds: then it is `changed`.
    """
    if entry.state != EntryState.PLANNED:
        return None
    stale = _stale(session, entry) or _typed_over(session, entry, before)
    if stale:
        move(session, entry, EntryState.CHANGED, reason=stale, action="Make a new plan.")
        return None
    attempt = Attempt(
        company_id=session.company,
        entry=entry.id or 0,
        key=f"{entry.run}-{entry.id}-{now():%Y%m%d%H%M%S%f}",
        before=[row.model_dump(mode="json") for row in before],
    )
    session.add(attempt)
    move(session, entry, EntryState.SENDING)
    session.flush()
    return attempt


def _stale(session: CompanySession, entry: Entry) -> str:
    """Say what changed since the entry was planned: a timecard, or what else was posted of these cards or this key."""
    # Locked, so that neither a change of a card nor another entry that it feeds comes in between.
    cards = session.exec(
        select(Timecard.id, Timecard.revision, Timecard.deleted, Contribution.revision)
        .join(Contribution, col(Contribution.timecard) == Timecard.id)
        .where(Contribution.entry == entry.id)
        .order_by(Timecard.id)
        .with_for_update(of=Timecard)
    ).all()
    for card, revision, deleted, planned in cards:
        if deleted or revision != planned:
            return f"timecard {card} changed after the plan was made"
    return _posted_otherwise(session, entry) or _posted_beside(session, entry)


def _posted_otherwise(session: CompanySession, entry: Entry) -> str:
    """Say which card was sent in another entry, under whatever code, person, period or connection."""
    mine = aliased(Contribution)
    card = session.exec(
        select(Contribution.timecard)
        .join(mine, and_(col(mine.timecard) == Contribution.timecard, col(mine.component) == Contribution.component))
        .join(Entry, col(Entry.id) == Contribution.entry)
        .where(mine.entry == entry.id, Contribution.entry != entry.id, col(Entry.state).in_(POSTED))
    ).first()
    return f"timecard {card} was exported in another run after the plan was made" if card else ""


def _posted_beside(session: CompanySession, entry: Entry) -> str:
    """Say whether another run left this person in doubt, or what was confirmed of this key is not what it was."""
    others = session.exec(
        select(Entry)
        .where(Entry.provider == entry.provider, Entry.administration == entry.administration)
        .where(Entry.year == entry.year, Entry.number == entry.number, Entry.employee == entry.employee)
        .where(Entry.id != entry.id)
        .order_by(col(Entry.id))
    ).all()
    same = [one for one in others if _key(one) == _key(entry)]
    if any(one.state in UNSETTLED and (one in same or one.run != entry.run) for one in others):
        return "another posting for this person is in doubt"
    done = [one.amount for one in same if one.state == EntryState.CONFIRMED]
    confirmed = (done[-1] if entry.sets else sum(done)) if done else 0
    return "" if confirmed == entry.before else "something was posted under this code after the plan was made"


def _key(entry: Entry) -> tuple[str, str, str | None]:
    return entry.kind, entry.code, entry.cost_centre


def _typed_over(session: CompanySession, entry: Entry, before: Sequence[PostedEntry]) -> str:
    """Say whether setting the amount would overwrite another than payroll held when the plan was released."""
    holds = sum(row.amount for row in before if row.code == entry.code)
    if not entry.sets or holds in (0, entry.before):
        return ""
    plan = session.exec(select(Plan).join(Run, col(Run.plan) == Plan.id).where(Run.id == entry.run)).one()
    lines = PlanBody.model_validate(plan.body).lines
    shown = {one.payroll for one in lines if (one.employee, one.sets, one.code) == (entry.employee, True, entry.code)}
    return "" if holds in shown else "payroll holds another amount than when the plan was made"


@dataclass(frozen=True)
class Ending:
    """How an attempt ended: the outcome, the provider's id, and what to tell a person and a log."""

    outcome: Outcome
    posted_id: str | None = None
    reason: str = ""
    action: str = ""
    detail: str = ""


def finish(session: CompanySession, entry: Entry, attempt: Attempt, ending: Ending) -> None:
    """Write how an attempt ended and what that makes of its entry and of the cards that feed it."""
    attempt.outcome, attempt.ended_at, attempt.detail = ending.outcome, now(), ending.detail
    session.add(attempt)
    entry.posted_id = ending.posted_id
    move(session, entry, LEADS_TO[ending.outcome], reason=ending.reason, action=ending.action)
    session.flush()
    if ending.outcome is Outcome.ACCEPTED:
        turn_white(session, entry.run, _fully_confirmed(session, entry))


def _fully_confirmed(session: CompanySession, entry: Entry) -> dict[str, int]:
    """Return the cards of an entry of which every entry of the run is confirmed."""
    mine = session.exec(
        select(Contribution.timecard, Contribution.revision).where(Contribution.entry == entry.id)
    ).all()
    waiting = set(
        session.exec(
            select(Contribution.timecard)
            .join(Entry, col(Entry.id) == Contribution.entry)
            .where(Entry.run == entry.run, Entry.state != EntryState.CONFIRMED)
            .where(col(Contribution.timecard).in_([card for card, _ in mine]))
        ).all()
    )
    return {card: revision for card, revision in mine if card not in waiting}


def turn_white(session: CompanySession, run: int, cards: dict[str, int], *, if_unchanged: bool = False) -> None:
    """Mark cards as exported at their revision, unless a newer one was exported meanwhile.

    A card that changed meanwhile is not white by that; with `if_unchanged` it is left alone altogether.
    """
    for card, revision in cards.items():
        held = or_(col(Timecard.exported_revision).is_(None), col(Timecard.exported_revision) <= revision)
        if if_unchanged:
            held = and_(col(Timecard.revision) == revision, not_(col(Timecard.deleted)))
        values = {"exported_revision": revision, "exported_by": f"run {run}"}
        if session.execute(update(Timecard).where(col(Timecard.id) == card, held).values(values)).rowcount:  # type: ignore[attr-defined]  # an update has it
            session.audit(WORKER, "timecard exported", f"timecard {card}", run=run, revision=revision)


def move(session: CompanySession, entry: Entry, state: EntryState, *, reason: str = "", action: str = "") -> None:
    """Change the state of an entry, if the table allows it, with its audit row."""
    old = EntryState(entry.state)
    check_transition(old, state)
    entry.state, entry.reason, entry.action = state, reason, action
    session.add(entry)
    session.audit(WORKER, "entry", f"entry {entry.id}", **{"from": old, "to": state})


def recover(session: CompanySession, run: int) -> int:
    """Turn what a crash left half way into doubts, never into something to send again; return how many."""
    rows = session.all(Entry, Entry.run == run, Entry.state == EntryState.SENDING)
    for entry in rows:
        attempt = session.exec(select(Attempt).where(Attempt.entry == entry.id, Attempt.outcome == "")).one()
        finish(session, entry, attempt, Ending(Outcome.UNKNOWN, reason=STOPPED, action=LOOK))
    return len(rows)


STOPPED = "the hub stopped while it was sending this"
LOOK = "Look in payroll whether this amount is there; nothing more is sent for it until that is settled."


def entries_of_run(session: CompanySession, run: int, *conditions: Any) -> list[Entry]:  # noqa: ANN401 - SQL expressions
    """Return the entries of a run in the order in which they are sent."""
    return session.all(Entry, Entry.run == run, *conditions)
