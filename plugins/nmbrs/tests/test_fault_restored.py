"""Fault 48: the database is put back from a backup that was made before something was sent."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from hub import Hub, InputError
from hub.export.deciding.reread import reread
from hub.testing.at_work import COMPANY, AtWork
from hub.testing.company import NOW, card
from hub_nmbrs.simulator import NmbrsSimulator

Work = AtWork[NmbrsSimulator]


def copy(from_file: Path, to_file: Path) -> None:
    with closing(sqlite3.connect(from_file)) as old, closing(sqlite3.connect(to_file)) as new:
        old.backup(new)


def test_a_restored_backup_is_noticed_and_read_back_before_anything_is_sent(work: Work, tmp_path: Path) -> None:
    """48: nothing goes out before the open periods were read, and then a person is asked about the row found there."""
    file = tmp_path / "hub.db"
    work.release(card("a", "nmbrs-50001"))
    copy(file, tmp_path / "backup.db")
    work.run()
    work.hub.close()
    copy(tmp_path / "backup.db", file)
    with Hub.open(work.hub.process, lambda: NOW, work.clock) as hub:
        restored = replace(work, hub=hub)
        with pytest.raises(InputError, match="restored from a backup"):
            restored.run()
        assert restored.received == 1
        found = reread(hub.store, hub.process, COMPANY, "nmbrs", NOW.date(), "Robin")
        assert [row.id for one in found.unexplained for row in one.rows] == [str(work.rows[0]["id"])]
        run = restored.run()
        assert (run.state, [one.state for one in run.entries]) == ("needs decision", ["needs decision"])
        assert (restored.received, len(work.rows), restored.white) == (1, 1, set())
