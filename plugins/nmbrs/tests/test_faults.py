"""The table of faults: every code means one error for a read and one for a write, and tells who must do what."""

from __future__ import annotations

import pytest

from hub import AuthError, HubError, NotExecuted, PermissionMissing, Refused, Transient, UnknownOutcome
from hub_nmbrs.faults import CODES, Fault, code_in, on_read, on_write

RIGHT = "EmployeeService.HourComponentVar_Insert"
LOGIN = {"1000", "1001", "1004"}
RIGHTS = {"1002", "1003"}
UNSURE = {"1006", "2019", "2020", "2021", "2042", "2043", "9999"}
BUSINESS = {
    *("2001", "2002", "2003", "2004", "2005", "2006", "2009", "3001"),
    *(str(code) for code in (*range(2011, 2019), 2022, *range(2028, 2031), *range(2032, 2042), *range(2044, 2048))),
}


def test_the_table_holds_every_known_code_and_no_other() -> None:
    assert set(CODES) == LOGIN | RIGHTS | UNSURE | BUSINESS


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_text_is_one_sentence_that_says_what_to_do(code: str) -> None:
    text = on_read(Fault(code), RIGHT).text
    assert text.endswith(".")
    assert ". " not in text
    assert ":" in text
    assert "{" not in text


@pytest.mark.parametrize("code", sorted(BUSINESS))
def test_a_business_code_is_a_refusal_for_certain(code: str) -> None:
    for error in (on_read(Fault(code), RIGHT), on_write(Fault(code), RIGHT)):
        assert isinstance(error, Refused)
        assert error.code == code


@pytest.mark.parametrize("code", sorted(LOGIN))
def test_a_login_that_is_not_accepted_did_nothing(code: str) -> None:
    assert isinstance(on_read(Fault(code), RIGHT), AuthError)
    error = on_write(Fault(code), RIGHT)
    assert isinstance(error, NotExecuted)
    assert isinstance(error.reason, AuthError)


@pytest.mark.parametrize("code", sorted(RIGHTS))
def test_a_missing_right_names_the_call_and_the_accountant_and_did_nothing(code: str) -> None:
    error = on_write(Fault(code), RIGHT)
    assert isinstance(error, NotExecuted)
    for missing in (error.reason, on_read(Fault(code), RIGHT)):
        assert isinstance(missing, PermissionMissing)
        assert missing.right == RIGHT
        assert RIGHT in missing.text
        assert "accountant" in missing.text
        assert "API user template" in missing.text


@pytest.mark.parametrize("code", [*sorted(UNSURE), "2010", "4711", ""])
def test_every_other_code_leaves_a_write_unknown(code: str) -> None:
    assert type(on_write(Fault(code), RIGHT)) is UnknownOutcome


@pytest.mark.parametrize("code", ["1006", "2019", "2020", "2021", "9999", "2010", "4711", ""])
def test_a_read_may_work_later_after_a_fault_that_explains_nothing(code: str) -> None:
    assert isinstance(on_read(Fault(code), RIGHT), Transient)


def test_the_catch_all_fault_says_that_the_period_is_probably_protected() -> None:
    text = on_write(Fault("9999"), RIGHT).text
    assert "on a change probably means a protected period" in text
    assert "TWK" in text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Server was unable to process request. ---> 1002: Unauthorized access", "1002"),
        ("x --->2001 : y", "2001"),
        ("---> Invalid combination email/password", "1000"),
        ("Server was unable to process request. ---> Timeout expired", ""),
        ("---> 123456782: a number that is no code", ""),
        ("1002: without an arrow", ""),
        ("", ""),
    ],
)
def test_the_code_is_the_number_after_the_arrow(text: str, code: str) -> None:
    assert code_in(text) == code


def test_the_detail_names_call_and_code() -> None:
    error: HubError = on_write(Fault("9999"), RIGHT)
    assert error.detail == f"{RIGHT}: fault 9999"
