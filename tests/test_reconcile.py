"""What a reading of a slot says about a call in doubt, and at the close of a run: every case, and in general."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.export.posting.jobs import Call, Job
from hub.export.posting.reconcile import Judgement, Verdict, agree, candidates, closing, fits, judge, same
from hub.export.states import Change, EntryState
from hub.models import Entry, Kind, PeriodType, PostedEntry, Slot, WagePeriod

OCTOBER = WagePeriod(type=PeriodType.MONTH, year=2026, number=10, start=date(2026, 10, 1), end=date(2026, 10, 31))


def row(
    name: str, amount: int = 800, code: str = "100", *, centre: str | None = None, comment: str | None = None
) -> PostedEntry:
    return PostedEntry(id=name, kind=Kind.HOURS, code=code, amount=amount, cost_centre=centre, comment=comment)


def job(
    number: int = 1,
    amount: int = 800,
    code: str = "100",
    *,
    centre: str | None = None,
    sets: bool = False,
    change: Change = Change.POST,
    old: PostedEntry | None = None,
    posted_id: str | None = None,
) -> Job:
    slot = Slot(administration="1", employee="e1", period=OCTOBER, kind=Kind.DAYS if sets else Kind.HOURS)
    entry = Entry(slot=slot, code=code, amount=amount, cost_centre=centre, sets=sets, comment=f"entry {number}")
    return Job(number, entry, EntryState.IN_DOUBT, change, old=old, posted_id=posted_id)


def call(*jobs: Job, before: Sequence[PostedEntry] = ()) -> Call:
    return Call(1, "key", jobs, tuple(before))


def verdict(judgement: Judgement) -> tuple[Verdict, list[str]]:
    return judgement.verdict, [one.id for one in judgement.rows]


# -- added rows -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "before", "ours", "expected"),
    [
        ([row("1")], [], [], (Verdict.FOUND, ["1"])),
        ([], [], [], (Verdict.ABSENT, [])),
        ([row("1")], [row("1")], [], (Verdict.ABSENT, [])),
        ([row("1")], [], ["1"], (Verdict.ABSENT, [])),
        ([row("1", 801)], [], [], (Verdict.ABSENT, [])),
        ([row("1", code="101")], [], [], (Verdict.ABSENT, [])),
        ([row("1"), row("2")], [], [], (Verdict.UNCLEAR, ["1", "2"])),
        ([row("1"), row("2")], [row("1")], [], (Verdict.FOUND, ["2"])),
        ([row("1"), row("2")], [], ["1"], (Verdict.FOUND, ["2"])),
        ([row("1"), row("2", 300)], [], [], (Verdict.FOUND, ["1"])),
    ],
    ids=[
        "new", "nothing", "there before", "another entry's", "other amount", "other code", "two", "one of two is old",
        "one of two is another's", "one of two fits",
    ],
)  # fmt: skip
def test_an_added_row_is_told_by_the_difference_of_ids(
    rows: list[PostedEntry], before: list[PostedEntry], ours: list[str], expected: tuple[Verdict, list[str]]
) -> None:
    """New since the attempt, nobody's, equal: then it is it; two of them are for a person."""
    assert verdict(judge(call(job(), before=before), rows, ours)) == expected


@pytest.mark.parametrize(
    ("told", "asked", "expected"),
    [("1", "1", True), (None, "1", True), ("2", "1", False), ("1", None, False), (None, None, True)],
)
def test_a_cost_centre_counts_where_a_reading_tells_it(told: str | None, asked: str | None, expected: bool) -> None:
    """Some providers do not tell it back."""
    assert fits(row("1", centre=told), job(centre=asked).entry) is expected


def test_a_comment_of_our_own_tells_equal_rows_apart() -> None:
    """Where a reading tells comments; a clerk's row has another one."""
    rows = [row("1", comment="typed by hand"), row("2", comment="entry 1")]
    assert verdict(judge(call(job()), rows, [])) == (Verdict.FOUND, ["2"])


def test_without_our_comment_equal_rows_stay_unclear() -> None:
    """A comment may have been cut off on the way."""
    rows = [row("1", comment="typed by hand"), row("2", comment="")]
    judgement = judge(call(job()), rows, [])
    assert verdict(judgement) == (Verdict.UNCLEAR, ["1", "2"])
    assert judgement.why == "2 new rows in payroll could be this"


# -- several in one call ----------------------------------------------------------------------------------------------


def test_a_slot_that_was_written_as_a_whole_is_there_as_a_whole() -> None:
    """Each entry has a row of its own, equal ones too, in the order of the entries."""
    jobs = (job(1, 300), job(2), job(3))
    rows = [row("a"), row("b", 300), row("c")]
    assert verdict(judge(call(*jobs), rows, [])) == (Verdict.FOUND, ["b", "a", "c"])


