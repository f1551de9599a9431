"""What each choice of a person makes of an entry, of payroll, of the cards, of the next run and of the next plan."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.export.deciding.choices import Choice
from hub.export.deciding.evidence import DecisionView
from hub.export.deciding.reread import reread
from hub.export.report import PlanView
from hub.intake.shapes import Deletion
from hub.models import Kind, PostedEntry
from hub.process import Process
from hub.store.companies import Audit
from hub.store.exports import Attempt
from hub.store.exports import Entry as EntryRow
from hub.testing.clock import FakeClock
from hub.testing.company import NOW, Company, card, ledger_company
from hub.testing.deciding import ONLY_HOURS, blind, drifted, in_payroll, only, row, trail, waiting


@pytest.fixture
def company(process: Process) -> Iterator[Company]:
    with ledger_company(process, FakeClock()) as made:
        yield made


def settle(company: Company, entry: int, choice: Choice, **more: str) -> DecisionView:
    return company.hub.settle("acme", entry, choice, **{"by": "Kim", **more})


def stored(company: Company, entry: int) -> EntryRow:
    return next(one for one in company.rows(EntryRow) if one.id == entry)


def reasons(plan: PlanView) -> dict[str, str]:
    return {one.finding.timecard: one.finding.code for one in (*plan.held, *plan.left)}


def run_again(company: Company, run: int = 1) -> str:
    return company.hub.run("acme", run).state


# -- an amount that may have been added -------------------------------------------------------------------------------


def test_what_is_there_is_confirmed_and_never_sent_again(company: Company) -> None:
    """The row is the entry's from then on, the card is white, and the next run only verifies it."""
    company.cards(card("a"))
    entry = waiting(company, "lost")
    view = settle(company, entry.id, Choice.IT_IS_THERE, row="1")
    assert (view.state, view.posted_id, view.evidence) == ("confirmed", "1", "statement")
    assert company.white() == {"a"}
    assert run_again(company) == "done"
    assert stored(company, entry.id).state == "verified"
    assert in_payroll(company) == [("1", 800)]
    assert company.plan(**ONLY_HOURS).lines == ()


def test_what_is_sent_again_is_posted_once_more_by_the_next_run(company: Company) -> None:
    """Nothing happens at the decision itself; the run posts it, verifies it and turns the card white."""
    company.cards(card("a"))
    entry = waiting(company, "vanished")
    view = settle(company, entry.id, Choice.SEND_AGAIN)
    assert (view.state, view.posted_id, view.evidence) == ("planned", None, "")
    assert (in_payroll(company), company.white()) == ([], set())
    assert company.hub.show("acme", 1).paused == "a person decided that something is sent again: run it again"
    assert run_again(company) == run_again(company) == "done"
    assert (in_payroll(company), company.white()) == ([("1", 800)], {"a"})


def test_what_is_left_out_stays_out_of_later_plans(company: Company) -> None:
    """Its card stays green with the reason; other cards of the person go out alone."""
    company.cards(card("a"))
    entry = waiting(company, "vanished")
    view = settle(company, entry.id, Choice.LEAVE_OUT, reason="paid in cash")
    assert (view.state, view.reason) == ("left out", "Kim left it out: paid in cash")
    assert run_again(company) == "done in part"
    company.cards(card("b", day=6, minutes=60))
    plan = company.plan(**ONLY_HOURS)
    assert ([one.amount for one in plan.lines], reasons(plan)) == ([100], {"a": "left_out"})
    assert company.white() == set()


def test_what_was_left_out_can_be_sent_after_all(company: Company) -> None:
    """Once, by the run that it belongs to."""
    company.cards(card("a"))
    entry = waiting(company, "vanished")
    settle(company, entry.id, Choice.LEAVE_OUT, reason="not sure")
    view = settle(company, entry.id, Choice.SEND_AGAIN, by="Robin")
    assert (view.state, view.reason, view.action) == ("planned", "", "")
    assert run_again(company) == "done"
    assert (in_payroll(company), company.white()) == ([("1", 800)], {"a"})


def test_sending_again_what_another_plan_sent_meanwhile_sends_nothing(company: Company) -> None:
    """The card changed and went out in another plan: what was left out no longer holds."""
    company.cards(card("a"))
    entry = waiting(company, "vanished")
    settle(company, entry.id, Choice.LEAVE_OUT, reason="the hours are wrong")
    company.cards(card("a", minutes=60, revision=2))
    assert company.export(**ONLY_HOURS).state == "done"
    settle(company, entry.id, Choice.SEND_AGAIN)
    assert run_again(company) == "done in part"
    assert stored(company, entry.id).state == "changed"
    assert in_payroll(company) == [("1", 100)]


