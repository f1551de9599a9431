"""Timecards are read from JSON lines and CSV alike, and each broken rule is one clear sentence."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.durations import AMSTERDAM, local_moment
from hub.errors import InputError
from hub.intake.rows import Reading, WrongRows
from hub.intake.timecards import (
    Category,
    ComponentAmount,
    Deletion,
    Timecard,
    TimecardStatus,
    Unit,
    read_timecards,
)

CARD: dict[str, Any] = {
    "id": "T-1",
    "member": "M-001",
    "start": "2026-11-20T09:00",
    "end": "2026-11-20T17:00",
    "status": "approved",
}
COLUMNS = (
    *("id", "revision", "member", "venue", "date", "start", "end", "break_minutes", "status", "category"),
    *("surcharge:sunday-50", "meals", "allowance:travel", "deleted", "remarks", "name"),
)


def read(content: str, name: str = "cards.jsonl", **options: Any) -> Reading[Timecard | Deletion]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_text(content, encoding="utf-8")
        return read_timecards(path, **options)


def card(**changes: Any) -> Timecard:
    """Return the card that the usual one becomes with these keys."""
    reading = read(json.dumps(CARD | changes))
    assert not reading.errors, reading.errors
    [found] = reading.good
    assert isinstance(found, Timecard)
    return found


def reason(**changes: Any) -> str:
    """Return what is wrong with the usual card with these keys."""
    [error] = read(json.dumps(CARD | changes)).errors
    return error.reason


def made(**changes: Any) -> Timecard:
    """Return a card made without a file."""
    moments = {"start": local_moment("2026-11-20T09:00"), "end": local_moment("2026-11-20T17:00")}
    return Timecard(**CARD | moments | {"date": date(2026, 11, 20)} | changes)


# -- what is read -----------------------------------------------------------------------------------------------------


def test_the_least_a_card_needs_gets_its_defaults() -> None:
    found = card()
    assert (found.revision, found.venue, found.break_minutes, found.minutes) == (1, "", 0, 480)
    assert (found.status, found.category) == (TimecardStatus.APPROVED, Category.WORKED)
    assert (found.amounts, found.deleted, found.date) == ((), False, date(2026, 11, 20))


def test_amounts_are_whole_minutes_pieces_and_cents() -> None:
    found = card(surcharges={"sunday-50": 240}, meals=1, allowances={"travel": "12.50", "phone": "0,5", "tips": 3})
    assert {(one.component, one.unit, one.amount) for one in found.amounts} == {
        ("surcharge:sunday-50", Unit.MINUTES, 240),
        ("meals", Unit.PIECES, 1),
        ("allowance:travel", Unit.CENTS, 1250),
        ("allowance:phone", Unit.CENTS, 50),
        ("allowance:tips", Unit.CENTS, 300),
    }


@given(st.integers(1, 9_999_999), st.sampled_from(".,"))
def test_every_amount_of_money_is_exact(cents: int, sign: str) -> None:
    [amount] = card(allowances={"travel": f"{cents // 100}{sign}{cents % 100:02}"}).amounts
    assert amount.amount == cents


def test_an_amount_of_nothing_is_none() -> None:
    assert card(surcharges={"night": 0}, meals=0, allowances={"travel": "0,00", "phone": None}).amounts == ()


def test_csv_gives_what_json_gives() -> None:
    row = (
        "T-1;2;M-001;harbour;2026-11-20;2026-11-20T09:00;2026-11-20T17:00;30;approved;worked;240;1;12,50;false;secret;x"
    )
    [found] = read(";".join(COLUMNS) + "\n" + row, "cards.csv").good
    same = {"revision": 2, "venue": "harbour", "date": "2026-11-20", "break_minutes": 30, "category": "worked"}
    assert found == card(**same, surcharges={"sunday-50": 240}, meals=1, allowances={"travel": "12.50"})


def test_remarks_and_names_are_not_taken_in() -> None:
    assert "secret" not in repr(card(remarks="secret", name={"first": "secret"}))


@pytest.mark.parametrize("deleted", [True, "true", "TRUE", 1])
def test_a_deletion_needs_only_its_id_and_revision(deleted: object) -> None:
    reading = read(json.dumps({"id": "T-1", "revision": 4, "deleted": deleted}))
    assert reading.good == [Deletion(id="T-1", revision=4)]


def test_the_business_date_follows_the_new_day_of_the_company() -> None:
    content = json.dumps(CARD | {"start": "2026-11-20T05:30"})
    dates = [read(content, new_day=new_day).good[0] for new_day in (time(5), time(6))]
    assert [one.date for one in dates if isinstance(one, Timecard)] == [date(2026, 11, 20), date(2026, 11, 19)]


def test_a_given_business_date_stands() -> None:
    assert card(date="2026-11-19").date == date(2026, 11, 19)


def test_an_overnight_card_in_the_night_summer_time_ends_has_nine_hours() -> None:
    found = card(start="2026-10-24T22:00", end="2026-10-25T06:00")
    assert (found.minutes, found.date) == (540, date(2026, 10, 24))


def test_a_card_survives_json_even_in_the_hour_that_comes_twice() -> None:
    found = card(start="2026-10-25T02:30+01:00", end="2026-10-25T04:00", meals=1)
    assert Timecard.model_validate_json(found.model_dump_json()) == found


def test_a_card_made_elsewhere_gets_its_minutes_computed() -> None:
    assert made(break_minutes=30).minutes == 450


def test_a_card_made_from_any_time_zone_is_the_same_card() -> None:
    start = datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert made(start=start) == made(start=start.astimezone(AMSTERDAM)) == made()


# -- what is refused --------------------------------------------------------------------------------------------------

LONG = "x" * 101
RULES: list[tuple[dict[str, Any], str]] = [
    ({"end": "2026-11-20T09:00"}, "The end is not after the start"),
    ({"end": "2026-11-20T08:00"}, "The end is not after the start"),
    ({"end": "2026-11-21T15:00"}, "longer than 24 hours"),
    ({"break_minutes": -5}, "Column break_minutes expects a whole number from 0"),
    ({"break_minutes": 481}, "The break is longer than the shift"),
    ({"break_minutes": "half an hour"}, "Column break_minutes expects a whole number"),
    ({"break_minutes": 30.5}, "Column break_minutes expects a whole number"),
    ({"break_minutes": True}, "Column break_minutes expects a whole number"),
    ({"break_minutes": "9" * 5000}, "Column break_minutes expects a whole number"),
    ({"break_minutes": "٣"}, "Column break_minutes expects a whole number"),
    ({"surcharges": {"sunday": 481}}, "A surcharge has more minutes than were worked"),
    ({"surcharges": {"sunday": 480}, "break_minutes": 1}, "A surcharge has more minutes than were worked"),
    ({"surcharges": {"sunday": -1}}, "Column surcharge:sunday expects a whole number"),
    ({"surcharges": {"Sunday": 1}}, "Name 1 in surcharges is not allowed"),
    ({"surcharges": {"x" * 51: 1}}, "Name 1 in surcharges is not allowed"),
    ({"meals": 100}, "Column meals expects a whole number from 0 to 99"),
    ({"allowances": {"travel": "12.505"}}, "Column allowance:travel expects an amount"),
    ({"allowances": {"travel": "-1"}}, "Column allowance:travel expects an amount"),
    ({"allowances": {"travel": "1e3"}}, "Column allowance:travel expects an amount"),
    ({"allowances": {"travel": "1.000,00"}}, "Column allowance:travel expects an amount"),
    ({"allowances": {"travel": "100000"}}, "Column allowance:travel expects an amount"),
    ({"allowances": {"travel": True}}, "Column allowance:travel expects an amount"),
    ({"revision": 0}, "Column revision expects a whole number from 1"),
    ({"revision": -1}, "Column revision expects a whole number from 1"),
    ({"revision": 2_147_483_648}, "Column revision expects a whole number from 1"),
    ({"date": "2026-11-18"}, "more than one day from the start"),
    ({"date": "2026-11-22"}, "more than one day from the start"),
    ({"date": "20-11-2026"}, "Column date expects a date such as"),
    ({"date": "2026-02-30"}, "Column date expects a date such as"),
    ({"date": "0001-01-01"}, "The year must be one of 1970 to 2199"),
    ({"start": "9 o'clock"}, "In column start: The moment is not a date and time"),
    ({"start": "2026-03-29T02:30", "end": "2026-03-29T09:00"}, "In column start: The moment is a time"),
    ({"end": "2026-11-20T17:00:30"}, "In column end: A moment must be in whole minutes"),
    ({"status": "exported"}, "Column status expects one of planned, written, approved"),
    ({"category": "sick"}, "Column category expects one of worked, leave, unproductive"),
    ({"deleted": "yes"}, "Column deleted expects true or false"),
    ({"id": LONG}, "In column id: This text is longer than 100 characters"),
    ({"id": "T\u0007"}, "In column id: This text holds a control character"),
    ({"id": "T\u200b1"}, "In column id: This text holds a control character"),
    ({"id": "T\ud800"}, "In column id: "),
    ({"member": LONG}, "In column member: This text is longer"),
    ({"venue": "a\nb"}, "In column venue: This text holds a control character"),
    ({"deleted": True, "id": LONG}, "In column id: This text is longer"),
    ({"colour": "red"}, "Key 6 of the object is not known"),
    *(({key: ""}, f"Column {key} expects") for key in CARD),
]


@pytest.mark.parametrize(("changes", "message"), RULES, ids=range(len(RULES)))
def test_a_broken_rule_is_a_wrong_row_with_a_sentence(changes: dict[str, Any], message: str) -> None:
    assert message in reason(**changes)


def test_a_card_of_exactly_a_day_with_a_break_as_long_is_taken() -> None:
    assert card(end="2026-11-21T09:00", break_minutes=1440).minutes == 0


def test_a_surcharge_over_all_minutes_worked_is_taken() -> None:
    assert card(break_minutes=30, surcharges={"sunday": 450}).amounts[0].amount == 450


def test_a_csv_without_a_needed_column_is_refused() -> None:
    with pytest.raises(InputError, match="lacks the column status"):
        read("id,member,start,end\n1,2,3,4\n", "cards.csv")


def test_the_same_id_twice_is_a_wrong_row_even_in_another_revision() -> None:
    reading = read("\n".join(json.dumps(CARD | {"revision": revision}) for revision in (1, 2)))
    assert [one.revision for one in reading.good] == [1]
    assert [error.line for error in reading.errors] == [2]


def test_a_strict_reading_of_one_wrong_row_stores_nothing() -> None:
    with pytest.raises(WrongRows, match="1 of 2 rows is wrong"):
        read("\n".join((json.dumps(CARD), json.dumps(CARD | {"id": "T-2", "end": ""}))), strict=True)


def test_minutes_that_do_not_agree_are_refused() -> None:
    with pytest.raises(ValidationError, match="worked minutes are not the time"):
        made(minutes=481)


def test_a_component_named_twice_is_refused() -> None:
    meal = ComponentAmount(component="meals", unit=Unit.PIECES, amount=1)
    with pytest.raises(ValidationError, match="named twice"):
        made(amounts=(meal, meal))


@pytest.mark.parametrize(
    ("component", "unit", "amount"),
    [
        ("meals", Unit.CENTS, 1),
        ("surcharge:a", Unit.PIECES, 1),
        ("allowance:a", Unit.CENTS, -1),
        ("bonus", Unit.CENTS, 1),
        ("allowance:", Unit.CENTS, 1),
        ("meals\n", Unit.PIECES, 1),
        ("surcharge:A", Unit.MINUTES, 1),
    ],
)
def test_a_component_has_its_own_unit_and_spelling(component: str, unit: Unit, amount: int) -> None:
    with pytest.raises(ValidationError):
        ComponentAmount(component=component, unit=unit, amount=amount)


MARK = "Qzx7"
marked = st.text(max_size=12).map(lambda text: f"{MARK}{text}{MARK}")


def said(content: str, name: str) -> str:
    """Return everything that reading a file says."""
    try:
        return " ".join(error.reason for error in read(content, name).errors)
    except InputError as error:
        return error.text + error.detail


@given(st.dictionaries(st.sampled_from(COLUMNS), marked, min_size=1))
def test_no_error_about_a_json_line_quotes_a_cell(cells: dict[str, str]) -> None:
    content = json.dumps(CARD | cells)
    if not cells.keys() & {"surcharge:sunday-50", "allowance:travel"}:
        content = json.dumps(CARD | cells | {"surcharges": {"night": next(iter(cells.values()))}})
    assert MARK not in said(content, "cards.jsonl")


@given(st.lists(marked | st.just(""), min_size=len(COLUMNS), max_size=len(COLUMNS)), st.booleans())
def test_no_error_about_a_csv_row_or_header_quotes_a_cell(cells: list[str], headed: bool) -> None:
    lines = [";".join(COLUMNS)] * headed + [";".join(cells)] * 2
    assert MARK not in said("\n".join(lines), "cards.csv")


@given(st.binary(max_size=200))
def test_reading_arbitrary_bytes_raises_nothing_but_an_input_error(content: bytes) -> None:
    said(content.decode("latin-1"), "cards.csv")
    said(content.decode("latin-1"), "cards")


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.just(CARD["start"])
values |= st.lists(values, max_size=2) | st.dictionaries(st.text(max_size=5), values, max_size=2)


@given(st.dictionaries(st.sampled_from([*COLUMNS, "surcharges", "allowances"]), values))
def test_any_json_value_under_any_key_gives_a_card_or_a_wrong_row(cells: dict[str, Any]) -> None:
    reading = read(json.dumps(CARD | cells))
    assert len(reading.good) + len(reading.errors) == 1
