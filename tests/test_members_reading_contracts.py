"""Dated contracts of team members are read from a CSV cell; what is wrong with one is said with its place."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from hub.errors import InputError
from hub.intake.contracts import HostContract, check_contracts, read_contracts
from hub.intake.members import Member, read_members
from hub.intake.reading import Reading
from hub.models import ContractType

BSN = "123456782"
FIRST = HostContract(
    start=date(2026, 1, 1), end=date(2026, 6, 30), payroll="connexie", contract_type=ContractType.ZERO_HOURS
)
SECOND = HostContract(start=date(2026, 7, 1), payroll="nmbrs", contract_type=ContractType.FIXED_HOURS)
FREELANCE = HostContract(start=date(2026, 1, 1), payroll="nmbrs", contract_type=ContractType.FREELANCE)
CELL = "2026-01-01/2026-06-30 connexie zero_hours, 2026-07-01/ nmbrs fixed_hours"


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Return what reads a CSV file of one member, M-1, with this cell of contracts."""

    def reading(cell: str, bsn: str = "", contract_type: str = "") -> Reading[Member]:
        path = tmp_path / "members.csv"
        path.write_text(f"id;name;bsn;contract_type;contracts\nM-1;An;{bsn};{contract_type};{cell}\n")
        return read_members(path)

    return reading


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        (CELL, (FIRST, SECOND)),
        (f"  {CELL.replace(', ', ',').replace(' ', '   ')} ", (FIRST, SECOND)),
        ("2026-07-01/ nmbrs fixed_hours,2026-01-01/2026-06-30 connexie zero_hours", (SECOND, FIRST)),
        ("2026-01-01/ nmbrs", (HostContract(start=date(2026, 1, 1), payroll="nmbrs"),)),
        ("-", ()),
        ("", None),
    ],
)
def test_a_cell_gives_its_contracts_in_its_own_order(read: Any, cell: str, found: object) -> None:
    """Nothing in the cell says nothing; a single dash says that there are none."""
    assert [one.contracts for one in read(cell).good] == [found]


DATE = "Column start expects a date such as 2026-11-20."
WRITE = "Write it as start/end, payroll and type, such as 2026-01-01/2026-06-30 connexie zero_hours."
NAME = "The payroll is the name of a provider, such as connexie: a lower-case letter, then at most 99 lower-case "
WRONG = [
    ("2026-02-29/ nmbrs", 1, DATE),
    ("01-02-2026/ nmbrs", 1, DATE),
    ("1926-02-01/ nmbrs", 1, "The year must be one of 1970 to 2199: correct the date."),
    ("2026-01-01/2026-06-31 nmbrs", 1, "Column end expects a date such as 2026-11-20."),
    ("2026-01-02/2026-01-01 nmbrs", 1, "It ends before it starts: correct its dates."),
    ("2026-01-01/ Nmbrs", 1, NAME + "letters, digits, - and _."),
    (f"2026-01-01/ {'n' * 101}", 1, NAME + "letters, digits, - and _."),
    ("2026-01-01/ nmbrs zzp", 1, "Column contract_type expects one of zero_hours, fixed_hours, freelance."),
    (f"{CELL},", 3, WRITE),
    ("2026-01-01/", 1, WRITE),
    ("2026-01-01 nmbrs", 1, WRITE),
    ("/2026-01-01 nmbrs", 1, WRITE),
    ("2026-01-01/2026-02-01/ nmbrs", 1, WRITE),
    ("2026-01-01/ nmbrs zero_hours harbour", 1, WRITE),
    ("-, 2026-01-01/ nmbrs", 1, WRITE),
]


@pytest.mark.parametrize(("cell", "number", "reason"), WRONG)
def test_a_wrong_contract_is_named_by_line_member_and_place(read: Any, cell: str, number: int, reason: str) -> None:
    """The row is wrong, and the reason says which contract of whom and what to do."""
    reading = read(cell)
    assert not reading.good
    assert [(one.line, one.reason) for one in reading.errors] == [(2, f"In contract {number} of member M-1: {reason}")]


