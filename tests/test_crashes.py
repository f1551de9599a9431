"""The account of a crash trial finds what is double and what is lost; and how long a call may take is a setting."""

from __future__ import annotations

import pytest

from hub.activation import reach_of
from hub.errors import SettingsError
from hub.process import Process
from hub.testing.crash_company import CodeAccount, account

APPROVED = {("e1", "100"): "8.00", ("e2", "100"): "4.00", ("e1", "150"): "2.50"}


def row(employee: str, code: str, amount: str) -> dict[str, str]:
    """Return a row as a simulator tells it."""
    return {"employee": employee, "code": code, "amount": amount}


def test_each_entry_once_is_neither_double_nor_lost() -> None:
    """Counted per code."""
    rows = [row(employee, code, hours) for (employee, code), hours in APPROVED.items()]
    assert account(APPROVED, rows) == (CodeAccount("100", 2, 2, 0, 0), CodeAccount("150", 1, 1, 0, 0))


def test_a_second_row_is_double_and_a_missing_one_is_lost() -> None:
    """Also where the number of rows is right."""
    rows = [row("e1", "100", "8.00"), row("e1", "100", "8.00"), row("e1", "150", "2.50")]
    assert account(APPROVED, rows) == (CodeAccount("100", 2, 2, 1, 1), CodeAccount("150", 1, 1, 0, 0))


def test_other_hours_and_a_code_that_nobody_approved_do_not_count_as_posted() -> None:
    """They are rows that nobody asked for, and what was asked for is lost."""
    rows = [row("e1", "100", "8.00"), row("e2", "100", "4.50"), row("e1", "999", "2.50")]
    assert account(APPROVED, rows) == (
        CodeAccount("100", 2, 2, 1, 1),
        CodeAccount("150", 1, 0, 0, 1),
        CodeAccount("999", 0, 1, 1, 0),
    )


@pytest.mark.parametrize(("text", "seconds"), [("", 60.0), ("2.5", 2.5), ("3600", 3600.0)])
def test_how_long_a_call_may_take_comes_from_the_environment(text: str, seconds: float) -> None:
    """It reaches the connections; without it, a minute."""
    assert reach_of(Process.from_environment({"HUB_OPERATION_SECONDS": text})).operation_seconds == seconds


@pytest.mark.parametrize("text", ["soon", "0", "-1", "nan", "inf", "3601"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    """Nothing starts with it."""
    with pytest.raises(SettingsError, match="HUB_OPERATION_SECONDS must be a number from"):
        Process.from_environment({"HUB_OPERATION_SECONDS": text})
