"""Contracts in JSON lines: a list of objects, which gives what the text of a CSV cell gives."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hub.intake.contracts import HostContract
from hub.intake.members import Member, read_members
from hub.intake.reading import Reading
from hub.models import ContractType

FIRST = {"start": "2026-01-01", "end": "2026-06-30", "payroll": "connexie", "contract_type": "zero_hours"}
SECOND = {"start": "2026-07-01", "payroll": "nmbrs"}
BOTH = (
    HostContract(
        start=date(2026, 1, 1), end=date(2026, 6, 30), payroll="connexie", contract_type=ContractType.ZERO_HOURS
    ),
    HostContract(start=date(2026, 7, 1), payroll="nmbrs"),
)


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Return what reads a file of JSON lines with two members; the second has these contracts."""

    def reading(contracts: str) -> Reading[Member]:
        path = tmp_path / "members.jsonl"
        path.write_text(f'{{"id": "M-0", "name": "Bo"}}\n{{"id": "M-1", "name": "An", "contracts": {contracts}}}\n')
        return read_members(path)

    return reading


@pytest.mark.parametrize(
    ("contracts", "found"),
    [
        (json.dumps([FIRST, SECOND]), BOTH),
        (json.dumps([FIRST, SECOND | {"end": None, "contract_type": ""}]), BOTH),
        (json.dumps([{**SECOND, "payroll": " nmbrs "}]), BOTH[1:]),
        (json.dumps("2026-01-01/2026-06-30 connexie zero_hours, 2026-07-01/ nmbrs"), BOTH),
        ("[]", ()),
        ("[ ]", ()),
        ("null", None),
    ],
)
def test_a_list_gives_its_contracts(read: Any, contracts: str, found: object) -> None:
    """Left out, empty and null are the same inside a contract; no list and an empty list are not."""
    assert [one.contracts for one in read(contracts).good] == [None, found]


KEYS = "start, end, payroll, contract_type"


@pytest.mark.parametrize(
    ("contract", "reason"),
    [
        (FIRST | {"hours": "38"}, f"Key 5 is not known: the keys are {KEYS}."),
        (FIRST | {"payroll": ["nmbrs"]}, "Key payroll expects a text."),
        (FIRST | {"end": True}, "Key end expects a text."),
        (FIRST | {"end": 20260630}, "Column end expects a date such as 2026-11-20."),
        ({"payroll": "nmbrs"}, "Column start expects a date: fill it in."),
        ({"start": "2026-01-01"}, "Column payroll expects a value: fill it in."),
        (FIRST | {"end": "2025-12-31"}, "It ends before it starts: correct its dates."),
        (FIRST | {"contract_type": "zzp"}, "Column contract_type expects one of zero_hours, fixed_hours, freelance."),
        ("2026-01-01/ nmbrs", f"It is no object with the keys {KEYS}: correct it."),
        ([[]], f"It is no object with the keys {KEYS}: correct it."),
    ],
)
def test_a_wrong_contract_is_named_by_line_member_and_place(read: Any, contract: object, reason: str) -> None:
    """The row is wrong and the other one is read; nothing is quoted."""
    reading = read(json.dumps([SECOND, contract]))
    assert [one.id for one in reading.good] == ["M-0"]
    assert [(one.line, one.reason) for one in reading.errors] == [(2, f"In contract 2 of member M-1: {reason}")]


@pytest.mark.parametrize(
    ("contracts", "reason"),
    [
        (json.dumps([SECOND, FIRST, FIRST]), "Contracts 2 and 3 of member M-1 overlap: correct their dates"),
        (json.dumps([SECOND] * 101), "There are over 100 contracts of member M-1"),
        (json.dumps(SECOND), "Key contracts expects a text or a number."),
        ('[{"start": "2026-01-01", "start": "2026-01-02"}]', "The line is not one JSON object with each key once"),
        ("[" * 200_000, "The line is not one JSON object"),
        (json.dumps("[{"), "The contracts of member M-1 are no JSON list of objects with each key once"),
        (json.dumps('[{"end": "", "end": ""}]'), "The contracts of member M-1 are no JSON list"),
    ],
)
def test_a_list_that_cannot_stand_is_one_wrong_row(read: Any, contracts: str, reason: str) -> None:
    """Contracts are numbered by their place in the file, not by their dates."""
    [error] = read(contracts).errors
    assert (error.line, error.reason.startswith(reason)) == (2, True), error.reason


def test_no_depth_of_lists_within_lists_raises(read: Any) -> None:
    """Whichever part of the reading gives up first, it is a wrong row."""
    assert all(len(read("[" * depth + "]" * depth).errors) == 1 for depth in range(2, 1100))


def test_only_contracts_may_be_a_list(tmp_path: Path) -> None:
    """A list as name is refused as before."""
    path = tmp_path / "members.jsonl"
    path.write_text('{"id": "M-1", "name": ["An"]}\n')
    assert [one.reason for one in read_members(path).errors] == ["Key name expects a text or a number."]
