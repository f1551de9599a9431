"""Faults 8, 9, 17, 36 to 40 and 47: what is late, stale, claimed, touched by a clerk or ill timed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest

from hub.export.posting.closing import Closing
from hub.export.posting.journal import Journal
from hub.testing.at_work import COMPANY, SETTLED, AtWork, just_before
from hub.testing.company import card
from hub.testing.faults import Fault, rewritten
from hub_nmbrs.simulator import NmbrsSimulator
from hub_nmbrs.simulator.ledger import HOURS, Ledger, Row
from hub_nmbrs.simulator.periods import Period

Work = AtWork[NmbrsSimulator]

DAY = timedelta(days=1)


def eight_hours(work: Work) -> int:
    """Put eight hours of 50001 into payroll by another way than the hub; return the id of the row."""
    return work.simulator.desk.ledger.insert(Row(HOURS, 50001, Period(2026, 10), 2100, Decimal(8)))


def in_doubt(work: Work, fault: str) -> None:
    """Release one card, let a fault happen to its posting and its slot be unreadable; it is in doubt afterwards."""
    work.release(card("a", "nmbrs-50001"))
    work.spoil(fault)
    work.simulator.inject("reset@HourComponentVar_Get+2")  # the first two: the right is tried, the slot is read
    run = work.run()
    assert (run.state, [one.state for one in run.entries], work.received) == ("in doubt", ["in doubt"], 1)
    work.simulator.heal()


def state_of(work: Work, plan: int = 1) -> tuple[str, list[str], int]:
    """Go on with a run; return its state, those of its entries, and how many postings payroll received by then."""
    run = work.run(plan)
    return run.state, [one.state for one in run.entries], work.received


# -- late -------------------------------------------------------------------------------------------------------------


def test_an_effect_that_comes_late_is_found(work: Work) -> None:
    """8: within the settle time; it counts as read back, and is sent once."""
    in_doubt(work, "lost-request")
    work.clock.forward(SETTLED - 20)
    late = eight_hours(work)
    assert state_of(work) == ("done", ["verified"], 1)
    assert [(one.evidence, one.posted_id) for one in work.entries] == [("read back", str(late))]
    assert (len(work.rows), work.white) == (1, {"a"})


def test_an_effect_that_comes_too_late_is_seen_at_the_close(work: Work) -> None:
    """9: it was sent again; the closing check names both rows, and takes neither away."""
    in_doubt(work, "lost-request")
    work.clock.forward(SETTLED)
    with just_before(Closing, "make", lambda: eight_hours(work)):
        run = work.run()
    (entry,), (first, second) = run.entries, [row["id"] for row in work.rows]
    assert (run.state, entry.state, work.received) == ("drifted", "drifted", 2)
    assert entry.reason == f"payroll holds it more than once: rows {first} and {second}"
    assert entry.action == "Look in payroll and settle it."
    assert state_of(work) == ("drifted", ["drifted"], 2)
    assert len(work.rows) == 2


# -- stale or unreadable ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["reset", "close", "cut-body", "cut-chunked", "html-502", "empty"])
def test_a_reading_that_fails_or_is_cut_settles_nothing(work: Work, fault: str) -> None:
    """38: in doubt it stays, after the settle time too, and the run says why; a whole reading settles it."""
    in_doubt(work, "lost-request")
    work.clock.forward(SETTLED)
    work.simulator.inject(f"{fault}@HourComponentVar_Get")
    assert state_of(work) == ("in doubt", ["in doubt"], 1)
    assert work.hub.show(COMPANY, 1).paused != ""
    work.simulator.heal()
    assert state_of(work) == ("done", ["verified"], 2)
    assert len(work.rows) == 1


def test_a_second_reading_that_fails_does_not_prove_absence(work: Work) -> None:
    """38: the first of the two says that it is not there, of the second nothing comes: so it is not sent again."""
    in_doubt(work, "lost-request")
    work.clock.forward(SETTLED)
    work.simulator.inject("reset@HourComponentVar_Get+1*3")
    assert state_of(work) == ("in doubt", ["in doubt"], 1)


def test_a_reading_that_shows_a_row_only_later_does_not_prove_absence(work: Work) -> None:
    """39: of the two readings after the settle time the second shows it: they do not agree, so it is not sent again."""
    real = Ledger.rows
    stale = [True, True, True]  # before the call, just after it, and the first of the two

    def rows(ledger: Ledger, *slot: Any) -> list[Row]:
        return [] if stale and stale.pop() else real(ledger, *slot)

    work.release(card("a", "nmbrs-50001"))
    work.spoil("lost-answer")
    with patch.object(Ledger, "rows", rows):
        assert state_of(work) == ("in doubt", ["in doubt"], 1)
        work.clock.forward(SETTLED)
        assert state_of(work) == ("in doubt", ["in doubt"], 1)
        assert stale == []
        assert state_of(work) == ("done", ["verified"], 1)
    assert ([one.evidence for one in work.entries], len(work.rows)) == (["read back"], 1)


# -- whose row it is --------------------------------------------------------------------------------------------------


def test_an_id_that_another_entry_has_needs_a_decision(work: Work, named: Callable[[str, Fault], str]) -> None:
    """17: Nmbrs answers with the id of a colleague's row."""
    work.release(card("a", "nmbrs-50001"))
    assert state_of(work) == ("done", ["verified"], 1)
    taken = str(work.rows[0]["id"]).encode()
    named("taken-id", rewritten(lambda body: re.sub(rb"(?<=InsertResult>)\d+", taken, body)))
    work.release(card("b", "nmbrs-50003"))
    work.spoil("taken-id")
    assert state_of(work, 2) == ("needs decision", ["needs decision"], 2)
    first, second = work.entries
    assert second.reason == f"the provider gave an id that belongs to entry {first.id}"
    assert second.action == "Look in payroll and settle it."
    assert state_of(work, 2) == ("needs decision", ["needs decision"], 2)
    assert (len(work.rows), work.white) == (2, {"a"})


