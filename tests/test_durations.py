"""Business dates and worked minutes are right in every night, the two in which the clock changes included."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.durations import AMSTERDAM, amsterdam_clock, business_date, local_moment, worked_minutes
from hub.errors import InputError

FIVE = time(5)


def hours(start: str, end: str) -> float:
    return worked_minutes(local_moment(start), local_moment(end), 0) / 60


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-11-20T22:00", "2026-11-21T06:00", 8),
        ("2026-10-24T22:00", "2026-10-25T06:00", 9),
        ("2027-03-27T22:00", "2027-03-28T06:00", 7),
        ("2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00", 1),
    ],
)
def test_hours_are_those_that_passed(start: str, end: str, expected: float) -> None:
    assert hours(start, end) == expected


def test_moments_that_carry_the_zone_itself_are_counted_as_well() -> None:
    start = datetime(2026, 10, 24, 22, tzinfo=AMSTERDAM)
    assert worked_minutes(start, datetime(2026, 10, 25, 6, tzinfo=AMSTERDAM), 30) == 510


def test_an_end_before_the_start_gives_negative_minutes() -> None:
    assert hours("2026-11-20T10:00", "2026-11-20T09:00") == -1


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-11-20T04:59", date(2026, 11, 19)),
        ("2026-11-20T05:00", date(2026, 11, 20)),
        ("2026-11-20T22:00", date(2026, 11, 20)),
        ("2026-11-20T23:30Z", date(2026, 11, 20)),
        ("2026-10-25T02:30+01:00", date(2026, 10, 24)),
    ],
)
def test_a_shift_belongs_to_the_business_date_of_its_start(start: str, expected: date) -> None:
    assert business_date(local_moment(start), FIVE) == expected


def test_a_business_day_may_begin_at_midnight() -> None:
    assert business_date(local_moment("2026-11-20T00:00"), time(0)) == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-07-01T12:00", "2026-07-01T10:00"),
        ("2026-12-01 12:00:00", "2026-12-01T11:00"),
        ("2026-12-01T12:00Z", "2026-12-01T12:00"),
        ("2026-12-01T12:00+0530", "2026-12-01T06:30"),
        ("2026-10-25T02:30+02:00", "2026-10-25T00:30"),
        ("2026-10-25T02:30+01:00", "2026-10-25T01:30"),
    ],
)
def test_a_moment_is_read_with_its_offset_or_as_the_clock_in_amsterdam(text: str, utc: str) -> None:
    assert local_moment(text) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(("text", "trouble"), [("2026-10-25T02:30", "shows twice"), ("2026-03-29T02:30", "skips")])
def test_a_time_that_comes_twice_or_never_needs_its_offset(text: str, trouble: str) -> None:
    with pytest.raises(InputError, match=rf"{trouble}.*\+02:00.*\+01:00"):
        local_moment(text)


@pytest.mark.parametrize("text", ["2026-11-20T10:00:30", "2026-11-20T10:00:00.5", "2026-11-20T10:00:01+01:00"])
def test_seconds_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="whole minutes"):
        local_moment(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "tomorrow", "2026-11-20", "20261120T1000", "2026-W47-5T10:00", "2026-02-30T10:00", "2026-11-20T24:00"),
        *("2026-11-20T10:00+01:60", "2026-11-20T10:00 +01:00", "٢٠٢٦-11-20T10:00", "2026-11-20T10:00\n"),
    ],
)
def test_what_is_no_date_and_time_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="not a date and time"):
        local_moment(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-12:00", "1969-12-31T12:00"])
def test_a_year_that_the_hub_does_not_know_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="1970 to 2199"):
        local_moment(text)


def test_a_moment_without_offset_is_refused() -> None:
    naive = local_moment("2026-11-20T10:00").replace(tzinfo=None)
    with pytest.raises(InputError, match="offset"):
        worked_minutes(naive, naive, 0)


@given(st.text(max_size=40))
def test_reading_a_moment_raises_nothing_but_an_input_error(text: str) -> None:
    try:
        assert local_moment(text).utcoffset() is not None
    except InputError as error:
        assert error.text.endswith(".")


@given(st.datetimes(datetime(1980, 1, 1), datetime(2080, 1, 1)), st.integers(0, 1440), st.integers(0, 60))  # noqa: DTZ001 - hypothesis takes naive bounds
def test_minutes_are_those_of_the_utc_clock(start: datetime, minutes: int, rest: int) -> None:
    begun = amsterdam_clock(start.replace(second=0, microsecond=0, tzinfo=UTC))
    ended = amsterdam_clock(begun + timedelta(minutes=minutes))
    assert worked_minutes(begun, ended, rest) == minutes - rest