def test_a_part_of_a_slot_is_for_a_person() -> None:
    """Half of it is neither done nor not done."""
    judgement = judge(call(job(1, 300), job(2)), [row("a")], [])
    assert verdict(judgement) == (Verdict.UNCLEAR, ["a"])
    assert judgement.why == "only a part of it is there"


def test_two_rows_that_could_be_one_entry_are_no_whole_slot() -> None:
    """The other entry has none."""
    judgement = judge(call(job(1, 300), job(2)), [row("a"), row("b")], [])
    assert (verdict(judgement), judgement.why) == ((Verdict.UNCLEAR, ["a", "b"]), "only a part of it is there")


def test_one_row_too_many_is_for_a_person() -> None:
    """Nobody can tell which of the three are the two."""
    judgement = judge(call(job(1), job(2)), [row("a"), row("b"), row("c")], [])
    assert verdict(judgement) == (Verdict.UNCLEAR, ["a", "b", "c"])
    assert judgement.why == "3 new rows in payroll could be this"


# -- amounts that are set ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "held", "expected"),
    [
        (800, [row("", 800)], (Verdict.FOUND, [""])),
        (800, [row("", 500), row("", 300)], (Verdict.FOUND, [""])),
        (800, [row("", 700)], (Verdict.ABSENT, [])),
        (800, [row("", 800, "101")], (Verdict.ABSENT, [])),
        (800, [], (Verdict.ABSENT, [])),
        (0, [], (Verdict.FOUND, [""])),
    ],
)
def test_an_amount_that_was_set_is_there_or_is_set_again(
    amount: int, held: list[PostedEntry], expected: tuple[Verdict, list[str]]
) -> None:
    """Whatever was there before: setting again does no harm."""
    assert verdict(judge(call(job(amount=amount, sets=True), before=held), held, [])) == expected


def test_nothing_that_was_set_is_told_as_a_row_of_nothing() -> None:
    """So that what is confirmed has the code and amount of the entry."""
    judgement = judge(call(job(amount=0, sets=True)), [], [])
    assert judgement.rows == (PostedEntry(id="", kind=Kind.DAYS, code="100", amount=0),)


# -- rows that were to be changed or taken away -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row("1", 900)], (Verdict.FOUND, ["1"])),
        ([row("1", 800)], (Verdict.ABSENT, [])),
        ([row("1", 850)], (Verdict.UNCLEAR, ["1"])),
        ([row("2", 900)], (Verdict.FOUND, ["2"])),
        ([row("2", 900), row("3", 900)], (Verdict.UNCLEAR, ["2", "3"])),
        ([], (Verdict.UNCLEAR, [])),
        ([row("2", 800)], (Verdict.UNCLEAR, [])),
    ],
    ids=[
        "done",
        "not yet",
        "by somebody else",
        "under another id",
        "two of them",
        "gone",
        "gone, and another is there",
    ],
)
def test_a_row_that_was_to_be_changed(rows: list[PostedEntry], expected: tuple[Verdict, list[str]]) -> None:
    """Its id and its amount tell; one that is gone has one successor or is for a person."""
    before = [row("1", 800)]
    changing = job(amount=900, change=Change.REPLACE, old=row("1", 800))
    assert verdict(judge(call(changing, before=before), rows, [])) == expected


def test_a_successor_is_not_taken_from_another_entry() -> None:
    """Nor from what was there before."""
    changing = job(amount=900, change=Change.REPLACE, old=row("1", 800))
    doubt = call(changing, before=[row("1", 800), row("2", 900)])
    assert judge(doubt, [row("2", 900), row("3", 900)], ["3"]).verdict is Verdict.UNCLEAR


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], (Verdict.FOUND, ["1"])),
        ([row("2")], (Verdict.FOUND, ["1"])),
        ([row("1", 800)], (Verdict.ABSENT, [])),
        ([row("1", 850)], (Verdict.UNCLEAR, ["1"])),
    ],
    ids=["gone", "another is there", "still there", "changed by somebody"],
)
def test_a_row_that_was_to_be_taken_away(rows: list[PostedEntry], expected: tuple[Verdict, list[str]]) -> None:
    """Gone is gone, whoever did it."""
    taking = job(amount=0, change=Change.WITHDRAW, old=row("1", 800))
    assert verdict(judge(call(taking, before=[row("1", 800)]), rows, [])) == expected


@pytest.mark.parametrize("change", [Change.REPLACE, Change.WITHDRAW])
def test_without_the_row_that_it_was_about_only_a_person_can_tell(change: Change) -> None:
    """The entry that it corrects is not known any more."""
    judgement = judge(call(job(change=change)), [row("1")], [])
    assert judgement == Judgement(Verdict.UNCLEAR, (), "it is not known which row this was about")


