"""Team members are read with their BSN tested and hidden."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from hub.errors import InputError
from hub.intake.members import Member, read_members
from hub.intake.rows import Reading, WrongRows
from hub.models import ContractType

PERSON = {"id": "M-001", "name": "Fenna Tolsma"}
COLUMNS = ("id", "name", "email", "contract_type", "venue", "bsn", "remarks")
BSN = "123456782"
WRONG = "123456789"


def read(content: str, name: str = "members.jsonl", *, strict: bool = False) -> Reading[Member]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_text(content, encoding="utf-8")
        return read_members(path, strict=strict)


def member(**changes: Any) -> Member:
    """Return the member that the usual person becomes with these keys."""
    reading = read(json.dumps(PERSON | changes))
    assert not reading.errors, reading.errors
    return reading.good[0]


def reason(**changes: Any) -> str:
    """Return what is wrong with the usual person with these keys."""
    [error] = read(json.dumps(PERSON | changes)).errors
    return error.reason


def bsn_of(found: Member) -> str | None:
    return found.bsn.get_secret_value() if found.bsn else None


def test_the_least_a_member_needs_gets_its_defaults() -> None:
    assert member() == Member(id="M-001", name="Fenna Tolsma", email="", contract_type=None, venue="", bsn=None)


def test_csv_gives_what_json_gives() -> None:
    content = ",".join(COLUMNS) + f"\nM-001,Fenna Tolsma,Fenna@Example.com,zero_hours,harbour,{BSN},secret\n"
    [found] = read(content, "members.csv").good
    assert found == member(email="fenna@example.com", contract_type="zero_hours", venue="harbour", bsn=BSN)


def test_an_email_address_is_kept_in_lower_case() -> None:
    assert member(email="Fenna.Tolsma@Example.COM").email == "fenna.tolsma@example.com"


@pytest.mark.parametrize("email", ["fenna", "@example.com", "a@b", "a@@b.nl", "a b@c.nl", "a@b.nl, c@d.nl", "a@b.c"])
def test_what_is_no_email_address_is_a_wrong_row_that_does_not_quote_it(email: str) -> None:
    assert reason(email=email) == "In column email: This is no e-mail address: correct it or leave it empty."


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("123456782", "123456782"),
        ("1112.22.333", "111222333"),
        ("012 345 672", "012345672"),
        ("12345672", "012345672"),
        (12345672, "012345672"),
    ],
)
def test_a_bsn_is_kept_as_nine_digits(written: object, kept: str) -> None:
    assert bsn_of(member(bsn=written)) == kept


@pytest.mark.parametrize("bsn", [WRONG, "000000000", "00000000", "1234567820", "1234567", "12345678A", "-12345672"])
def test_a_wrong_bsn_is_a_wrong_row_that_names_the_member_and_not_the_number(bsn: str) -> None:
    said = reason(bsn=bsn)
    assert "member M-001" in said
    assert bsn not in said


@pytest.mark.parametrize("key", ["111222333", "fenna@example.com"])
def test_a_bsn_or_email_address_as_id_is_not_named_either(key: str) -> None:
    said = reason(id=key, bsn=WRONG)
    assert "this member" in said
    assert key not in said


@pytest.mark.parametrize("key", [BSN, "1234.56.782"])
def test_an_id_that_is_the_bsn_is_refused(key: str) -> None:
    assert reason(id=key, bsn=BSN).startswith("The id is the BSN")


@pytest.mark.parametrize("bsn", [BSN, WRONG])
def test_the_bsn_of_a_freelancer_is_not_taken_in_and_that_is_noted(bsn: str) -> None:
    reading = read(json.dumps(PERSON | {"contract_type": "freelance", "bsn": bsn}))
    assert [bsn_of(one) for one in reading.good] == [None]
    assert [(note.line, note.text) for note in reading.notes] == [(1, "The BSN of a freelancer is not taken in.")]


def test_a_freelancer_without_bsn_needs_no_note() -> None:
    assert read(json.dumps(PERSON | {"contract_type": "freelance"})).notes == []


def test_a_bsn_is_in_no_repr_and_no_json() -> None:
    found = member(bsn=BSN)
    shown = (repr(found), str(found), found.model_dump_json(), repr(found.model_dump()), repr(found.bsn))
    assert bsn_of(found) == BSN
    assert not any(BSN in one for one in shown)
    assert "bsn" not in repr(found) + found.model_dump_json()


@pytest.mark.parametrize(
    "fields",
    [{"bsn": WRONG}, {"bsn": BSN, "contract_type": ContractType.FREELANCE}, {"bsn": BSN, "id": BSN}],
    ids=["wrong", "freelance", "id"],
)
def test_a_member_made_elsewhere_keeps_the_rules_of_the_bsn_and_shows_none(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        Member(**PERSON | fields | {"bsn": SecretStr(fields["bsn"])})
    assert fields["bsn"] not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"id": ""}, "Column id expects a value"),
        ({"name": None}, "Column name expects a value"),
        ({"name": "x" * 101}, "In column name: This text is longer"),
        ({"id": "M\t1"}, "In column id: This text holds a control character"),
        ({"contract_type": "zzp"}, "Column contract_type expects one of zero_hours, fixed_hours, freelance"),
        ({"phone": "1"}, "Key 3 of the object is not known"),
    ],
)
def test_a_broken_rule_is_a_wrong_row_with_a_sentence(changes: dict[str, Any], message: str) -> None:
    assert reason(**changes).startswith(message)


def test_remarks_are_not_taken_in() -> None:
    assert "secret" not in repr(member(remarks="secret"))


def test_a_strict_reading_with_a_wrong_bsn_stores_nothing_and_does_not_show_it() -> None:
    with pytest.raises(WrongRows, match="1 of 1 rows is wrong") as caught:
        read(json.dumps(PERSON | {"bsn": WRONG}), strict=True)
    assert WRONG not in repr(caught.value.errors)


MARK = "Qzx7"


@given(st.dictionaries(st.sampled_from(COLUMNS[1:]), st.text(max_size=12).map(lambda text: f"{MARK}{text}@{MARK}")))
def test_no_error_quotes_a_cell(cells: dict[str, str]) -> None:
    reading = read(json.dumps(PERSON | cells))
    assert MARK not in " ".join(error.reason for error in reading.errors)


@given(st.from_regex(r"[0-9]{8,9}", fullmatch=True))
def test_no_reading_of_any_number_says_the_number(bsn: str) -> None:
    reading = read(json.dumps(PERSON | {"bsn": bsn}))
    assert bsn not in repr(reading)


@given(st.binary(max_size=200), st.sampled_from(["members.csv", "members.jsonl", "members"]))
def test_reading_arbitrary_bytes_raises_nothing_but_an_input_error(content: bytes, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        try:
            assert read_members(path).errors
        except InputError as error:
            assert error.text.endswith(".")
