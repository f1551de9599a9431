"""A database that was restored from a backup: it is noticed, and nothing that was sent meanwhile is sent again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from hub.errors import InputError, SettingsError
from hub.export.deciding.choices import Choice
from hub.export.deciding.reread import Reread
from hub.export.states import EntryState
from hub.models import Kind, PostedEntry
from hub.process import Process
from hub.store.mark import Mark
from hub.testing.company import Company, card, ledger_company


@pytest.fixture
def company(process: Process, tmp_path: Path) -> Iterator[Company]:
    with ledger_company(replace(process, mark_file=str(tmp_path / "mark.json"))) as made:
        yield made


@pytest.fixture
def restored(company: Company) -> Company:
    """Return a company whose database does not know of its only export: as a backup from before it."""
    company.cards(card("a"), card("b", "m2"))
    company.export()
    with company.hub.store.everywhere() as session:
        for table in ("attempt", "contribution", "entry", "run", "plan"):
            session.connection().execute(text(f"DELETE FROM {table}"))  # noqa: S608 - our own words
        session.connection().execute(text("UPDATE timecard SET exported_revision = NULL, exported_by = ''"))
    return company


def read_back(company: Company) -> Reread:
    return company.hub.reread("acme", "ledger", "Robin")


def released(company: Company) -> int:
    plan = company.plan(groups=("worked",))
    company.hub.release("acme", plan.id, "Robin")
    return plan.id


def test_a_database_older_than_what_was_sent_sends_nothing(restored: Company) -> None:
    """The mark outside the database knows of a run that the database does not."""
    plan = released(restored)
    posted = len(restored.ledger.posted)
    with pytest.raises(InputError, match=r"restored from a backup.*hub export reread acme"):
        restored.hub.run("acme", plan)
    assert len(restored.ledger.posted) == posted


def test_after_reading_back_a_person_is_asked_before_the_same_goes_out_again(restored: Company) -> None:
    """Payroll holds rows that the journal lost: each entry under their code waits for a decision."""
    found = read_back(restored)
    assert {(one.slot.employee, row.amount) for one in found.unexplained for row in one.rows} == {
        ("e1", 800),
        ("e2", 800),
    }
    posted = len(restored.ledger.posted)
    run = restored.hub.run("acme", released(restored))
    assert (run.state, len(restored.ledger.posted)) == ("needs decision", posted)
    assert {one.state for one in run.entries} == {EntryState.NEEDS_DECISION}
    assert "has no record of it" in run.entries[0].reason


def test_the_decision_that_it_is_there_ends_it(restored: Company) -> None:
    """The row that was lost becomes the entry's own: nothing is posted twice, and the card is white."""
    read_back(restored)
    posted = len(restored.ledger.posted)
    run = restored.hub.run("acme", released(restored))
    for entry in run.entries:
        found = restored.hub.decision("acme", entry.id)
        (candidate,) = found.candidates
        restored.hub.settle("acme", entry.id, Choice.IT_IS_THERE, by="Robin", row=candidate)
    again = restored.hub.run("acme", run.plan)
    assert (again.state, len(restored.ledger.posted), restored.white()) == ("done", posted, {"a", "b"})


def test_the_decision_to_send_again_asks_no_second_time(restored: Company) -> None:
    """A person has said that the row is somebody else's."""
    read_back(restored)
    posted = len(restored.ledger.posted)
    run = restored.hub.run("acme", released(restored))
    for entry in run.entries:
        restored.hub.settle("acme", entry.id, Choice.SEND_AGAIN, by="Robin")
    again = restored.hub.run("acme", run.plan)
    assert (again.state, len(restored.ledger.posted)) == ("done", posted + 2)


def test_what_was_there_before_is_no_stranger(company: Company) -> None:
    """A clerk's row that was seen before our own was sent is nobody's lost posting."""
    slot_row = PostedEntry(id="x", kind=Kind.HOURS, code="100", amount=700)
    company.cards(card("a"))
    company.export()
    slot = next(one for one in company.ledger.rows if one.kind is Kind.HOURS)
    company.ledger.rows[slot].append(slot_row)
    company.cards(card("b", day=6))
    company.export()
    assert read_back(company).unexplained == ()


def test_what_is_no_longer_there_has_drifted(company: Company) -> None:
    """Somebody took our row away: the entry says so, and nothing is sent again by itself."""
    company.cards(card("a"))
    company.export()
    slot = next(one for one in company.ledger.rows if one.kind is Kind.HOURS)
    company.ledger.rows[slot].clear()
    found = read_back(company)
    run = company.hub.show("acme", 1)
    assert [one.state for one in run.entries if one.kind is Kind.HOURS] == [EntryState.DRIFTED]
    assert (len(found.drifted), run.state, company.plan().lines) == (1, "drifted", ())


def test_a_payroll_that_cannot_be_read_leaves_the_mark_as_it_is(restored: Company) -> None:
    """Nothing was read back, so nothing may go out."""
    restored.ledger.readable = False
    with pytest.raises(Exception, match="cannot be reached"):
        read_back(restored)
    restored.ledger.readable = True
    with pytest.raises(InputError, match="restored from a backup"):
        restored.hub.run("acme", released(restored))


# -- the mark ---------------------------------------------------------------------------------------------------------


def test_a_mark_keeps_each_company_apart(tmp_path: Path) -> None:
    """What one company sent says nothing of another."""
    mark = Mark(tmp_path / "m")
    mark.set("acme", 3, 10)
    mark.set("other", 1, 2)
    mark.check("acme", 3, 10)
    mark.check("new", 0, 0)
    mark.check("other", 1, 2)
    for run, attempt in ((2, 10), (3, 9)):
        with pytest.raises(InputError):
            mark.check("acme", run, attempt)


def test_a_damaged_mark_is_told(tmp_path: Path) -> None:
    """It is not taken for one that allows everything."""
    (tmp_path / "m").write_text("{\n")
    with pytest.raises(SettingsError, match="damaged"):
        Mark(tmp_path / "m").check("acme", 1, 1)


def test_a_mark_that_was_cut_off_keeps_what_came_before(tmp_path: Path) -> None:
    """A power failure in the middle of a line."""
    mark = Mark(tmp_path / "m")
    mark.reach("acme", 3, 10)
    with (tmp_path / "m").open("ab") as file:
        file.write(b'["acme", 3, 1')
    mark.check("acme", 3, 10)
    with pytest.raises(InputError):
        mark.check("acme", 3, 9)


def test_a_backup_from_the_middle_of_a_run_is_noticed(company: Company) -> None:
    """Every call is marked before it is made: the database that lost one is older than payroll."""
    company.cards(card("a"), card("b", "m2"))
    plan = company.plan(groups=("worked",))
    company.hub.release("acme", plan.id, "Robin")
    company.hub.run("acme", plan.id)
    with company.hub.store.everywhere() as session:
        session.connection().execute(text("DELETE FROM attempt WHERE id = 2"))
        session.connection().execute(text("UPDATE entry SET state = 'planned' WHERE id = 2"))
    with pytest.raises(InputError, match="restored from a backup"):
        company.hub.run("acme", plan.id)


def test_without_a_file_nothing_is_marked(tmp_path: Path) -> None:
    """PostgreSQL without HUB_MARK_FILE, and a database in memory."""
    mark = Mark(None)
    mark.set("acme", 3, 10)
    mark.check("acme", 0, 0)