def test_what_is_unclear_says_why() -> None:
    """Each for its own reason."""
    changing = job(amount=900, change=Change.REPLACE, old=row("1", 800))
    taking = job(amount=0, change=Change.WITHDRAW, old=row("1", 800))
    assert judge(call(changing), [], []).why == "the row that was to be changed is gone"
    assert judge(call(changing), [row("1", 1)], []).why == "somebody changed this row meanwhile"
    assert judge(call(taking), [row("1", 1)], []).why == "somebody changed this row meanwhile"


# -- readings ---------------------------------------------------------------------------------------------------------


def test_readings_agree_in_whatever_order() -> None:
    """One row more, one less or one that differs is no agreement."""
    first = [row("1"), row("2", 300)]
    assert agree(first, list(reversed(first)))
    assert not agree(first, first[:1])
    assert not agree(first, [row("1"), row("2", 301)])


@pytest.mark.parametrize(
    ("other", "expected"), [(row("1"), True), (row("2"), False), (row("1", 801), False), (row("1", code="9"), False)]
)
def test_two_rows_are_the_same_by_id_code_and_amount(other: PostedEntry, expected: bool) -> None:
    """Comments and cost centres are not always told."""
    assert same(row("1", centre="1", comment="x"), other) is expected


# -- the close of a run -----------------------------------------------------------------------------------------------


CONFIRMED = job(posted_id="1")


@pytest.mark.parametrize(
    ("rows", "before", "ours", "expected"),
    [
        ([row("1")], [], ["1"], ""),
        ([row("1"), row("2", 300)], [], ["1"], ""),
        ([row("1"), row("2")], [row("2")], ["1"], ""),
        ([row("1"), row("2")], [], ["1", "2"], ""),
        ([], [], ["1"], "row 1 is no longer in payroll"),
        ([row("2")], [], ["1"], "row 1 is no longer in payroll"),
        ([row("1", 850)], [], ["1"], "row 1 was changed in payroll to 8.50 under 100"),
        ([row("1", code="101")], [], ["1"], "row 1 was changed in payroll to 8.00 under 101"),
        ([row("1"), row("2")], [], ["1"], "payroll holds it more than once: rows 1 and 2"),
        ([row("1"), row("2"), row("3")], [], ["1"], "payroll holds it more than once: rows 1 and 2 and 3"),
    ],
)
def test_a_confirmed_row_at_the_close(
    rows: list[PostedEntry], before: list[PostedEntry], ours: list[str], expected: str
) -> None:
    """It is there as it was sent, once; else what is seen is said."""
    assert closing(CONFIRMED, rows, before, ours) == expected


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        ([row("", 800)], ""),
        ([row("", 700)], "payroll holds 7.00 instead of 8.00"),
        ([], "payroll holds 0.00 instead of 8.00"),
    ],
)
def test_an_amount_that_was_set_at_the_close(held: list[PostedEntry], expected: str) -> None:
    """What payroll holds under the code, and under no other."""
    assert closing(job(sets=True), [*held, row("", 1, "other")], [], []) == expected


def test_a_row_that_was_taken_away_at_the_close() -> None:
    """It stays away; an id that was given to something else is no return."""
    taken = job(amount=0, change=Change.WITHDRAW, old=row("1"), posted_id="1")
    assert closing(taken, [], [], []) == ""
    assert closing(taken, [row("1", 123)], [], []) == ""
    assert closing(taken, [row("1")], [], []) == "row 1 is in payroll again"
    assert closing(replace(taken, old=None), [row("1")], [], []) == ""


# -- in general -------------------------------------------------------------------------------------------------------

ROWS = st.lists(
    st.builds(row, st.sampled_from("abcdef"), st.sampled_from([300, 800]), st.sampled_from(["100", "101"])),
    unique_by=lambda one: one.id,
)


@given(ROWS, ROWS, st.sets(st.sampled_from("abcdef")))
def test_what_is_found_was_not_there_and_is_nobodys(
    rows: list[PostedEntry], before: list[PostedEntry], ours: set[str]
) -> None:
    """Whatever the slot holds."""
    judgement = judge(call(job(), before=before), rows, ours)
    new = [one for one in candidates(rows, before, ours) if fits(one, job().entry)]
    assert {one.id for one in judgement.rows} == {one.id for one in new}
    assert not {one.id for one in judgement.rows} & ({one.id for one in before} | ours)
    assert judgement.verdict is [Verdict.ABSENT, Verdict.FOUND, Verdict.UNCLEAR][min(len(new), 2)]


@given(ROWS, st.permutations(range(6)))
def test_the_order_of_a_reading_does_not_matter(rows: list[PostedEntry], order: list[int]) -> None:
    """Providers promise none."""
    mixed = [rows[place] for place in order if place < len(rows)]
    first, second = judge(call(job()), rows, []), judge(call(job()), mixed, [])
    assert first.verdict is second.verdict
    assert agree(first.rows, second.rows)
