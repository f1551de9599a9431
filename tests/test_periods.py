"""Wage periods tile time, keep their anchor and number the long year as chosen."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from hub.errors import InputError
from hub.models import PeriodType
from hub.periods import Calendar, Week53, name_of, range_of

DAY = timedelta(days=1)
FOUR_WEEKS_2026 = Calendar(type=PeriodType.FOUR_WEEKS, first_start=date(2025, 12, 29), week53=Week53.IN_13)

calendars = st.builds(
    Calendar,
    type=st.sampled_from([one for one in PeriodType if one is not PeriodType.RANGE]),
    first_start=st.dates(date(1980, 1, 1), date(2080, 12, 31)),
    week53=st.sampled_from(Week53),
)
days = st.dates(date(1980, 1, 1), date(2080, 12, 31))


def dates(calendar: Calendar, year: int, number: int) -> tuple[date, date]:
    period = calendar.dates_of(year, number)
    return period.start, period.end


@given(calendars, days)
def test_every_day_lies_in_the_period_it_belongs_to(calendar: Calendar, day: date) -> None:
    assert day in calendar.period_of(day)


@given(calendars, st.integers(1980, 2080), st.data())
def test_a_period_and_its_days_lead_to_each_other(calendar: Calendar, year: int, data: st.DataObject) -> None:
    number = data.draw(st.integers(1, len(calendar.periods_of(year))))
    period = calendar.dates_of(year, number)
    day = data.draw(st.dates(period.start, period.end))
    assert [calendar.period_of(one) for one in (period.start, day, period.end)] == [period] * 3
    assert (period.year, period.number) == (year, number)


@given(calendars, st.integers(1980, 2080))
def test_consecutive_years_tile_the_calendar(calendar: Calendar, year: int) -> None:
    periods = calendar.periods_of(year) + calendar.periods_of(year + 1)
    assert all(earlier.end + DAY == later.start for earlier, later in pairwise(periods))


@given(calendars)
def test_the_first_start_starts_a_first_period_called_by_its_middle(calendar: Calendar) -> None:
    first = calendar.period_of(calendar.first_start)
    unstretched = {PeriodType.WEEK: 7, PeriodType.FOUR_WEEKS: 28}.get(calendar.type, (first.end - first.start).days + 1)
    middle = first.start + timedelta(days=(unstretched - 1) // 2)
    assert (first.start, first.number, first.year) == (calendar.first_start, 1, middle.year)


def test_the_thirteenth_four_weeks_of_2026_are_five_weeks() -> None:
    assert dates(FOUR_WEEKS_2026, 2026, 13) == (date(2026, 11, 30), date(2027, 1, 3))


def test_four_weeks_of_2027_start_after_week_53() -> None:
    assert dates(FOUR_WEEKS_2026, 2027, 1) == (date(2027, 1, 4), date(2027, 1, 31))


def test_four_weeks_agree_with_what_nmbrs_showed_for_2021() -> None:
    assert FOUR_WEEKS_2026.dates_of(2021, 1).start == date(2021, 1, 4)


def test_week_53_can_be_a_period_of_its_own() -> None:
    calendar = Calendar(type=PeriodType.FOUR_WEEKS, first_start=date(2025, 12, 29), week53=Week53.OWN_PERIOD)
    assert dates(calendar, 2026, 13) == (date(2026, 11, 30), date(2026, 12, 27))
    assert dates(calendar, 2026, 14) == (date(2026, 12, 28), date(2027, 1, 3))
    assert len(calendar.periods_of(2027)) == 13


def test_2026_has_53_weeks_and_2027_has_52() -> None:
    calendar = Calendar(type=PeriodType.WEEK, first_start=date(2025, 12, 29))
    assert [len(calendar.periods_of(year)) for year in (2026, 2027)] == [53, 52]


def test_weeks_keep_the_weekday_of_their_first_start() -> None:
    calendar = Calendar(type=PeriodType.WEEK, first_start=date(2026, 1, 1))
    assert {period.start.weekday() for year in (2026, 2027, 2028) for period in calendar.periods_of(year)} == {3}


def test_a_month_from_21_december_belongs_to_the_year_of_its_middle() -> None:
    calendar = Calendar(type=PeriodType.MONTH, first_start=date(2025, 12, 21))
    assert dates(calendar, 2026, 1) == (date(2025, 12, 21), date(2026, 1, 20))


def test_a_calendar_month_is_the_month() -> None:
    calendar = Calendar(type=PeriodType.MONTH, first_start=date(2026, 1, 1))
    assert dates(calendar, 2028, 2) == (date(2028, 2, 1), date(2028, 2, 29))


def test_a_month_from_the_31st_is_clamped_and_comes_back_to_the_31st() -> None:
    calendar = Calendar(type=PeriodType.MONTH, first_start=date(2026, 1, 31))
    assert [calendar.dates_of(2026, number).start for number in (2, 3, 4)] == [
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
    ]


@pytest.mark.parametrize("number", [0, -1, 14])
def test_a_period_that_the_year_has_not_is_refused_with_their_number(number: int) -> None:
    with pytest.raises(InputError, match="2026 has 13 wage periods"):
        FOUR_WEEKS_2026.dates_of(2026, number)


@pytest.mark.parametrize("day", [date.min, date.max])
def test_a_day_in_no_known_year_is_refused(day: date) -> None:
    with pytest.raises(InputError, match="1970 to 2199"):
        FOUR_WEEKS_2026.period_of(day)


@pytest.mark.parametrize("year", [-1, 0, 1969, 2200, 10_000])
def test_an_unknown_year_has_no_periods(year: int) -> None:
    with pytest.raises(InputError, match="1970 to 2199"):
        FOUR_WEEKS_2026.periods_of(year)


def test_four_weeks_need_a_choice_for_week_53() -> None:
    with pytest.raises(ValidationError, match="week53"):
        Calendar(type=PeriodType.FOUR_WEEKS, first_start=date(2025, 12, 29))


def test_a_first_start_in_no_known_year_is_refused() -> None:
    with pytest.raises(ValidationError, match="first_start"):
        Calendar(type=PeriodType.MONTH, first_start=date(1900, 1, 1))


@given(days, st.integers(0, 365))
def test_dates_from_and_to_are_a_range_of_a_number_of_their_own(start: date, more: int) -> None:
    end = start + timedelta(days=more)
    period = range_of(start, end)
    assert (period.start, period.end, str(period)) == (start, end, f"{start} to {end}")
    assert (period.year, period.number) == (start.year, start.timetuple().tm_yday * 1000 + more + 1)
    assert name_of(period.year, period.number) == str(period)


def test_a_wage_period_is_called_by_its_year_and_number() -> None:
    assert name_of(2026, 53) == "2026-53"


@pytest.mark.parametrize("days_after", [-1, 366])
def test_a_range_has_a_day_and_at_most_a_year(days_after: int) -> None:
    with pytest.raises(InputError, match="no range"):
        range_of(date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=days_after))


def test_nobody_counts_wage_periods_in_ranges() -> None:
    with pytest.raises(ValueError, match="months, four weeks or weeks"):
        Calendar(type=PeriodType.RANGE, first_start=date(2026, 1, 1))