def test_nothing_more_is_sent_for_a_person_while_a_decision_waits(company: Company) -> None:
    """Neither by the same run, nor by a plan made before, nor by a new one; all of it goes afterwards."""
    company.cards(card("a"))
    entry = waiting(company, "vanished")
    company.cards(card("b", day=6, minutes=60))
    assert run_again(company) == "needs decision"
    assert reasons(company.plan(**ONLY_HOURS)) == {"a": "in_doubt", "b": "in_doubt"}
    assert in_payroll(company) == []
    settle(company, entry.id, Choice.SEND_AGAIN)
    assert run_again(company) == "done"
    company.export(**ONLY_HOURS)
    assert in_payroll(company) == [("1", 800), ("2", 100)]


def test_the_attempt_and_the_audit_trail_tell_of_the_decision(company: Company) -> None:
    """The attempt ends as decided; who chose what and why is told with the change of state."""
    company.cards(card("a"))
    entry = waiting(company, "lost")
    settle(company, entry.id, Choice.IT_IS_THERE, row=" 1 ", reason="seen in payroll", by=" Kim ")
    assert [one.outcome for one in company.rows(Attempt)] == ["decided"]
    assert trail(company, entry.id)[-1] == ("Kim", "needs decision", "confirmed")
    (told,) = [one for one in company.rows(Audit) if "choice" in one.detail]
    assert {name: told.detail[name] for name in ("choice", "reason", "row", "attempt")} == {
        "choice": "it is there",
        "reason": "seen in payroll",
        "row": "1",
        "attempt": 1,
    }


def test_rows_that_nobody_can_explain_wait_for_a_person_once(company: Company) -> None:
    """After a reread found a row: sent again, the entry goes out, and the run does not ask the same again."""
    company.cards(card("a", minutes=60))
    company.export(**ONLY_HOURS)
    slot = next(iter(company.ledger.rows))
    company.ledger.rows[slot].append(row("900"))
    reread(company.hub.store, company.hub.process, "acme", "ledger", NOW.date(), "Robin")
    company.cards(card("b", day=6))
    entry = only(company.export(**ONLY_HOURS), "needs decision")
    assert company.hub.decision("acme", entry.id).candidates == ("900",)
    settle(company, entry.id, Choice.SEND_AGAIN)
    assert run_again(company, 2) == "done"
    assert in_payroll(company) == [("1", 100), ("900", 800), ("2", 800)]


# -- an amount that drifted -------------------------------------------------------------------------------------------


def test_a_row_that_was_typed_anew_is_taken_over(company: Company) -> None:
    """The entry is verified under the new id, and its card stays white."""
    entry = drifted(company, lambda rows: rows.__setitem__(0, row("900")))
    view = settle(company, entry.id, Choice.IT_IS_THERE, row="900")
    assert (view.state, view.posted_id) == ("verified", "900")
    assert (company.hub.show("acme", 1).state, company.white()) == ("done", {"a", "b"})


def test_a_row_that_is_gone_is_posted_once_more(company: Company) -> None:
    """Its card is green until payroll holds it again."""
    entry = drifted(company, lambda rows: rows.clear())
    settle(company, entry.id, Choice.SEND_AGAIN)
    assert company.white() == {"b"}
    assert run_again(company) == run_again(company) == "done"
    assert (in_payroll(company), company.white()) == ([("3", 800)], {"a", "b"})


def test_a_row_that_is_gone_and_left_out_is_not_planned_again(company: Company) -> None:
    """Its card is green again, and says that a person left it out."""
    entry = drifted(company, lambda rows: rows.clear())
    settle(company, entry.id, Choice.LEAVE_OUT, reason="was a mistake")
    plan = company.plan(**ONLY_HOURS)
    assert (plan.lines, reasons(plan), company.white()) == ((), {"a": "left_out"}, {"b"})


def test_a_double_is_settled_by_naming_the_right_row(company: Company) -> None:
    """Once the other is out of payroll, or rightly there."""
    entry = drifted(company, lambda rows: rows.append(row("900")))
    assert entry.reason == "payroll holds it more than once: rows 1 and 900"
    assert settle(company, entry.id, Choice.IT_IS_THERE, row="1").state == "verified"
    assert run_again(company) == "done"


