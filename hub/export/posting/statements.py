"""The statements of the journal, prepared once: see `hub.store.prepared`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, bindparam, func, insert, or_, select, update
from sqlmodel import SQLModel

from hub.events.settled import HUB, OF_RUN
from hub.export.states import IN_PAYROLL, POSTED, EntryState, Outcome
from hub.store.companies import Audit, Connection
from hub.store.events import Event
from hub.store.exports import Attempt, Contribution, Entry, Plan, Run, Unexplained
from hub.store.people import Timecard
from hub.store.prepared import Prepared, here


def _table(model: type[SQLModel]) -> Any:  # noqa: ANN401 - SQLModel does not tell mypy of it
    return model.__table__  # type: ignore[attr-defined]


RUNS, ENTRIES, ATTEMPTS, GIVEN, CARDS, AUDITS, UNKNOWN, PLANS, EVENTS, CONNECTIONS = (
    _table(one) for one in (Run, Entry, Attempt, Contribution, Timecard, Audit, Unexplained, Plan, Event, Connection)
)
_RUN = and_(RUNS.c.company_id == here(), RUNS.c.id == bindparam("run"))
_ENTRY = and_(ENTRIES.c.company_id == here(), ENTRIES.c.id == bindparam("entry"))
_SLOT = ("provider", "administration", "year", "number", "employee", "kind")
KEY = ("provider", "administration", "for_year", "for_number", "employee", "kind", "code", "cost_centre")
"""What entries share that add up to one target."""

UNSETTLED = (Outcome.OPEN, Outcome.PENDING, Outcome.UNKNOWN)


def _of_slot(table: Any, *names: str) -> Any:  # noqa: ANN401 - SQLAlchemy's own
    return and_(table.c.company_id == here(), *(table.c[name] == bindparam(name) for name in names))


def _mine(column: Any) -> Any:  # noqa: ANN401 - SQLAlchemy's own
    return column.in_(bindparam("entries", expanding=True))


_IS_OFF = (
    select(CONNECTIONS.c.provider)
    .where(
        CONNECTIONS.c.company_id == here(),
        CONNECTIONS.c.provider == bindparam("provider"),
        CONNECTIONS.c.active.is_(False),
    )
    .exists()
)
MAY_CALL = Prepared(select(RUNS.c.epoch, _IS_OFF.label("off")).where(_RUN))
"""Whose the run is, and whether its connection is switched off: one question, because it is asked before every call."""

HOLD_EPOCH = Prepared(select(RUNS.c.epoch).where(_RUN).with_for_update(read=True))
"""On PostgreSQL nobody takes the run over before this transaction ends."""

HOLD_RUN = Prepared(select(RUNS).where(_RUN).with_for_update())
LEASE = Prepared(
    update(RUNS).where(_RUN).values({name: bindparam(f"new_{name}") for name in ("epoch", "holder", "held_until")})
)
RENEW = Prepared(
    update(RUNS).where(_RUN, RUNS.c.epoch == bindparam("mine")).values(held_until=bindparam("new_held_until"))
)
END_RUN = Prepared(
    update(RUNS)
    .where(_RUN, RUNS.c.epoch == bindparam("mine"))
    .values(paused=bindparam("new_paused"), ended_at=bindparam("new_ended_at"), holder="", held_until=None)
)

HOLD_ENTRY = Prepared(
    select(ENTRIES.c.id, ENTRIES.c.state).where(ENTRIES.c.company_id == here(), _mine(ENTRIES.c.id)).with_for_update()
)
ENTRIES_OF_RUN = Prepared(
    select(ENTRIES).where(ENTRIES.c.company_id == here(), ENTRIES.c.run == bindparam("run")).order_by(ENTRIES.c.id)
)
ENTRIES_BY_ID = Prepared(select(ENTRIES).where(ENTRIES.c.company_id == here(), _mine(ENTRIES.c.id)))
STATES_OF_RUN = Prepared(
    select(ENTRIES.c.state).where(ENTRIES.c.company_id == here(), ENTRIES.c.run == bindparam("run")).distinct()
)

COUNTS_OF_RUN = Prepared(
    select(ENTRIES.c.state, func.count())
    .where(ENTRIES.c.company_id == here(), ENTRIES.c.run == bindparam("run"))
    .group_by(ENTRIES.c.state)
    .order_by(ENTRIES.c.state)
)

CARDS_OF_ENTRIES = Prepared(
    select(CARDS.c.id, CARDS.c.revision, CARDS.c.deleted, GIVEN.c.revision.label("planned"), GIVEN.c.amount)
    .where(CARDS.c.company_id == here(), GIVEN.c.company_id == here())
    .where(CARDS.c.id == GIVEN.c.timecard, _mine(GIVEN.c.entry))
    .order_by(CARDS.c.id)
    .with_for_update(of=CARDS)
)
"""Locked, so that neither a change of a card nor another entry that it feeds comes in between."""

_OWN = GIVEN.alias()
FED_ELSEWHERE = Prepared(
    select(
        *(GIVEN.c[name] for name in ("timecard", "component", "amount")),
        *(ENTRIES.c[name] for name in ("id", "run", "state", "change", *KEY)),
        _OWN.c.entry.label("mine"),
    )
    .where(_OWN.c.company_id == here(), GIVEN.c.company_id == here(), ENTRIES.c.company_id == here())
    .where(_mine(_OWN.c.entry), GIVEN.c.timecard == _OWN.c.timecard, GIVEN.c.component == _OWN.c.component)
    .where(GIVEN.c.timecard.in_(bindparam("cards", expanding=True)))
    .where(ENTRIES.c.id == GIVEN.c.entry, _OWN.c.entry != GIVEN.c.entry, _OWN.c.amount != 0)
    .where(or_(ENTRIES.c.state.in_(sorted(POSTED)), ENTRIES.c.run == bindparam("run")))
    .order_by(ENTRIES.c.id)
)
"""What else the cards of these entries gave, under whatever code, person, period or connection.

