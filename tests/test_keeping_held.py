"""All that is held on a company or a person: complete, nobody else's, and without secrets."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel

from hub.errors import InputError
from hub.keeping.holdings import named, tables
from hub.keeping.removal import company_tables
from hub.store.companies import Audit, Connection, Secret
from hub.store.people import Employee
from hub.testing.company import card
from hub.testing.paper import BSN, PaperCompany, clock, paper  # noqa: F401 - fixtures

SECRET = b"sealed-secret"


@pytest.fixture
def exported(paper: PaperCompany) -> PaperCompany:  # noqa: F811
    """Return a company that handed over a file of two people."""
    paper.cards(card("a"), card("b", "m2"))
    paper.exported()
    with paper.hub.store.write("acme") as session:
        session.insert(Secret, [{"provider": "paper", "name": "token", "sealed": SECRET}])
    return paper


def held(paper: PaperCompany, member: str = "", **more: Any) -> dict[str, list[dict[str, Any]]]:  # noqa: F811
    """Return what is held, by table."""
    document = json.loads("".join(paper.hub.held("acme", member, **more)))
    found: dict[str, list[dict[str, Any]]] = document["held"]
    return found


def test_every_table_of_companies_is_in_it() -> None:
    """A new one too, without a word here."""
    assert {one.__tablename__ for one in tables()} == {one.name for one in company_tables()}
    assert len(tables()) == len({name for name, one in SQLModel.metadata.tables.items() if "company_id" in one.columns})


def test_of_a_company_every_row_is_in_it(exported: PaperCompany) -> None:
    """As many as the store has, of each table, with what they hold."""
    found = held(exported)
    for table in tables():
        assert len(found[str(table.__tablename__)]) == len(exported.rows(table))
    assert [one["name"] for one in found["team_member"]] == ["M1", "M2"]
    assert found["timecard"][0]["date"] == "2026-10-05"


def test_secrets_and_sealed_values_are_not_in_it(exported: PaperCompany) -> None:
    """No key, no secret, no BSN, no content of a file; their rows are."""
    text = "".join(exported.hub.held("acme"))
    assert not [one for one in (*BSN.values(), SECRET.decode()) if one in text]
    found = json.loads(text)["held"]
    shown = {found["data_key"][0]["wrapped"], found["secret"][0]["sealed"], found["file"][0]["sealed"]}
    assert {*shown, found["team_member"][0]["bsn"]} == {"not shown"}


def test_a_bsn_is_in_it_where_it_is_asked_for(exported: PaperCompany) -> None:
    """Of everybody, or of the person alone; still no secret."""
    assert {one["id"]: one["bsn"] for one in held(exported, bsn=True)["team_member"]} == BSN
    text = "".join(exported.hub.held("acme", "m1", bsn=True))
    assert BSN["m1"] in text
    assert BSN["m2"] not in text
    assert SECRET.decode() not in text


def test_of_a_person_it_is_that_persons_only(exported: PaperCompany) -> None:
    """Timecards, entries and what they were made of, and of a plan the lines that are theirs."""
    found, other = held(exported, "m1"), held(exported, "m2")
    assert [one["id"] for one in found["team_member"]] == ["m1"]
    assert [one["id"] for one in found["timecard"]] == ["a"]
    assert {one["employee"] for one in found["entry"]} == {"m1"}
    assert {one["timecard"] for one in found["contribution"]} == {"a"}
    assert {one["employee"] for one in found["plan"][0]["body"]["lines"]} == {"m1"}
    assert {"connection", "secret", "data_key"} & {name for name, rows in found.items() if rows} == set()
    assert len(found["entry"]) + len(other["entry"]) == len(held(exported)["entry"])
    assert '"m2"' not in json.dumps(found)
    assert '"M2"' not in json.dumps(found)


def test_the_trail_of_a_person_is_in_it(exported: PaperCompany) -> None:
    """By the member, and by what their entries are called."""
    with exported.hub.store.write("acme") as session:
        session.audit("Robin", "link settled", "employee 7", member="m1")
        session.audit("Robin", "link settled", "employee 8", member="m2")
        session.audit("hub", "BSN erased", "member m1")
    trail = {one["subject"] for one in held(exported, "m1")["audit"]}
    assert {"employee 7", "member m1"} <= trail
    assert "employee 8" not in trail
    assert {f"entry {one['id']}" for one in held(exported, "m1")["entry"]} <= trail


def test_an_employee_is_found_with_and_without_a_team_member(exported: PaperCompany) -> None:
    """Payroll knows people whom the host does not."""
    row = {"provider": "ledger", "administration": "1", "body": {"name": "Cy"}}
    with exported.hub.store.write("acme") as session:
        session.insert(Connection, [{"provider": "ledger"}])
        session.insert(Employee, [{**row, "id": "7", "member": "m1"}, {**row, "id": "8", "member": None}])
    linked = held(exported, employee=("ledger", "7"))
    assert [one["id"] for one in linked["employee"]] == ["7"]
    assert [one["id"] for one in linked["timecard"]] == ["a"]
    alone = held(exported, employee=("ledger", "8"))
    assert {name for name, rows in alone.items() if rows} == {"employee"}


def test_who_is_not_known_is_refused(exported: PaperCompany) -> None:
    """And so is a name that is none."""
    for who in ({"member": "m7"}, {"employee": ("paper", "7")}):
        with pytest.raises(InputError, match="is not known"):
            list(exported.hub.held("acme", **who))
    for wrong in (("m1", "paper/7"), ("", "7"), ("", "paper/")):
        with pytest.raises(InputError):
            named(*wrong)
    assert named("", "paper/7/8") == ("", ("paper", "7/8"))


def test_it_is_written_where_only_its_owner_reads_it(exported: PaperCompany, tmp_path: Path) -> None:
    """Never over another file, nothing half, and the audit trail knows of it."""
    file = tmp_path / "held.json"
    exported.hub.write_held("acme", file, "m1", bsn=True, actor="Robin")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert BSN["m1"] in file.read_text()
    with pytest.raises(InputError, match=r"held\.json cannot be made"):
        exported.hub.write_held("acme", file)
    with pytest.raises(InputError, match="is not known"):
        exported.hub.write_held("acme", tmp_path / "other.json", "m7")
    assert not (tmp_path / "other.json").exists()
    trail = [one for one in exported.rows(Audit) if one.action == "what is held was written out"]
    assert [(one.actor, one.subject, one.detail) for one in trail] == [("Robin", "member m1", {"bsn": True})]
