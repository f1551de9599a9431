"""Faults 14, 21, 44 and 45: what Nmbrs, or the plan, says for certain; whoever must act is told, the others go on."""

from __future__ import annotations

from collections.abc import Callable

from hub.store.exports import Entry
from hub.testing.at_work import COMPANY, SETTLED, AtWork
from hub.testing.company import card
from hub.testing.faults import Fault, page
from hub_nmbrs.simulator import NmbrsSimulator

Work = AtWork[NmbrsSimulator]


def three(work: Work) -> None:
    """Release a card of each of the three employees."""
    work.release(*(card(name, f"nmbrs-{number}") for name, number in (("a", 50001), ("b", 50003), ("c", 50005))))


def each_once(work: Work) -> None:
    assert [row["amount"] for row in work.rows] == ["8.00", "8.00", "8.00"]
    assert {row["employee"] for row in work.rows} == {50001, 50003, 50005}


# -- 14 ---------------------------------------------------------------------------------------------------------------


def test_a_refusal_tells_who_must_act_and_the_others_go_on(work: Work) -> None:
    """14: status 500 with a fault that is on the list."""
    three(work)
    work.spoil("fault-2037", which=2)
    run = work.run()
    assert (run.state, [one.state for one in run.entries]) == ("done in part", ["verified", "refused", "verified"])
    refused = run.entries[1]
    told = "The cost centre does not exist in this company: choose another one, or have it added."
    assert (refused.reason, refused.action) == (told, "For the owner of the data.")
    assert (work.received, len(work.rows), work.white) == (3, 2, {"a", "c"})
    assert work.outcomes == ["accepted", "refused", "accepted"]
    assert (work.run().state, work.received) == ("done in part", 3)


# -- 21 ---------------------------------------------------------------------------------------------------------------


def test_a_login_that_ends_in_the_middle_pauses_the_run(work: Work) -> None:
    """21: Nmbrs did nothing (1001); no call comes after it, and going on begins with the same entry."""
    three(work)
    work.spoil("fault-1001", which=2)
    run = work.run()
    assert (run.state, [one.state for one in run.entries]) == ("paused", ["confirmed", "planned", "planned"])
    assert run.paused.endswith("reconnect with the right ones.")
    assert (work.received, work.outcomes) == (2, ["accepted", "not executed"])
    work.simulator.inject("fault-1001")  # for as long as nobody reconnects
    assert (work.run().state, work.received) == ("paused", 2)
    work.simulator.heal()
    work.hub.connect(COMPANY, "nmbrs", work.simulator.connect_settings())
    work.simulator.reset_counters()
    assert (work.run().state, work.received) == ("done", 2)
    each_once(work)
    assert [one.attempt for one in work.entries] == [1, 3, 4]


def test_a_bare_401_is_no_word_of_nmbrs(work: Work, named: Callable[[str, Fault], str]) -> None:
    """21: a gateway that refuses says nothing of what Nmbrs did: a doubt, which reading back settles."""
    named("html-401", page(401, "Log in", {"WWW-Authenticate": "Basic"}))
    three(work)
    work.spoil("html-401", which=2)
    assert work.run().state == "done"
    assert [one.evidence for one in work.entries] == ["answer", "read back", "answer"]
    assert work.received == 3
    each_once(work)


# -- 44 ---------------------------------------------------------------------------------------------------------------


def nothing_unprotected(work: Work) -> bool:
    with work.hub.store.read(COMPANY) as session:
        return not any(one.unprotected for one in session.all(Entry))


def test_a_period_that_was_closed_after_the_plan_is_held_without_a_call(work: Work) -> None:
    """44: every entry says why and what to do; protection is not lifted."""
    three(work)
    work.simulator.close_period(3101)
    run = work.run()
    assert (run.state, [one.state for one in run.entries]) == ("done in part", ["held"] * 3)
    assert {one.reason for one in run.entries} == {
        "Payroll is past 2026-10 (2026-10-01 to 2026-10-31), which is now protected."
    }
    assert {one.action for one in run.entries} == {
        "Release with permission for a past period, or have payroll reopen it."
    }
    assert (work.received, work.rows, work.white, nothing_unprotected(work)) == (0, [], set(), True)


def test_a_period_that_is_closed_during_the_run_is_refused(work: Work) -> None:
    """44: with 2011, which is certain; nothing is sent to it again."""
    three(work)
    work.spoil("fault-2011", which=2, times=2)
    run = work.run()
    assert (run.state, [one.state for one in run.entries]) == ("done in part", ["verified", "refused", "refused"])
    assert run.entries[1].reason.startswith("The period is protected: release the plan again with permission")
    assert (work.run().state, work.received, len(work.rows), nothing_unprotected(work)) == ("done in part", 3, 1, True)


def test_the_catch_all_fault_twice_is_held_with_what_it_probably_means(work: Work) -> None:
    """44: 9999 may be a protected period; absent, sent once more, absent again: then it is no accident."""
    work.release(card("a", "nmbrs-50001"))
    work.spoil("fault-9999")
    assert (work.run().state, work.received) == ("in doubt", 1)
    work.simulator.inject("fault-9999@HourComponentVar_Insert")
    work.clock.forward(SETTLED)
    assert (work.run().state, work.received) == ("in doubt", 2)
    work.clock.forward(SETTLED)
    run = work.run()
    (entry,) = run.entries
    assert (run.state, entry.state, work.received, work.rows) == ("done in part", "held", 2, [])
    assert entry.reason.startswith("payroll did not take it, twice, and the answer was the same: ")
    assert "probably means a protected period" in entry.reason
    assert entry.action == "Solve this in payroll or in the hub, and make a new plan."
    assert (work.run().state, work.received, nothing_unprotected(work)) == ("done in part", 2, True)


# -- 45 ---------------------------------------------------------------------------------------------------------------


def test_hours_are_rounded_once_and_read_back_as_they_were_sent(work: Work) -> None:
    """45: three times 7 h 20 are 22.00 and not 21.99; a doubt compares hundredths, however they are written."""
    work.cards(*(card(f"late-{day}", "nmbrs-50001", day=day, minutes=440) for day in (6, 7)))
    work.release(card("a", "nmbrs-50001", minutes=440), card("b", "nmbrs-50003", minutes=440))
    work.spoil("lost-answer", times=2)
    assert work.run().state == "done"
    assert [(one.amount, one.evidence) for one in work.entries] == [(2200, "read back"), (733, "read back")]
    assert ([row["amount"] for row in work.rows], work.received) == (["22.00", "7.33"], 2)
