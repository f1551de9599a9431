"""The tables of states: nothing else may happen, everything in them can, and the database keeps to them as well."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from hub.export.states import (
    ATTEMPT,
    ENTRY,
    LEADS_TO,
    RUN,
    EntryState,
    Outcome,
    RunState,
    check_attempt,
    check_entry,
    check_run,
    run_state,
)
from hub.store.companies import Company
from hub.store.database import Store
from hub.store.exports import Attempt, Entry, Plan, Run

TABLES: dict[str, tuple[Mapping[Any, frozenset[Any]], Callable[[Any, Any], None], type[StrEnum], StrEnum]] = {
    "an entry": (ENTRY, check_entry, EntryState, EntryState.PLANNED),
    "an attempt": (ATTEMPT, check_attempt, Outcome, Outcome.OPEN),
    "a run": (RUN, check_run, RunState, RunState.RUNNING),
}


@pytest.fixture(params=TABLES)
def table(request: pytest.FixtureRequest) -> tuple[Mapping[Any, frozenset[Any]], Callable[[Any, Any], None], Any, Any]:
    """Each of the three tables, with its check, its states and the state that everything begins in."""
    return TABLES[request.param]


# -- the tables -------------------------------------------------------------------------------------------------------


def test_a_transition_that_is_not_in_its_table_raises(table: Any) -> None:
    """And one that is in it does not; of a run, no change at all is none."""
    allowed, check, states, _ = table
    for old in states:
        for new in states:
            if new in allowed[old] or (check is check_run and new is old):
                check(old, new)
            else:
                with pytest.raises(RuntimeError, match=f"may not go from {old or 'open'} to {new or 'open'}"):
                    check(old, new)


def test_every_state_can_be_reached(table: Any) -> None:
    """From the first one, in steps that are allowed."""
    allowed, _, states, first = table
    reached, new = set(), {first}
    while new:
        reached |= new
        new = {after for one in new for after in allowed[one]} - reached
    assert reached == set(states)
    assert set(allowed) == set(states)


def test_an_outcome_leads_only_where_an_entry_may_go() -> None:
    """From sending, or from what is not settled: every outcome but an open one and a decision leads somewhere."""
    waiting = (EntryState.SENDING, EntryState.PENDING, EntryState.IN_DOUBT)
    assert set(LEADS_TO) == set(Outcome) - {Outcome.OPEN, Outcome.DECIDED}
    for outcome, new in LEADS_TO.items():
        before = [old for old, outcomes in ATTEMPT.items() if outcome in outcomes]
        states = {EntryState.SENDING if not old else LEADS_TO[old] for old in before}
        assert states <= set(waiting)
        assert all(new in ENTRY[old] for old in states), outcome


def test_only_what_certainly_is_not_in_payroll_becomes_planned() -> None:
    """A doubt becomes planned by absence alone, and by nothing does what payroll took."""
    assert {one for one, new in LEADS_TO.items() if new is EntryState.PLANNED} == {
        Outcome.NOT_EXECUTED,
        Outcome.NOT_SENT,
        Outcome.ABSENT,
    }
    for state in (EntryState.CONFIRMED, EntryState.VERIFIED, EntryState.SUPERSEDED, EntryState.REFUSED):
        assert EntryState.PLANNED not in ENTRY[state]


STATE = EntryState


@pytest.mark.parametrize(
    ("states", "paused", "expected"),
    [
        ([STATE.NEEDS_DECISION, STATE.IN_DOUBT, STATE.PLANNED], True, RunState.NEEDS_DECISION),
        ([STATE.CONFIRMED, STATE.IN_DOUBT, STATE.PLANNED], True, RunState.IN_DOUBT),
        ([STATE.VERIFIED, STATE.PENDING], False, RunState.IN_DOUBT),
        ([STATE.CONFIRMED, STATE.PLANNED], True, RunState.PAUSED),
        ([STATE.CONFIRMED, STATE.PLANNED], False, RunState.RUNNING),
        ([STATE.CONFIRMED, STATE.SENDING], False, RunState.RUNNING),
        ([STATE.CONFIRMED, STATE.VERIFIED], True, RunState.PAUSED),
        ([STATE.DRIFTED, STATE.REFUSED], False, RunState.DRIFTED),
        ([STATE.DRIFTED, STATE.PLANNED], True, RunState.PAUSED),
        ([STATE.CONFIRMED], False, RunState.DONE),
        ([STATE.VERIFIED, STATE.SUPERSEDED], False, RunState.DONE),
        ([], False, RunState.DONE),
        *(([STATE.VERIFIED, one], False, RunState.DONE_IN_PART) for one in (STATE.REFUSED, STATE.HELD)),
        *(([STATE.VERIFIED, one], False, RunState.DONE_IN_PART) for one in (STATE.CHANGED, STATE.LEFT_OUT)),
    ],
)
def test_the_state_of_a_run_follows_from_its_entries(
    states: list[EntryState], paused: bool, expected: RunState
) -> None:
    """What waits for a person weighs most, then doubts, then what is still to do; only all in payroll is done."""
    assert run_state(states, paused) is expected


# -- the database -----------------------------------------------------------------------------------------------------

SLOT = {"provider": "p", "administration": "1", "year": 2026, "number": 10, "employee": "e1", "kind": "hours"}


@pytest.fixture
def acme(store: Store) -> Iterator[Store]:
    """A store with two companies, each of which has a plan and a run."""
    with store.everywhere() as session:
        session.add_all([Company(id="acme", name="Acme"), Company(id="other", name="Other")])
    for company in ("acme", "other"):
        with store.write(company) as session:
            plan = Plan(company_id=company, provider="p", administration="1", year=2026, number=10, hash="x")
            session.add(plan)
            session.flush()
            session.add(Run(company_id=company, plan=plan.id or 0))
    yield store


def insert(store: Store, table: type[Attempt] | type[Entry], company: str = "acme", **more: Any) -> None:
    """Insert one row of a company's run."""
    with store.write(company) as session:
        session.insert(table, [{**SLOT, "run": session.all(Run)[0].id, **more}])