The cards are named, though they follow from the entries: without, SQLite goes through all that was ever given.
"""

_BESIDE = ("id", "run", "kind", "code", "cost_centre", "amount", "sets", "change", "state")
BESIDE = Prepared(
    select(*(ENTRIES.c[name] for name in _BESIDE))
    .where(_of_slot(ENTRIES, "provider", "administration", "for_year", "for_number", "employee"))
    .where(ENTRIES.c.state.in_(sorted(POSTED)))
    .order_by(ENTRIES.c.id)
)
"""What was posted, or perhaps posted, of a person for a wage period."""

IN_SLOT = Prepared(
    select(*(ENTRIES.c[name] for name in ("id", "run", "code", "sets", "change", "state", "posted_id", "amount")))
    .where(_of_slot(ENTRIES, *_SLOT), ENTRIES.c.state.in_(sorted(POSTED)))
    .order_by(ENTRIES.c.id)
)
_HOLDS_A_ROW = next(one for one in ENTRIES.indexes if one.name == "entry_row").dialect_options["sqlite"]["where"]
"""The condition of that index, letter for letter: SQLite uses a partial index only for the very same words."""

CLAIMED = Prepared(
    select(ENTRIES.c.id).where(_of_slot(ENTRIES, "provider", "administration", "kind", "posted_id"), _HOLDS_A_ROW)
)

MOVE = Prepared(
    update(ENTRIES)
    .where(_ENTRY, ENTRIES.c.state == bindparam("old_state"))
    .values(state=bindparam("new_state"), reason=bindparam("new_reason"), action=bindparam("new_action"))
)
SEND = Prepared(
    update(ENTRIES)
    .where(_ENTRY, ENTRIES.c.state == EntryState.PLANNED)
    .values(state=EntryState.SENDING, attempt=bindparam("new_attempt"), reason="", action="")
)
CONFIRM = Prepared(
    update(ENTRIES)
    .where(_ENTRY, ENTRIES.c.state == bindparam("old_state"))
    .values(
        state=EntryState.CONFIRMED,
        posted_id=bindparam("new_posted_id"),
        evidence=bindparam("new_evidence"),
        reason="",
        action="",
    )
)

NEW_ATTEMPT = Prepared(
    insert(ATTEMPTS)
    .values(
        company_id=here(),
        ended_at=None,
        outcome="",
        **dict.fromkeys(("boot", "receipt", "fault", "detail"), ""),
        **{one: bindparam(one) for one in (*_SLOT, "run", "entries", "key", "before", "epoch", "started_at")},
    )
    .returning(ATTEMPTS.c.id)
)
_ENDS = ("outcome", "ended_at", "ended_ticks", "boot", "receipt", "fault", "detail")
END_ATTEMPT = Prepared(
    update(ATTEMPTS)
    .where(ATTEMPTS.c.company_id == here(), ATTEMPTS.c.id == bindparam("attempt"))
    .where(ATTEMPTS.c.outcome == bindparam("old_outcome"))
    .values({name: bindparam(f"new_{name}") for name in _ENDS})
)
SETTLE_ATTEMPT = Prepared(
    update(ATTEMPTS)
    .where(ATTEMPTS.c.company_id == here(), ATTEMPTS.c.id == bindparam("attempt"))
    .where(ATTEMPTS.c.outcome == bindparam("old_outcome"))
    .values(outcome=bindparam("new_outcome"))
)
ATTEMPTS_OF_SLOT = Prepared(select(ATTEMPTS).where(_of_slot(ATTEMPTS, *_SLOT)).order_by(ATTEMPTS.c.id))
ATTEMPTS_OF_RUN = Prepared(
    select(ATTEMPTS).where(ATTEMPTS.c.company_id == here(), ATTEMPTS.c.run == bindparam("run")).order_by(ATTEMPTS.c.id)
)
UNSETTLED_OF_RUN = Prepared(
    select(ATTEMPTS)
    .where(ATTEMPTS.c.company_id == here(), ATTEMPTS.c.run == bindparam("run"))
    .where(ATTEMPTS.c.outcome.in_(UNSETTLED))
    .order_by(ATTEMPTS.c.id)
)

STRANGE = Prepared(select(UNKNOWN).where(UNKNOWN.c.company_id == here(), UNKNOWN.c.provider == bindparam("provider")))
"""Rows that a reread found and could not explain."""

_FELLOW, _FEEDS = ENTRIES.alias(), GIVEN.alias()
WHITE = Prepared(
    select(GIVEN.c.timecard, GIVEN.c.revision)
    .where(GIVEN.c.company_id == here(), GIVEN.c.entry == bindparam("entry"), GIVEN.c.goes)
    .where(
        ~select(_FEEDS.c.revision)  # a column that no index holds, or SQLite searches a whole one instead of one card
        .where(_FEEDS.c.company_id == here(), _FELLOW.c.company_id == here())
        .where(_FEEDS.c.timecard == GIVEN.c.timecard, _FELLOW.c.id == _FEEDS.c.entry)
        .where(_FELLOW.c.run == bindparam("run"))
        .where(_FELLOW.c.state.not_in(sorted(IN_PAYROLL | {EntryState.SUPERSEDED})))
        .exists()
    )
    .distinct()
)
"""The cards of an entry of which every entry of the run is in payroll."""

TURN_WHITE = Prepared(
    update(CARDS)
    .where(CARDS.c.company_id == here(), CARDS.c.id == bindparam("card"))
    .where(CARDS.c.exported_revision.is_(None))
    .values(exported_revision=bindparam("new_revision"), exported_by=bindparam("new_by"))
)
"""Of a card that payroll did not hold yet."""

WHITE_AGAIN = Prepared(
    update(CARDS)
    .where(CARDS.c.company_id == here(), CARDS.c.id == bindparam("card"))
    .where(
        or_(
            CARDS.c.exported_revision < bindparam("new_revision"),
            and_(CARDS.c.exported_revision == bindparam("new_revision"), CARDS.c.exported_by != bindparam("new_by")),
        )
    )
    .values(exported_revision=bindparam("new_revision"), exported_by=bindparam("new_by"))
)
"""Of a card that payroll held already, as an earlier run left it."""

GONE = Prepared(
    select(GIVEN.c.timecard)
    .where(GIVEN.c.company_id == here(), GIVEN.c.entry == bindparam("entry"), ~GIVEN.c.goes)
    .distinct()
)
"""The cards that an entry takes out of payroll."""

TURN_GREEN = Prepared(
    update(CARDS)
    .where(CARDS.c.company_id == here(), CARDS.c.id == bindparam("card"), CARDS.c.exported_revision.is_not(None))
    .values(exported_revision=None, exported_by="")
)

CARDS_GOING = Prepared(
    select(GIVEN.c.timecard)
    .where(GIVEN.c.company_id == here(), GIVEN.c.entry == bindparam("entry"), GIVEN.c.goes)
    .distinct()
    .order_by(GIVEN.c.timecard)
)
"""The cards that an entry exports."""

TELL = Prepared(
    insert(EVENTS).values(
        company_id=here(),
        provider=select(PLANS.c.provider)
        .where(_RUN, PLANS.c.company_id == here(), PLANS.c.id == RUNS.c.plan)
        .scalar_subquery(),
        **{one: bindparam(one) for one in ("at", "kind", "run", "detail")},
    )
)
"""An event of a run. It gets its number when it is spread: see `hub.events.spreading`."""

SETTLED = Prepared(
    update(EVENTS)
    .where(
        EVENTS.c.company_id == here(),
        EVENTS.c.run == bindparam("of_run"),
        EVENTS.c.kind.in_(OF_RUN),
        EVENTS.c.read_at.is_(None),
    )
    .values(read_at=bindparam("new_read_at"), read_by=HUB)
)
"""The notifications of a run are out of date: the hub has read them."""

AUDIT = Prepared(
    insert(AUDITS).values(
        company_id=here(), **{one: bindparam(one) for one in ("at", "actor", "action", "subject", "detail")}
    )
)