def test_days_that_were_typed_over_are_set_again(company: Company) -> None:
    """The person has seen what payroll holds, and that may be overwritten; nothing else may."""
    entry = drifted(company, lambda rows: rows.__setitem__(0, day(200)), Kind.DAYS, groups=("days",))
    settle(company, entry.id, Choice.SEND_AGAIN)
    assert run_again(company) == "done"
    assert in_payroll(company, kind=Kind.DAYS) == [("", 100)]


def test_days_that_were_put_right_are_named_by_their_code(company: Company) -> None:
    """Payroll gives them no id."""
    entry = drifted(company, lambda rows: rows.__setitem__(0, day(200)), Kind.DAYS, groups=("days",))
    slot = next(slot for slot in company.ledger.rows if (slot.employee, slot.kind) == ("e1", Kind.DAYS))
    company.ledger.rows[slot] = [day(100)]
    view = settle(company, entry.id, Choice.IT_IS_THERE, row="days")
    assert (view.state, view.posted_id) == ("verified", None)


def day(amount: int) -> PostedEntry:
    return row("", amount, "days").model_copy(update={"kind": Kind.DAYS})


# -- a row that is changed or taken out -------------------------------------------------------------------------------


def test_a_change_that_is_there_takes_the_place_of_what_was_exported(company: Company) -> None:
    """The row keeps its id, and the entry before it is let go of."""
    company.cards(card("a"))
    company.export(**ONLY_HOURS)
    company.cards(card("a", minutes=540, revision=2))
    entry = waiting(company, "lost")
    assert entry.change == "replace"
    assert settle(company, entry.id, Choice.IT_IS_THERE, row="1").posted_id == "1"
    assert [one.state for one in company.rows(EntryRow)] == ["superseded", "confirmed"]
    assert (run_again(company, 2), in_payroll(company), company.white()) == ("done", [("1", 900)], {"a"})


@pytest.mark.parametrize(("change", "payroll"), [(card("a", minutes=540, revision=2), [("1", 900)]), (None, [])])
def test_a_change_that_is_not_there_is_made_once_more(company: Company, change: object, payroll: object) -> None:
    """A row that is changed, and one that is taken out."""
    company.cards(card("a"))
    company.export(**ONLY_HOURS)
    company.cards(change or Deletion(id="a", revision=2))  # type: ignore[arg-type]
    entry = waiting(company, "vanished")
    settle(company, entry.id, Choice.SEND_AGAIN)
    assert (run_again(company, 2), in_payroll(company)) == ("done", payroll)


def test_a_row_that_is_out_of_payroll_is_named_to_say_so(company: Company) -> None:
    """For a row that was to be taken out, being there would be the contrary of done."""
    company.cards(card("a"))
    company.export(**ONLY_HOURS)
    company.cards(Deletion(id="a", revision=2))
    entry = waiting(company, "lost")
    assert entry.change == "withdraw"
    assert (
        company.hub.decision("acme", entry.id).choices[0].meaning == "Row ID is taken out of payroll. Nothing is sent."
    )
    assert settle(company, entry.id, Choice.IT_IS_THERE, row="1").state == "confirmed"
    assert [one.state for one in company.rows(EntryRow)] == ["superseded", "confirmed"]
    assert (run_again(company, 2), company.plan(**ONLY_HOURS).lines) == ("done", ())


def test_a_correction_that_is_left_out_waits_with_its_person(company: Company) -> None:
    """What was exported stays as it is, and later plans say that its correction was left out."""
    company.cards(card("a"))
    company.export(**ONLY_HOURS)
    company.cards(card("a", minutes=540, revision=2))
    entry = waiting(company, "vanished")
    settle(company, entry.id, Choice.LEAVE_OUT, reason="next month")
    assert (in_payroll(company), [one.state for one in company.rows(EntryRow)]) == (
        [("1", 800)],
        ["verified", "left out"],
    )
    assert company.plan(**ONLY_HOURS).lines == ()


def test_a_payroll_that_cannot_be_read_is_settled_on_a_persons_word(company: Company) -> None:
    """There is nothing to check it against."""
    company.cards(card("a"))
    entry = waiting(company, "lost")
    with blind():
        assert company.hub.decision("acme", entry.id).unread == "this connection cannot read payroll: look there"
        assert settle(company, entry.id, Choice.IT_IS_THERE, row="4711").posted_id == "4711"
