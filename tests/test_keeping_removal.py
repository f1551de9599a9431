"""A company that leaves: every row and key of it goes, receipts without personal data stay, others notice nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from sqlmodel import SQLModel

from hub.access import new_key
from hub.errors import InputError
from hub.intake.members import Member
from hub.intake.reading import Reading
from hub.keeping import removal
from hub.keeping.removal import company_tables, wipe
from hub.models import ContractType
from hub.process import Process
from hub.store.access import Answered
from hub.store.companies import DataKey
from hub.store.database import Store
from hub.store.events import Endpoint
from hub.store.people import TeamMember
from hub.testing.clock import FakeClock
from hub.testing.company import NOW, Company, card, ledger_company, set_up
from hub.testing.deciding import waiting
from hub.testing.paper import PaperCompany, clock, paper  # noqa: F401 - fixtures

OUTSIDE = {"company", "api_key", "answered", "endpoint", "turn", "receipt_kept"}
"""The tables that hold rows of no company, or are emptied by what they say themselves."""

CANARY = "Kanarie van der Vogel"


@pytest.fixture
def exported(paper: PaperCompany) -> PaperCompany:  # noqa: F811
    """Return a company with a file handed over, another one beside it, keys, an endpoint and an answer."""
    paper.hub.import_members("acme", Reading(good=[canary()]))
    paper.cards(card("a"), card("b", "m2"))
    paper.exported()
    paper.hub.add_company("zenith", "Zenith")
    paper.hub.import_members("zenith", Reading(good=[canary("theirs")]))
    new_key(paper.hub.store, "of acme", ["read"], "acme")
    new_key(paper.hub.store, "of zenith", ["read"], "zenith")
    with paper.hub.store.everywhere() as session:
        session.add(Answered(api_key=1, key="k", request=b"", body=CANARY.encode()))
        session.add(Endpoint(company="acme", url="https://acme.example", secret=b"s"))
        session.add(Endpoint(url="https://all.example", secret=b"s"))
    return paper


def canary(name: str = "m9") -> Member:
    return Member(id=name, name=CANARY, contract_type=ContractType.ZERO_HOURS, bsn=SecretStr("012345672"))


def rows(store: Store) -> dict[str, list[Any]]:
    """Return every row of every table."""
    with store.everywhere() as session:
        return {
            name: [tuple(row) for row in session.execute(sa.select(table))]
            for name, table in SQLModel.metadata.tables.items()
        }


def of(company: str, store: Store) -> dict[str, int]:
    """Count the rows of a company, by what any of their columns says."""
    named = {name: sum(company in row for row in found) for name, found in rows(store).items()}
    return {name: number for name, number in named.items() if number}


def test_every_table_is_emptied_or_known_to_hold_no_rows_of_a_company() -> None:
    """A new table is in one of the two, and what refers to another one comes before it."""
    emptied = [table.name for table in company_tables()]
    assert {*emptied, *OUTSIDE} == set(SQLModel.metadata.tables)
    assert not OUTSIDE & set(emptied)
    for table in company_tables():
        for key in table.foreign_keys:
            assert key.column.table.name in {*emptied[emptied.index(table.name) :], *OUTSIDE}


def test_nothing_is_left_of_a_company_but_its_receipts(exported: PaperCompany) -> None:
    """And nothing changes for another one."""
    store = exported.hub.store
    theirs = of("zenith", store)
    assert {"data_key", "team_member", "file", "entry", "api_key", "endpoint", "audit"} <= of("acme", store).keys()
    counted = sum(of("acme", store).values()) + 1  # the answer, which names no company
    done = exported.hub.remove_company("acme", "Acme", by="Robin")
    assert of("acme", store) == {"receipt_kept": 1}
    assert (done.rows, done.receipts) == (counted, 1)
    assert of("zenith", store) == theirs
    assert [one[1] for one in rows(store)["api_key"]] == ["of zenith"]
    assert [one[2] for one in rows(store)["endpoint"]] == ["https://all.example"]
    assert rows(store)["answered"] == []


def test_the_receipt_of_a_file_says_what_the_files_own_receipt_said(exported: PaperCompany) -> None:
    """Whose run it was, what went out and until when it is kept; nobody's name or number."""
    (receipt,) = exported.hub.receipts("acme", 1)
    exported.hub.remove_company("acme", "Acme")
    (kept,) = exported.hub.receipts_kept("acme")
    assert (kept.company, kept.provider, kept.run, kept.file) == ("acme", "paper", 1, receipt.file)
    assert (kept.sha256, kept.entries, kept.total) == (receipt.sha256, receipt.entries, sum(receipt.sums.values()))
    assert kept.keep_until == date(2034, 1, 1)
    assert CANARY not in repr(kept)


def test_receipts_go_when_the_law_asks_for_them_no_more(exported: PaperCompany, clock: FakeClock) -> None:  # noqa: F811
    """On 1 January, seven years after the year."""
    exported.hub.remove_company("acme", "Acme")
    clock.set(NOW.replace(year=2033, month=12, day=31))
    assert (exported.hub.sweep_all().receipts, len(exported.hub.receipts_kept())) == (0, 1)
    clock.set(NOW.replace(year=2034, month=1, day=1))
    assert (exported.hub.sweep_all().receipts, exported.hub.receipts_kept()) == (1, [])


