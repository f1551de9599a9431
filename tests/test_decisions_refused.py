"""What a person may not decide: without a name, against what payroll says, twice, or while a worker is at it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

import pytest

from hub.errors import InputError, Transient
from hub.export.deciding import decisions
from hub.export.deciding.choices import Choice
from hub.export.posting.lease import Lease
from hub.intake.shapes import Deletion
from hub.models import Kind
from hub.process import Process
from hub.store.companies import Audit
from hub.store.exports import Entry as EntryRow
from hub.testing.clock import FakeClock
from hub.testing.company import Company, card, ledger_company
from hub.testing.deciding import ONLY_HOURS, drifted, row, waiting

EVERY = tuple(Choice)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def company(process: Process, clock: FakeClock) -> Iterator[Company]:
    with ledger_company(process, clock) as made:
        yield made


def settle(company: Company, entry: int, choice: Choice, **more: str) -> str:
    return company.hub.settle("acme", entry, choice, **{"by": "Kim", "reason": "so", "row": "1", **more}).state


def refusal(company: Company, entry: int, choice: Choice, **more: str) -> str:
    """Settle what must be refused; return what is said, after checking that nothing changed but who held the run."""
    before = held(company)
    with pytest.raises(InputError) as refused:
        settle(company, entry, choice, **more)
    assert held(company) == before
    return str(refused.value)


def held(company: Company) -> tuple[Any, ...]:
    entries = [one.model_dump() for one in company.rows(EntryRow)]
    trail = [one.detail for one in company.rows(Audit) if one.action == "entry"]
    return entries, trail, company.white(), company.ledger.rows


# -- what is missing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "more", "said"),
    [
        *((one, {"by": " "}, "A decision is made by a person: give a name with --by.") for one in EVERY),
        (Choice.LEAVE_OUT, {"reason": " "}, "Say why it is left out: give a reason with --reason."),
        (Choice.IT_IS_THERE, {"row": " "}, "Say which row of payroll it is: give its id with --it-is-there."),
    ],
)
def test_a_decision_has_a_name_a_reason_and_a_row(
    company: Company, choice: Choice, more: dict[str, str], said: str
) -> None:
    """Who leaves something out also says why, and who says that it is there, where."""
    company.cards(card("a"))
    assert refusal(company, waiting(company, "lost").id, choice, **more) == said


@pytest.mark.parametrize("choice", EVERY)
def test_an_entry_that_there_is_not_is_no_entry(company: Company, choice: Choice) -> None:
    """Nor is one of another company."""
    company.hub.add_company("other", "Other")
    company.cards(card("a"))
    entry = waiting(company, "lost").id
    assert refusal(company, entry + 1, choice) == f"There is no entry {entry + 1} in company acme."
    with pytest.raises(InputError, match=f"There is no entry {entry} in company other"):
        company.hub.settle("other", entry, choice, "Kim", "so", "1")
    assert company.hub.decisions("other") == ()
    assert company.hub.company_of_entry(entry) == "acme"
    with pytest.raises(InputError, match="There is no entry 99: give the number"):
        company.hub.company_of_entry(99)


# -- where there is nothing to decide ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "state"),
    [("", "verified"), ("vanished", "in doubt"), ("refused", "refused"), ("not sent", "planned")],
)
@pytest.mark.parametrize("choice", EVERY)
def test_only_what_waits_for_a_person_is_settled(company: Company, word: str, state: str, choice: Choice) -> None:
    """The hub settles a doubt itself, and all else is settled."""
    company.cards(card("a"))
    company.ledger.script = [word]
    entry = company.export(**ONLY_HOURS).entries[0]
    said = refusal(company, entry.id, choice)
    assert (entry.state, said) == (state, f"Entry {entry.id} is {state}: there is nothing to decide.")
    assert (company.hub.decision("acme", entry.id).choices, company.hub.decisions("acme")) == ((), ())


@pytest.mark.parametrize("choice", [Choice.IT_IS_THERE, Choice.LEAVE_OUT])
def test_what_was_left_out_can_only_be_sent(company: Company, choice: Choice) -> None:
    """It no longer waits for anybody."""
    company.cards(card("a"))
    entry = waiting(company, "vanished").id
    settle(company, entry, Choice.LEAVE_OUT)
    assert refusal(company, entry, choice) == f"Of entry {entry} (left out) that cannot be said: choose send again."
    assert company.hub.decisions("acme") == ()


# -- what payroll speaks against --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("7", "Payroll holds no row 7 for this person and period (rows: 900, 901): name one of its rows."),
        ("900", "It is not there as it was sent: row 900 is 7.00 under 100 and this entry is 8.00 under 100."),
        ("901", "It is not there as it was sent: row 901 is 8.00 under 150 and this entry is 8.00 under 100."),
    ],
)
def test_a_row_that_is_not_what_was_sent_is_not_it(company: Company, name: str, said: str) -> None:
    """What is confirmed must be what payroll holds: the code and the amount."""
    company.cards(card("a"))
    entry = waiting(company, "vanished")
    next(iter(company.ledger.rows.values())).extend([row("900", 700), row("901", code="150")])
    assert refusal(company, entry.id, Choice.IT_IS_THERE, row=name).startswith(said)


def test_a_row_of_another_entry_is_not_it(company: Company) -> None:
    """Two entries of eight hours need two rows."""
    company.cards(card("a"))
    company.export(**ONLY_HOURS)
    company.cards(card("b", day=6))
    entry = waiting(company, "vanished")
    other = company.rows(EntryRow)[0].id
    assert refusal(company, entry.id, Choice.IT_IS_THERE) == f"Row 1 belongs to entry {other}: name another row."
    assert settle(company, entry.id, Choice.SEND_AGAIN) == "planned"


def test_a_row_that_was_changed_is_neither_there_nor_sent_again(company: Company) -> None:
    """Sent again it would be paid on top of what payroll still has of it."""
    entry = drifted(company, lambda rows: rows.__setitem__(0, row("1", 600)))
    assert entry.reason == "row 1 was changed in payroll to 6.00 under 100"
    assert "row 1 is 6.00 under 100" in refusal(company, entry.id, Choice.IT_IS_THERE)
    assert "Row 1, which is this entry's, is still in payroll" in refusal(company, entry.id, Choice.SEND_AGAIN)
    assert settle(company, entry.id, Choice.LEAVE_OUT) == "left out"
    assert "Row 1, which is this entry's, is still in payroll" in refusal(company, entry.id, Choice.SEND_AGAIN)
    assert company.white() == {"b"}


def test_days_that_payroll_holds_otherwise_are_not_there(company: Company) -> None:
    """Nor is there another code."""
    days = row("", 200, "days").model_copy(update={"kind": Kind.DAYS})
    entry = drifted(company, lambda rows: rows.__setitem__(0, days), Kind.DAYS, groups=("days",))
    said = refusal(company, entry.id, Choice.IT_IS_THERE, row="days")
    assert "payroll holds 2.00 under days and this entry is 1.00" in said
    assert "under a code: name that" in refusal(company, entry.id, Choice.IT_IS_THERE, row="7")


@pytest.mark.parametrize("change", [card("a", minutes=540, revision=2), Deletion(id="a", revision=2)])
def test_a_row_that_still_has_to_be_changed_is_not_done(company: Company, change: Any) -> None:
    """Not with its old amount, and not while it is there where it should be out."""
    company.cards(card("a"))
    company.export(**ONLY_HOURS)
    company.cards(change)
    entry = waiting(company, "vanished")
    said = {"replace": "row 1 is 8.00 under 100 and this entry is 9.00", "withdraw": "Row 1 is still in payroll"}
    assert said[entry.change] in refusal(company, entry.id, Choice.IT_IS_THERE)


def test_a_row_that_is_out_of_payroll_is_not_taken_out_again(company: Company) -> None:
    """Nor is another row the one that was taken out."""
    company.cards(card("a"))
    company.export(**ONLY_HOURS)
    company.cards(Deletion(id="a", revision=2))
    entry = waiting(company, "lost")
    assert "no longer in payroll: say it is there" in refusal(company, entry.id, Choice.SEND_AGAIN)
    assert f"Entry {entry.id} takes row 1 out of payroll" in refusal(company, entry.id, Choice.IT_IS_THERE, row="2")


def test_a_correction_that_drifted_is_not_sent_again(company: Company) -> None:
    """The row that it changed is its own now: there is no other to change."""
    company.cards(card("a"), card("b", "m2", minutes=60))
    company.export(**ONLY_HOURS)
    slot = next(slot for slot in company.ledger.rows if slot.employee == "e1")
    company.cards(card("a", minutes=540, revision=2), card("b", "m2", minutes=120, revision=2))
    company.ledger.watch = lambda entry, key: company.ledger.rows[slot].clear() if entry.slot.employee == "e2" else None
    entry = next(one for one in company.export(**ONLY_HOURS).entries if one.state == "drifted")
    offered = [one.choice for one in company.hub.decision("acme", entry.id).choices]
    assert offered == [Choice.IT_IS_THERE, Choice.LEAVE_OUT]
    said = refusal(company, entry.id, Choice.SEND_AGAIN)
    assert said == f"Of entry {entry.id} (drifted) that cannot be said: choose it is there or leave out."


def test_while_payroll_cannot_be_reached_only_what_needs_no_look_is_taken(company: Company) -> None:
    """What is there must be seen; leaving out needs no look."""
    company.cards(card("a"))
    entry = waiting(company, "lost")
    company.ledger.readable = False
    view = company.hub.decision("acme", entry.id)
    assert (view.rows_now, view.unread) == (None, "payroll could not be read just now: The ledger cannot be reached.")
    before = held(company)
    with pytest.raises(Transient):
        settle(company, entry.id, Choice.IT_IS_THERE)
    assert held(company) == before
    assert settle(company, entry.id, Choice.LEAVE_OUT) == "left out"


# -- one at a time ----------------------------------------------------------------------------------------------------


def test_who_comes_second_is_told_who_was_first(company: Company) -> None:
    """Also where both looked at it before either of them settled it."""
    company.cards(card("a"))
    entry = waiting(company, "lost").id
    read = decisions.read_slot

    def robin_is_quicker(*given: Any) -> Any:
        with patch.object(decisions, "read_slot", read):
            settle(company, entry, Choice.LEAVE_OUT, by="Robin")
        return read(*given)

    with patch.object(decisions, "read_slot", robin_is_quicker), pytest.raises(InputError) as told:
        settle(company, entry, Choice.IT_IS_THERE)
    assert told.value.text.startswith(f"Robin settled entry {entry} in the meantime: ")
    assert company.hub.decision("acme", entry).state == "left out"


def test_of_many_at_once_one_decision_counts(company: Company) -> None:
    """Whatever they chose, and on whatever database."""
    company.cards(card("a"))
    entry = waiting(company, "lost").id
    ready = threading.Barrier(4)

    def decide(number: int) -> str:
        ready.wait(10)
        try:
            return settle(company, entry, EVERY[number % 2 * 2], by=f"Kim {number}")
        except InputError as error:
            return error.text

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(decide, range(4)))
    done = [one for one in said if one in ("confirmed", "left out")]
    assert (len(done), [one.state for one in company.rows(EntryRow)]) == (1, done)
    assert sum("choice" in one.detail for one in company.rows(Audit)) == 1


def test_a_decision_waits_for_the_worker_that_has_the_run(company: Company, clock: FakeClock) -> None:
    """It is told until when; once the worker is gone for long enough, the decision is taken."""
    company.cards(card("a"))
    entry = waiting(company, "lost").id
    lease = Lease(company.hub.store, "acme", 1, clock, "elsewhere")
    assert lease.take()
    assert refusal(company, entry, Choice.IT_IS_THERE) == (
        "Run 1 is being carried out by another worker until at least 10:00:20 UTC: settle it when that has ended."
    )
    assert company.hub.show("acme", 1).held_by == "elsewhere"
    clock.forward(21)
    assert settle(company, entry, Choice.IT_IS_THERE) == "confirmed"


def test_a_worker_that_takes_the_run_over_meanwhile_wins(company: Company, clock: FakeClock) -> None:
    """A decision that took too long to be written is not written."""
    company.cards(card("a"))
    entry = waiting(company, "lost").id
    taken = Lease.take

    def slow(lease: Lease) -> bool:
        own = taken(lease)
        clock.forward(21)
        assert taken(Lease(company.hub.store, "acme", 1, clock, "elsewhere"))
        return own

    with patch.object(Lease, "take", slow):
        assert "A worker settled entry" in refusal(company, entry, Choice.IT_IS_THERE)