@pytest.mark.parametrize(
    "cell", ["2026-07-01/ nmbrs, 2025-01-01/2025-12-31 nmbrs, 2026-01-01/2026-07-01 nmbrs", "2026-01-01/ a, , "]
)
def test_a_contract_without_a_place_of_its_own_makes_the_row_wrong(read: Any, cell: str) -> None:
    """Overlapping contracts are named by their places; nothing between commas is no contract."""
    [error] = read(cell).errors
    overlap = (
        "Contracts 1 and 3 of member M-1 overlap: correct their dates, so that one contract at most holds on a day."
    )
    assert error.reason == (f"In contract 2 of member M-1: {WRITE}" if ", ," in cell else overlap)


def test_a_hundred_contracts_are_taken_and_one_more_is_not(read: Any) -> None:
    """The limit is 100 contracts a member."""
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(101)]
    cells = [f"{day}/{day} nmbrs" for day in days]
    assert len(read(",".join(cells[:100])).good[0].contracts) == 100
    [error] = read(",".join(cells)).errors
    assert error.reason == "There are over 100 contracts of member M-1: send those that still matter."


def test_the_bsn_of_somebody_with_only_freelance_contracts_is_not_taken_in(read: Any) -> None:
    """That is noted; who has another contract as well keeps the number."""
    reading = read("2026-01-01/2026-06-30 nmbrs freelance, 2026-07-01/ nmbrs freelance", BSN)
    assert (reading.good[0].bsn, [note.text for note in reading.notes]) == (
        None,
        ["The BSN of a freelancer is not taken in."],
    )
    for cell in ("2026-01-01/2026-06-30 nmbrs freelance, 2026-07-01/ nmbrs", "-", ""):
        [found] = read(cell, BSN).good
        assert found.bsn.get_secret_value() == BSN


def test_a_member_made_elsewhere_keeps_the_rules_of_contracts() -> None:
    """The model refuses what the reader refuses."""
    with pytest.raises(InputError, match="Contracts 1 and 2 of member M-1 overlap"):
        Member(id="M-1", name="An", contracts=(FIRST, FIRST))
    with pytest.raises(ValueError, match="A freelancer's BSN may not be kept"):
        Member(id="M-1", name="An", contracts=(FREELANCE,), bsn=SecretStr(BSN))
    with pytest.raises(InputError, match="It ends before it starts"):
        HostContract(start=date(2026, 1, 2), end=date(2026, 1, 1), payroll="nmbrs")


DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 20))
LAST = date(2026, 2, 1)


@st.composite
def a_contract(draw: st.DrawFn) -> HostContract:
    """Draw a contract within a few weeks, so that two often touch."""
    start = draw(DAYS)
    days = draw(st.none() | st.integers(0, 5))
    return HostContract(
        start=start,
        end=None if days is None else start + timedelta(days=days),
        payroll=draw(st.sampled_from(["nmbrs", "connexie", "a-b_1"])),
        contract_type=draw(st.none() | st.sampled_from(ContractType)),
    )


def covered(contract: HostContract) -> set[date]:
    length = ((contract.end or LAST) - contract.start).days + 1
    return {contract.start + timedelta(days=number) for number in range(length)}


@given(st.lists(a_contract(), max_size=5))
def test_contracts_are_refused_exactly_if_two_hold_on_one_day(contracts: list[HostContract]) -> None:
    """Compared with counting day by day; an open end reaches every later day."""
    days = [day for one in contracts for day in covered(one)]
    refused = False
    try:
        check_contracts(contracts, "member M-1")
    except InputError:
        refused = True
    assert refused == (len(set(days)) < len(days))


@given(st.lists(a_contract(), min_size=1, max_size=5))
def test_the_text_of_contracts_reads_back_as_those_contracts(contracts: list[HostContract]) -> None:
    """What `hub members list` shows can be sent again."""
    assert read_contracts(", ".join(map(str, contracts)), "member M-1") == tuple(contracts)


@given(st.text(min_size=1, max_size=60) | st.text('[]{}":,-/ 0126nsted', min_size=1, max_size=60))
def test_no_cell_raises_anything_but_an_error_that_does_not_quote_it(cell: str) -> None:
    """Whatever a cell holds, it is read or refused in a sentence."""
    mark = "Qzx7"
    try:
        read_contracts(f"{cell}{mark}", "member M-1")
    except InputError as error:
        assert error.text.endswith(".")
        assert mark not in error.text