def test_nothing_is_removed_without_the_name_to_the_letter(exported: PaperCompany) -> None:
    """The id is not enough."""
    before = rows(exported.hub.store)
    for name in ("acme", "ACME", ""):
        with pytest.raises(InputError, match="to the letter"):
            exported.hub.remove_company("acme", name)
    assert rows(exported.hub.store) == before


def test_a_company_that_is_not_there_cannot_be_removed(exported: PaperCompany) -> None:
    exported.hub.remove_company("acme", "Acme")
    with pytest.raises(InputError, match="There is no company acme"):
        exported.hub.remove_company("acme", "Acme")


def test_a_crash_before_the_end_removes_nothing(exported: PaperCompany) -> None:
    """It is one transaction."""
    before = rows(exported.hub.store)
    with patch.object(removal, "_close_doors", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        exported.hub.remove_company("acme", "Acme")
    assert rows(exported.hub.store) == before


# -- what lies in the file --------------------------------------------------------------------------------------------


@pytest.fixture
def file(exported: PaperCompany) -> Path:
    """Return the file of the database; only SQLite has one."""
    url = exported.hub.store.engine.url
    if url.get_backend_name() != "sqlite":
        pytest.skip("PostgreSQL keeps its own files")
    return Path(str(url.database))


def in_file(file: Path, *texts: bytes) -> set[bytes]:
    """Return which texts are in the file of a database or beside it."""
    beside = [one for one in file.parent.glob(f"{file.name}*") if one.is_file()]
    content = b"".join(one.read_bytes() for one in beside)
    return {one for one in texts if one in content}


def test_no_byte_of_a_removed_company_is_left_in_the_file(exported: PaperCompany, file: Path) -> None:
    """Neither the name of a person, nor the sealed BSN, nor the key that opened it; they were there before."""
    store = exported.hub.store
    member = exported.hub.members("acme")[-1]
    with store.read("acme") as session:
        key = session.all(DataKey)[0].wrapped
    with store.write("zenith") as session:  # the same person is in the other company, whose rows stay
        session.delete(session.all(TeamMember)[0])
    wanted = (CANARY.encode(), member.bsn or b"", key)
    assert in_file(file, *wanted) == set(wanted)
    assert exported.hub.remove_company("acme", "Acme").traces == ""
    assert in_file(file, *wanted) == set()


def test_without_writing_the_file_anew_they_would_be_left(exported: PaperCompany, file: Path) -> None:
    """Show that the test above would see it."""
    with exported.hub.store.read("acme") as session:
        key = session.all(DataKey)[0].wrapped
    with patch.object(removal, "wipe", lambda store: ""):
        exported.hub.remove_company("acme", "Acme")
    assert in_file(file, key)


def test_somebody_who_reads_meanwhile_is_told_and_wiping_can_be_repeated(exported: PaperCompany, file: Path) -> None:
    """SQLite cannot empty its log then, and the file holds what was deleted until it is."""
    impatient = sa.event.listens_for(exported.hub.store.engine, "checkout")
    impatient(lambda opened, *_: opened.execute("PRAGMA busy_timeout=100"))  # not the 30 seconds that others wait
    with exported.hub.store.read("acme") as session:
        key = session.all(DataKey)[0].wrapped
    wipe(exported.hub.store)  # from here on all is in the file itself
    with exported.hub.store.read("zenith"):
        assert "until the operator wipes it" in exported.hub.remove_company("acme", "Acme").traces
        assert in_file(file, key)
    assert wipe(exported.hub.store) == ""
    assert not in_file(file, key)


# -- while something is under way -------------------------------------------------------------------------------------


@pytest.fixture
def doubtful(process: Process) -> Iterator[Company]:
    """Yield a company with a run that waits for a decision."""
    with ledger_company(process, FakeClock()) as made:
        made.cards(card("a"))
        waiting(made, "lost")
        yield made


def test_a_company_with_a_run_in_doubt_is_removed_in_a_persons_name_only(doubtful: Company) -> None:
    """Nobody could tell afterwards what payroll holds."""
    before = rows(doubtful.hub.store)
    for more in ({}, {"by": "Robin"}, {"even_so": True}, {"even_so": True, "by": " "}):
        with pytest.raises(InputError, match="run 1 did not end"):
            doubtful.hub.remove_company("acme", "Acme", **more)
    assert rows(doubtful.hub.store) == before
    doubtful.hub.remove_company("acme", "Acme", even_so=True, by="Robin")
    assert of("acme", doubtful.hub.store).keys() <= {"receipt_kept"}


def test_a_company_added_again_reads_payroll_back_before_it_exports(process: Process, tmp_path: Path) -> None:
    """The mark stays: payroll still holds what went out under the same id before."""
    with ledger_company(replace(process, mark_file=str(tmp_path / "mark")), FakeClock()) as made:
        made.cards(card("a"))
        made.export()
        book = made.hub.connections("acme")[0].settings["book"]
        made.hub.remove_company("acme", "Acme")
        set_up(made.hub, book)
        made.cards(card("a"))
        with pytest.raises(InputError, match="restored from a backup"):
            made.export(groups=("worked",))
        made.hub.reread("acme", "ledger", "Robin")
        assert made.export(groups=("worked",)).state == "needs decision"