def attempt(store: Store, outcome: Outcome, company: str = "acme", **more: Any) -> None:
    insert(store, Attempt, company, entries=[1], key="k", before=[], outcome=outcome, **more)


UNSETTLED = (Outcome.OPEN, Outcome.PENDING, Outcome.UNKNOWN)


@pytest.mark.parametrize("second", UNSETTLED)
@pytest.mark.parametrize("first", UNSETTLED)
def test_a_slot_has_one_unsettled_attempt_at_most(acme: Store, first: Outcome, second: Outcome) -> None:
    """The database refuses a second one, whatever the code believes."""
    attempt(acme, first)
    with pytest.raises(IntegrityError):
        attempt(acme, second)


def test_a_slot_may_have_many_settled_attempts(acme: Store) -> None:
    """And an unsettled one beside them."""
    for outcome in Outcome:
        if outcome not in UNSETTLED:
            attempt(acme, outcome)
    attempt(acme, Outcome.OPEN)
    with acme.read("acme") as session:
        assert len(session.all(Attempt)) == len(Outcome) - len(UNSETTLED) + 1


@pytest.mark.parametrize("other", [{one: "2"} for one in ("provider", "administration", "employee", "kind")])
def test_other_slots_may_be_unsettled_at_the_same_time(acme: Store, other: dict[str, str]) -> None:
    """Of another payroll, administration, person or kind, another wage period or another company."""
    attempt(acme, Outcome.OPEN)
    attempt(acme, Outcome.OPEN, **other)
    attempt(acme, Outcome.OPEN, year=2027)
    attempt(acme, Outcome.OPEN, number=11)
    attempt(acme, Outcome.OPEN, "other")


def entry(store: Store, state: EntryState, company: str = "acme", **more: Any) -> None:
    period = {"start": date(2026, 10, 1), "end": date(2026, 10, 31), "for_year": 2026, "for_number": 10}
    insert(store, Entry, company, **period, code="100", amount=800, **{"posted_id": "7", "state": state, **more})


IN_PAYROLL = (EntryState.CONFIRMED, EntryState.VERIFIED, EntryState.DRIFTED)


@pytest.mark.parametrize("second", IN_PAYROLL)
@pytest.mark.parametrize("first", IN_PAYROLL)
def test_a_row_in_payroll_is_of_one_entry_at_most(acme: Store, first: EntryState, second: EntryState) -> None:
    """Whoever it is for: two entries that name one id cannot both be there."""
    entry(acme, first)
    with pytest.raises(IntegrityError):
        entry(acme, second, employee="e2", number=11)


@pytest.mark.parametrize(
    "beside",
    [
        *({"state": one} for one in EntryState if one not in IN_PAYROLL),
        {"change": "withdraw"},
        {"posted_id": ""},
        {"posted_id": None},
        {"posted_id": "8"},
        {"kind": "wage"},
        {"administration": "2"},
        {"provider": "q"},
        {"company": "other"},
    ],
    ids=str,
)
def test_an_id_may_be_named_beside_by_what_holds_no_row(acme: Store, beside: dict[str, Any]) -> None:
    """By an entry that is not in payroll or takes the row away, or where the same id is another row."""
    entry(acme, EntryState.VERIFIED)
    entry(acme, **{"state": EntryState.CONFIRMED, **beside})
    if "posted_id" in beside and not beside["posted_id"]:
        entry(acme, **{"state": EntryState.CONFIRMED, **beside})