def test_an_equal_row_of_a_clerk_during_a_doubt_needs_a_decision(work: Work) -> None:
    """36: two rows could be ours; the hub does not choose, and touches neither."""
    in_doubt(work, "lost-answer")
    eight_hours(work)
    assert state_of(work) == ("needs decision", ["needs decision"], 1)
    (entry,) = work.entries
    assert entry.reason == "2 new rows in payroll could be this"
    assert entry.action == "Look in payroll and settle it."
    work.clock.forward(SETTLED)
    assert state_of(work) == ("needs decision", ["needs decision"], 1)
    assert (len(work.rows), work.white) == (2, set())


@pytest.mark.parametrize("clerk", ["deletes", "edits"])
def test_what_a_clerk_does_to_our_row_is_told_and_left(work: Work, clerk: str) -> None:
    """37: drifted, and not sent again by itself: not by this run and not by another plan."""
    ledger = work.simulator.desk.ledger

    def touch() -> None:
        (row,) = ledger.rows(HOURS, 50001, Period(2026, 10))
        ledger.delete(row) if clerk == "deletes" else ledger.overwrite(replace(row, amount=Decimal("7.50")))

    work.release(card("a", "nmbrs-50001"))
    with just_before(Closing, "make", touch):
        assert state_of(work) == ("drifted", ["drifted"], 1)
    (entry,) = work.entries
    told = "is no longer in payroll" if clerk == "deletes" else "was changed in payroll to 7.50 under 2100"
    assert entry.reason == f"row {entry.posted_id} {told}"
    assert entry.action == "Look in payroll and settle it."
    assert state_of(work) == ("drifted", ["drifted"], 1)
    assert work.hub.plan(COMPANY, work.scope).lines == ()


@pytest.mark.parametrize("fault", ["lost-answer", "lost-request"])
def test_an_equal_entry_in_the_slot_waits_for_the_one_in_doubt(work: Work, fault: str) -> None:
    """40: equal but for a cost centre, which Nmbrs does not tell; both are there once in the end."""
    for venue, centre in (("bar", "KP10"), ("kitchen", "KP20")):
        work.hub.assign_venue(COMPANY, "nmbrs", venue, "3101", centre)
    work.cards(card("b", "nmbrs-50001", day=6, venue="kitchen"))
    work.release(card("a", "nmbrs-50001", venue="bar"))
    work.spoil(fault)
    work.simulator.inject("reset@HourComponentVar_Get+2")
    assert state_of(work) == ("in doubt", ["in doubt", "planned"], 1)
    work.simulator.heal()
    if fault == "lost-request":
        assert state_of(work) == ("in doubt", ["in doubt", "planned"], 1)
        work.clock.forward(SETTLED)
    assert state_of(work) == ("done", ["verified", "verified"], 2 if fault == "lost-answer" else 3)
    assert sorted((row["cost_centre"], row["amount"]) for row in work.rows) == [("KP10", "8.00"), ("KP20", "8.00")]
    assert work.white == {"a", "b"}


# -- the clock --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [DAY, -DAY], ids=["ahead", "back"])
def test_a_clock_that_jumps_neither_shortens_nor_stretches_the_settle_time(work: Work, jump: timedelta) -> None:
    """47: what counts is the steady clock of the machine."""
    in_doubt(work, "lost-request")
    work.clock.set(work.clock.at + jump)
    assert state_of(work) == ("in doubt", ["in doubt"], 1)
    work.clock.forward(SETTLED - 20)
    assert state_of(work) == ("in doubt", ["in doubt"], 1)
    work.clock.forward(20)
    assert state_of(work) == ("done", ["verified"], 2)
    assert len(work.rows) == 1


def test_the_settle_time_of_what_a_crash_left_open_begins_when_it_is_noticed(work: Work) -> None:
    """47: however far the clock jumped while the worker was dead."""
    work.release(card("a", "nmbrs-50001"))
    work.crash(Journal, "check")
    work.clock.set(work.clock.at + DAY)
    assert state_of(work) == ("in doubt", ["in doubt"], 0)
    work.clock.forward(SETTLED)
    assert state_of(work) == ("done", ["verified"], 1)
