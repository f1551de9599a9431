"""Posting: rows are added once, days are set, everything is read back, and only an id is acceptance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from typing import Any

import pytest
import stamina

from hub import (
    Administration,
    AuthError,
    Context,
    Entry,
    ExportRequest,
    Http,
    HubError,
    Kind,
    NotExecuted,
    PeriodType,
    PermissionMissing,
    PostedEntry,
    Posting,
    Refused,
    Slot,
    UnknownOutcome,
    WagePeriod,
)
from hub_nmbrs.arguments import entry_arguments
from hub_nmbrs.provider import NmbrsProvider
from hub_nmbrs.simulator import NmbrsSimulator

OCTOBER = WagePeriod(type=PeriodType.MONTH, year=2026, number=10, start=date(2026, 10, 1), end=date(2026, 10, 31))
SEPTEMBER = WagePeriod(type=PeriodType.MONTH, year=2026, number=9, start=date(2026, 9, 1), end=date(2026, 9, 30))


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


Open = Callable[[NmbrsSimulator], Posting]


@pytest.fixture
def destination() -> Iterator[Open]:
    """Open the destination of an export to a simulator."""
    with closing(Http((), allow_loopback=True)) as http:

        def opened(simulator: NmbrsSimulator) -> Posting:
            provider = NmbrsProvider(Context(NmbrsProvider.Settings.model_validate(simulator.connect_settings()), http))
            request = ExportRequest(administration=Administration(id="3101", name="De Linde"), period=OCTOBER)
            return provider.export_timecards(request)

        yield opened


def slot(kind: Kind = Kind.HOURS, *, employee: str = "50001", period: WagePeriod = OCTOBER) -> Slot:
    return Slot(administration="3101", employee=employee, period=period, kind=kind)


def hours(amount: int = 750, **changes: Any) -> Entry:
    return Entry.model_validate({"slot": slot(), "code": "2100", "amount": amount, **changes})


def days(amount: int, **changes: object) -> Entry:
    entry = {"slot": slot(Kind.DAYS), "code": "days", "amount": amount, "sets": True, **changes}
    return Entry.model_validate(entry)


WAGE = Entry(slot=slot(Kind.WAGE), code="5310", amount=1999)


def test_it_is_a_posting(destination: Open) -> None:
    with NmbrsSimulator(employees=2) as simulator:
        assert isinstance(destination(simulator), Posting)


def test_hours_are_added_with_cost_centre_and_comment(destination: Open) -> None:
    with NmbrsSimulator(employees=2) as simulator:
        posted = destination(simulator).post(hours(cost_centre="902", comment="ph:1"), "key")
        (row,) = simulator.state()["rows"]
        assert simulator.state()["departures"] == []
    assert posted == PostedEntry(
        id=str(row["id"]), kind=Kind.HOURS, code="2100", amount=750, cost_centre="902", comment="ph:1"
    )
    assert (row["amount"], row["cost_centre"], row["comment"]) == ("7.50", "KP20", "ph:1")
    assert (row["year"], row["period"], row["employee"]) == (2026, 10, 50001)


def test_a_wage_component_is_added(destination: Open) -> None:
    with NmbrsSimulator(employees=2) as simulator:
        posted = destination(simulator).post(WAGE, "key")
        (row,) = simulator.state()["rows"]
    assert (row["kind"], row["code"], row["amount"], str(row["id"])) == ("wage", 5310, "19.99", posted.id)


@pytest.mark.parametrize(
    ("amount", "text"),
    [(1, "0.01"), (-1, "-0.01"), (-750, "-7.50"), (100, "1.00"), (123456789, "1234567.89"), (0, "0.00")],
)
def test_an_amount_is_exact_in_hundredths(destination: Open, amount: int, text: str) -> None:
    with NmbrsSimulator(employees=2) as simulator:
        there = destination(simulator)
        there.post(hours(amount), "key")
        assert simulator.state()["rows"][0]["amount"] == text
        assert [row.amount for row in there.read(slot())] == [amount]


def test_what_was_posted_is_read_back_without_cost_centre_and_comment(destination: Open) -> None:
    with NmbrsSimulator(employees=2) as simulator:
        there = destination(simulator)
        first, second = there.post(hours(comment="a"), "1"), there.post(hours(100, code="6050", cost_centre="901"), "2")
        wage = there.post(WAGE, "3")
        assert there.read(slot()) == (
            PostedEntry(id=first.id, kind=Kind.HOURS, code="2100", amount=750),
            PostedEntry(id=second.id, kind=Kind.HOURS, code="6050", amount=100),
        )
        assert there.read(slot(Kind.WAGE)) == (PostedEntry(id=wage.id, kind=Kind.WAGE, code="5310", amount=1999),)
        assert there.read(slot(employee="50002", period=OCTOBER.model_copy(update={"number": 11}))) == ()


def test_days_are_set_and_read_back_as_one_row_without_an_id(destination: Open) -> None:
    with NmbrsSimulator(employees=2) as simulator:
        there = destination(simulator)
        assert there.read(slot(Kind.DAYS)) == ()
        for amount in (1200, 1300):
            assert there.post(days(amount), "key") == PostedEntry(
                id="", kind=Kind.DAYS, code="days", amount=amount, comment=""
            )
        assert there.read(slot(Kind.DAYS)) == (PostedEntry(id="", kind=Kind.DAYS, code="days", amount=1300),)


def test_no_days_are_no_row(destination: Open) -> None:
    with NmbrsSimulator(employees=2) as simulator:
        there = destination(simulator)
        there.post(days(300), "key")
        there.post(days(0), "key")
        assert there.read(slot(Kind.DAYS)) == ()


@pytest.mark.parametrize("fault", [2011, 9999])
def test_the_past_is_changed_only_with_permission(destination: Open, fault: int) -> None:
    past = hours(slot=slot(period=SEPTEMBER))
    with NmbrsSimulator(employees=2, protected_fault=fault) as simulator:
        there = destination(simulator)
        with pytest.raises(Refused if fault == 2011 else UnknownOutcome):
            there.post(past, "key")
        assert simulator.state()["rows"] == []
        there.post(past.model_copy(update={"unprotected": True}), "key")
        assert len(simulator.state()["rows"]) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"code": "9"}, "2001"),
        ({"slot": slot(employee="7")}, "2003"),
        ({"slot": slot(period=OCTOBER.model_copy(update={"number": 13}))}, "2006"),
        ({"cost_centre": "1"}, "2037"),
    ],
)
def test_what_nmbrs_refuses_is_refused_with_its_code(destination: Open, changes: dict[str, Any], code: str) -> None:
    with NmbrsSimulator(employees=2) as simulator:
        with pytest.raises(Refused) as caught:
            destination(simulator).post(hours(**changes), "key")
        assert simulator.state()["rows"] == []
    assert caught.value.code == code


@pytest.mark.parametrize(
    "entry",
    [
        hours(slot=slot(employee="x")),
        hours(code="2100; 2"),
        hours(code="٣"),
        hours(cost_centre="KP10"),
        hours(sets=True),
        days(1250),
        days(100, sets=False),
    ],
    ids=["employee", "code", "foreign digits", "cost centre", "hours that set", "half a day", "days that add"],
)
def test_what_nmbrs_cannot_hold_is_refused_before_anything_is_sent(destination: Open, entry: Entry) -> None:
    with NmbrsSimulator(employees=2) as simulator:
        with pytest.raises(Refused) as caught:
            destination(simulator).post(entry, "key")
        assert simulator.state()["calls"] == {}
    assert caught.value.code == "2030"


def test_a_comment_loses_what_xml_cannot_carry() -> None:
    arguments = entry_arguments(hours(comment="a\x00b\ud800c\nd"))
    assert arguments["Hourcomponent"]["Comment"] == "abc\nd"  # type: ignore[index]


def test_a_missing_right_is_not_executed(destination: Open) -> None:
    denied = ("HourComponentVar_Insert",)
    with NmbrsSimulator(employees=2, denied=denied) as simulator, pytest.raises(NotExecuted) as caught:
        destination(simulator).post(hours(), "key")
    assert isinstance(caught.value.reason, PermissionMissing)
    assert caught.value.reason.right == "EmployeeService.HourComponentVar_Insert"


def test_a_login_that_expired_is_not_executed(destination: Open) -> None:
    faults = ("fault-1001@HourComponentVar_Insert",)
    with NmbrsSimulator(employees=2, faults=faults) as simulator, pytest.raises(NotExecuted) as caught:
        destination(simulator).post(hours(), "key")
    assert isinstance(caught.value.reason, AuthError)


@pytest.mark.parametrize(
    "fault", ["lost-answer", "id-0", "reset", "html-502", "cut-body", "throttle-429", "throttle-503"]
)
def test_an_answer_that_proves_nothing_is_unknown_and_nothing_is_sent_again(destination: Open, fault: str) -> None:
    with NmbrsSimulator(employees=2, faults=(f"{fault}@HourComponentVar_Insert",)) as simulator:
        with pytest.raises(UnknownOutcome):
            destination(simulator).post(hours(), "key")
        assert simulator.state()["calls"]["HourComponentVar_Insert"] == 1


def test_a_lost_answer_is_found_by_reading_back(destination: Open) -> None:
    with NmbrsSimulator(employees=2, faults=("lost-answer@HourComponentVar_Insert*1",)) as simulator:
        there = destination(simulator)
        with pytest.raises(UnknownOutcome):
            there.post(hours(), "key")
        assert [row.amount for row in there.read(slot())] == [750]


def test_a_reading_is_tried_again(destination: Open) -> None:
    with NmbrsSimulator(employees=2, faults=("reset@HourComponentVar_Get*2",)) as simulator:
        assert destination(simulator).read(slot()) == ()
        assert simulator.state()["calls"]["HourComponentVar_Get"] == 3


def test_posting_never_clears_changes_or_takes_away(destination: Open) -> None:
    with NmbrsSimulator(employees=2) as simulator:
        there = destination(simulator)
        for entry in (hours(), WAGE, days(100)):
            there.post(entry, "key")
            there.read(entry.slot)
        assert set(simulator.state()["calls"]) == {
            *("Environment_Get", "HourComponentVar_Insert", "HourComponentVar_Get", "WageComponentVar_Insert"),
            *("WageComponentVar_Get", "DaysVar_Set", "DaysVar_Get"),
        }


def test_no_error_of_posting_tells_the_login(destination: Open) -> None:
    with NmbrsSimulator(employees=2, faults=("fault-9999@HourComponentVar_Insert",)) as simulator:
        secrets = simulator.connect_settings()
        with pytest.raises(HubError) as caught:
            destination(simulator).post(hours(), "key")
    told = caught.value.text + caught.value.detail
    assert secrets["token"] not in told
    assert secrets["email"] not in told
