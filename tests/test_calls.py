"""The classifier: what a call came to is certain only where the contract says so; everything else is a doubt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from hub.destination import GuardedPosting
from hub.errors import (
    AuthError,
    ContractError,
    HubError,
    InputError,
    NotExecuted,
    NotSent,
    PermissionMissing,
    Refused,
    SettingsError,
    Transient,
    UnknownOutcome,
    Unsupported,
)
from hub.export.posting.calls import LOOK, Abilities, make
from hub.export.posting.jobs import Call, Ending, Job
from hub.export.states import Change, EntryState, Outcome
from hub.models import Entry, Kind, Pending, PeriodType, PostedEntry, Slot, WagePeriod

OCTOBER = WagePeriod(type=PeriodType.MONTH, year=2026, number=10, start=date(2026, 10, 1), end=date(2026, 10, 31))
SLOT = Slot(administration="1", employee="e1", period=OCTOBER, kind=Kind.HOURS)
ROW = PostedEntry(id="7", kind=Kind.HOURS, code="100", amount=800)
OLD = PostedEntry(id="3", kind=Kind.HOURS, code="100", amount=500)


class Scripted:
    """A destination that does what it is told, and keeps what it was asked."""

    def __init__(self, answer: Callable[[], Any]) -> None:
        self.answer = answer
        self.asked: list[tuple[Any, ...]] = []

    def read(self, slot: Slot) -> tuple[PostedEntry, ...]:
        """Return nothing."""
        return ()

    def post(self, entry: Entry, key: str) -> PostedEntry | Pending:
        """Answer."""
        answer: PostedEntry | Pending = self._said("post", entry, key)
        return answer

    def replace(self, posted: PostedEntry, entry: Entry) -> PostedEntry:
        """Answer."""
        answer: PostedEntry = self._said("replace", posted, entry)
        return answer

    def withdraw(self, slot: Slot, posted: PostedEntry) -> None:
        """Answer."""
        self._said("withdraw", slot, posted)

    def put(self, slot: Slot, before: Any, entries: Any, key: str) -> tuple[PostedEntry, ...]:
        """Answer."""
        answer: tuple[PostedEntry, ...] = self._said("put", slot, before, entries, key)
        return answer

    def _said(self, *asked: object) -> Any:
        self.asked.append(asked)
        return self.answer()


def job(change: Change = Change.POST, *, sets: bool = False, old: PostedEntry | None = OLD, amount: int = 800) -> Job:
    entry = Entry(slot=SLOT, code="100", amount=amount, sets=sets)
    return Job(1, entry, EntryState.SENDING, change, old=None if change is Change.POST else old)


def raising(error: BaseException) -> Callable[[], Any]:
    def answer() -> Any:
        raise error

    return answer


def made(answer: Callable[[], Any], *jobs: Job, able: Abilities = Abilities()) -> tuple[Ending, Scripted]:  # noqa: B008
    destination = Scripted(answer)
    call = Call(1, "key", jobs or (job(),), (OLD,))
    return make(GuardedPosting("scripted", destination), call, able), destination


CHANGES = [Change.POST, Change.REPLACE, Change.WITHDRAW]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    "error",
    [
        UnknownOutcome("u"), Transient("t"), AuthError("a"), PermissionMissing("p"), ContractError("c"),
        SettingsError("s"), InputError("i"), Unsupported("x"), HubError("h"), ValueError("v"), ConnectionResetError(),
        TimeoutError(), SystemExit(1), MemoryError(), AssertionError(),
    ],
    ids=lambda one: type(one).__name__,
)  # fmt: skip
def test_everything_that_is_not_certain_is_unknown(change: Change, error: BaseException) -> None:
    """Whatever a plugin raises, when adding, changing or taking away; and it is called once."""
    ending, destination = made(raising(error), job(change))
    assert (ending.outcome, ending.action, len(destination.asked)) == (Outcome.UNKNOWN, LOOK, 1)
    assert ending.fault


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (NotSent("n", detail="d"), Ending(Outcome.NOT_SENT, fault="n", detail="d")),
        (NotExecuted(AuthError("a", detail="d")), Ending(Outcome.NOT_EXECUTED, fault="a", detail="d")),
        (
            NotExecuted(Transient("slow", retry_after=7.0)),
            Ending(Outcome.NOT_EXECUTED, fault="slow", retry_after=7.0),
        ),
        (
            Refused("2001", "r", detail="d"),
            Ending(Outcome.REFUSED, fault="r", action="For the owner of the data.", detail="d"),
        ),
        (
            UnknownOutcome("u", retry_after=3.0, detail="d"),
            Ending(Outcome.UNKNOWN, fault="u", action=LOOK, detail="d", retry_after=3.0),
        ),
    ],
    ids=["not sent", "not executed", "throttled", "refused", "unknown"],
)
def test_what_is_certain_keeps_its_words(change: Change, error: HubError, expected: Ending) -> None:
    """The text for a person, the detail for a log, and the pause that was asked for."""
    assert made(raising(error), job(change))[0] == expected


@pytest.mark.parametrize(
    "row",
    [
        ROW.model_copy(update={"amount": 801}),
        ROW.model_copy(update={"code": "101"}),
        ROW.model_copy(update={"cost_centre": "9"}),
        ROW.model_copy(update={"id": ""}),
    ],
    ids=["other amount", "other code", "other cost centre", "no id"],
)
def test_an_answer_that_is_not_what_was_asked_is_unknown(row: PostedEntry) -> None:
    """A positive answer proves only what it says."""
    ending, _ = made(lambda: row)
    assert (ending.outcome, ending.rows, ending.action) == (Outcome.UNKNOWN, (), LOOK)
    assert ending.fault.startswith("the provider ")


def test_a_row_with_an_id_is_accepted() -> None:
    """And nothing else was asked of the provider than that row, under the key of the attempt."""
    ending, destination = made(lambda: ROW)
    assert ending == Ending(Outcome.ACCEPTED, (ROW,))
    assert destination.asked == [("post", job().entry, "key")]


def test_an_amount_that_is_set_needs_no_id() -> None:
    """A well-formed answer is acceptance."""
    row = ROW.model_copy(update={"id": ""})
    assert made(lambda: row, job(sets=True))[0] == Ending(Outcome.ACCEPTED, (row,))


def test_a_changed_row_may_keep_its_id() -> None:
    """The row of the old entry and no other is named."""
    ending, destination = made(lambda: ROW, job(Change.REPLACE))
    assert ending == Ending(Outcome.ACCEPTED, (ROW,))
    assert destination.asked == [("replace", OLD, job(Change.REPLACE).entry)]


def test_a_row_that_was_taken_away_is_told_by_its_old_self() -> None:
    """Nothing comes back from taking away."""
    ending, destination = made(lambda: None, job(Change.WITHDRAW, amount=0))
    assert ending == Ending(Outcome.ACCEPTED, (OLD,))
    assert destination.asked == [("withdraw", SLOT, OLD)]


@pytest.mark.parametrize("change", [Change.REPLACE, Change.WITHDRAW])
def test_without_its_row_nothing_is_sent(change: Change) -> None:
    """It is not known which one it would be."""
    ending, destination = made(lambda: ROW, job(change, old=None))
    assert (ending.outcome, destination.asked) == (Outcome.NOT_SENT, [])
    assert ending.fault == "It is not known which row this entry is about."


def test_an_answer_that_comes_later_leaves_a_receipt() -> None:
    """It is asked for with that."""
    ending, _ = made(lambda: Pending(id="r9", slot=SLOT))
    assert ending == Ending(Outcome.PENDING, fault="the provider has not answered yet", action=LOOK, receipt="r9")


@pytest.mark.parametrize("answer", [None, "7", 7, [ROW], (ROW,), True], ids=repr)
def test_an_answer_of_another_kind_is_unknown(answer: object) -> None:
    """A plugin's mistake is no proof."""
    assert made(lambda: answer)[0].outcome is Outcome.UNKNOWN


def test_a_slot_is_written_as_a_whole_in_one_call() -> None:
    """With the rows that were there, and every entry."""
    second = ROW.model_copy(update={"id": "8"})
    ending, destination = made(lambda: (ROW, second), job(), job(), able=Abilities(put=True))
    assert ending == Ending(Outcome.ACCEPTED, (ROW, second))
    assert destination.asked == [("put", SLOT, (OLD,), (job().entry, job().entry), "key")]


@pytest.mark.parametrize("rows", [(), (ROW,), (ROW, ROW, ROW), (ROW, None), [ROW, ROW]], ids=len)
def test_a_slot_of_which_the_answer_tells_something_else_is_unknown(rows: Any) -> None:
    """Too few rows, too many, none, or no rows at all."""
    assert made(lambda: rows, job(), job(), able=Abilities(put=True))[0].outcome is Outcome.UNKNOWN
