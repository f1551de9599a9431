"""Files are whole or not there whenever the hub is killed, sealed while they are kept, and deleted in the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import date, timedelta

import pytest

from hub.errors import InputError
from hub.process import Process
from hub.rotation import rotate
from hub.store.exports import Entry
from hub.testing.canary import leaks, stored
from hub.testing.clock import FakeClock
from hub.testing.company import card
from hub.testing.fixtures import SECRET_KEY
from hub.testing.paper import BSN, OCTOBER, PER_DAY, PaperCompany, rows_in
from hub.testing.paper_kill import MOMENTS


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_any_moment_there_is_no_file_or_a_whole_one(
    paper: PaperCompany, process: Process, moment: str
) -> None:
    """Fetched again there is the file; it is handed over once, whatever the killed process had done."""
    paper.cards(card("t1"), card("t2", "m2"))
    run = paper.made().id
    arguments = [process.database_url, str(run), str(paper.folder), moment]
    done = subprocess.run(
        [sys.executable, "-m", "hub.testing.paper_kill", *arguments],
        env={**os.environ, "HUB_SECRET_KEY": SECRET_KEY},
        timeout=60,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    assert list(paper.folder.glob("paper-*.csv")) == []
    committed = moment in MOMENTS[2:]
    assert {one.state for one in paper.rows(Entry)} == {"handed over" if committed else "ready"}
    assert paper.white() == ({"t1", "t2"} if committed else set())
    handed = paper.fetch(run)
    assert (handed.entries, len(rows_in(handed.file))) == (0 if committed else 4, 4)
    assert {one.name for one in paper.folder.iterdir()} == {handed.file.name, handed.receipt_file.name}
    assert paper.plan().lines == ()


def test_no_bsn_is_anywhere_but_in_the_file(
    paper: PaperCompany, process: Process, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not in the database or its log, a plan, a run, a receipt, an audit row or an output; the file holds them."""
    paper.cards(card("t1"), card("t2", "m2"))
    plan = paper.plan()
    handed, rows = paper.exported()
    shown = [plan, paper.hub.show("acme", handed.receipt.run), handed.receipt]
    said = "".join(one.model_dump_json() for one in shown) + repr((shown, paper.hub.members("acme")))
    printed = capfd.readouterr()
    everything = stored(process.database_url) + said.encode() + (printed.out + printed.err).encode()
    assert leaks(everything + handed.receipt_file.read_bytes() + handed.file.name.encode(), BSN.values()) == []
    assert {one["BSN"] for one in rows} == set(BSN.values())
    assert leaks(handed.file.read_bytes(), BSN.values()) != []


def test_a_file_is_deleted_after_its_time_and_the_receipt_stays(paper: PaperCompany, clock: FakeClock) -> None:
    """Thirty days by default; after that only what payroll has is there."""
    paper.cards(card("t1"))
    handed, _ = paper.exported()
    clock.forward(timedelta(days=29).total_seconds())
    assert paper.hub.delete_old_files("acme") == 0
    clock.forward(timedelta(days=2).total_seconds())
    assert paper.hub.delete_old_files("acme") == 1
    assert paper.hub.receipts("acme", handed.receipt.run) == (handed.receipt,)
    with pytest.raises(InputError, match="was deleted on"):
        paper.fetch(handed.receipt.run)


def test_old_files_go_when_the_next_one_is_fetched(paper: PaperCompany, clock: FakeClock) -> None:
    """Nobody has to remember it."""
    paper.cards(card("t1"))
    handed, _ = paper.exported()
    clock.forward(timedelta(days=31).total_seconds())
    paper.cards(card("t2", day=7))
    paper.exported()
    with pytest.raises(InputError, match="was deleted on"):
        paper.fetch(handed.receipt.run)


def test_new_keys_open_old_files(paper: PaperCompany, process: Process) -> None:
    """A file that waits to be fetched is sealed anew with everything else."""
    paper.cards(card("t1"))
    run = paper.made().id
    assert rotate(paper.hub.store, process) == 1
    assert len(rows_in(paper.fetch(run).file)) == 2


def test_a_copy_holds_all_that_went_out_and_changes_nothing(paper: PaperCompany) -> None:
    """Of several files and other dates, by business day; it says of itself that it is one."""
    paper.hub.use_layout("acme", "paper", PER_DAY)
    paper.cards(card("t1", day=5), card("t2", "m2", day=20))
    paper.exported(dates=(date(2026, 10, 1), date(2026, 10, 10)))
    paper.exported()
    before = {one.id: one.state for one in paper.rows(Entry)}
    scope = paper.hub.scope("acme", "paper", "paper", dates=OCTOBER)
    copied = paper.hub.copy_file("acme", scope, paper.folder)
    assert [(one["Datum"], one["Uren"]) for one in rows_in(copied.file)] == [
        ("05-10-2026", "8,00"),
        ("20-10-2026", "8,00"),
    ]
    assert (copied.receipt.copy_of_runs, copied.file.stem[-4:]) == ((1, 2), "copy")
    assert {one.id: one.state for one in paper.rows(Entry)} == before
    with pytest.raises(InputError, match="nothing to copy"):
        later = paper.hub.scope("acme", "paper", "paper", dates=(date(2026, 11, 1), date(2026, 11, 30)))
        paper.hub.copy_file("acme", later, paper.folder)
