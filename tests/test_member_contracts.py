"""Dated contracts of team members are stored in the place of those that were held, and listed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from hub.hub import Hub
from hub.intake.contracts import HostContract
from hub.intake.keep import Kept, keep_members
from hub.intake.keep_contracts import held_contracts
from hub.intake.members import Member
from hub.intake.reading import Reading
from hub.models import ContractType
from hub.process import Process
from hub.store.companies import Audit
from hub.store.database import Store
from hub.testing.shell import Shell, documented, keys_of

BSN = "123456782"
FIRST = HostContract(
    start=date(2026, 1, 1), end=date(2026, 6, 30), payroll="connexie", contract_type=ContractType.ZERO_HOURS
)
SECOND = HostContract(start=date(2026, 7, 1), payroll="nmbrs", contract_type=ContractType.FIXED_HOURS)
FREELANCE = HostContract(start=date(2026, 1, 1), payroll="nmbrs", contract_type=ContractType.FREELANCE)
CELL = "2026-01-01/2026-06-30 connexie zero_hours, 2026-07-01/ nmbrs fixed_hours"


@pytest.fixture
def acme(store: Store, process: Process) -> Iterator[Hub]:
    """Yield a hub with two companies."""
    hub = Hub(store, process)
    for company in ("acme", "other"):
        hub.add_company(company, company)
    yield hub


def bring(hub: Hub, *contracts: HostContract | None, name: str = "M-1", company: str = "acme", **more: Any) -> Kept:
    """Import a member with these contracts; a single None says nothing of them."""
    said = None if contracts == (None,) else contracts
    return hub.import_members(company, Reading([Member(id=name, name="An", contracts=said, **more)]))


def held(hub: Hub, company: str = "acme") -> dict[str, tuple[HostContract, ...]]:
    with hub.store.read(company) as session:
        return dict(held_contracts(session))


def has_bsn(hub: Hub) -> bool:
    [row] = hub.members("acme")
    return row.bsn is not None


def test_contracts_are_kept_with_a_new_member_in_the_order_of_their_starts(acme: Hub) -> None:
    """And the same again, in whatever order, is unchanged."""
    assert bring(acme, SECOND, FIRST) == Kept(new=1)
    assert held(acme) == {"M-1": (FIRST, SECOND)}
    assert bring(acme, FIRST, SECOND) == Kept(unchanged=1)
    assert bring(acme, SECOND, FIRST) == Kept(unchanged=1)


def test_a_list_replaces_all_contracts_of_that_member_and_of_nobody_else(acme: Hub) -> None:
    """Neither those of another member nor those of the same id in another company change."""
    bring(acme, FIRST, SECOND)
    bring(acme, FIRST, name="M-2")
    bring(acme, FIRST, company="other")
    moved = HostContract(start=FIRST.start, payroll="horecalonen")
    assert bring(acme, moved) == Kept(changed=1)
    assert held(acme) == {"M-1": (moved,), "M-2": (FIRST,)}
    assert held(acme, "other") == {"M-1": (FIRST,)}


def test_a_file_that_says_nothing_of_contracts_keeps_those_held(acme: Hub) -> None:
    """Even where it changes something else of the member."""
    bring(acme, FIRST)
    assert bring(acme, None, venue="harbour") == Kept(changed=1)
    assert bring(acme, None) == Kept(unchanged=1)
    assert held(acme) == {"M-1": (FIRST,)}


def test_an_empty_list_takes_the_contracts_away_once(acme: Hub) -> None:
    """The member stays; saying it again changes nothing."""
    bring(acme, FIRST, SECOND)
    assert bring(acme) == Kept(changed=1)
    assert (held(acme), [row.id for row in acme.members("acme")]) == ({}, ["M-1"])
    assert bring(acme) == Kept(unchanged=1)


def test_a_member_who_changes_in_both_ways_counts_once(acme: Hub) -> None:
    """`Kept.changed` counts members."""
    bring(acme, FIRST)
    assert bring(acme, SECOND, venue="harbour") == Kept(changed=1)


def test_only_freelance_contracts_erase_the_bsn_and_keep_it_out(acme: Hub) -> None:
    """Also where a later file says nothing of contracts, because those that are held say it."""
    bring(acme, FIRST, bsn=SecretStr(BSN))
    assert has_bsn(acme)
    assert bring(acme, FREELANCE) == Kept(changed=1)
    assert not has_bsn(acme)
    assert bring(acme, None, bsn=SecretStr(BSN)) == Kept(unchanged=1)
    assert not has_bsn(acme)
    assert bring(acme, FIRST, bsn=SecretStr(BSN)) == Kept(changed=1)
    assert has_bsn(acme)


def test_members_and_contracts_are_stored_together_or_not_at_all(acme: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails after the contracts were written leaves everything as it was."""
    bring(acme, FIRST)

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("no disk")

    monkeypatch.setattr("hub.store.session.CompanySession.audit", fails)
    with pytest.raises(RuntimeError, match="no disk"):
        bring(acme, SECOND, venue="harbour")
    assert (held(acme), acme.members("acme")[0].venue) == ({"M-1": (FIRST,)}, "")


def test_the_audit_trail_has_no_detail_of_contracts(acme: Hub, store: Store) -> None:
    """It counts members, as without contracts."""
    bring(acme, FIRST)
    bring(acme, SECOND)
    with store.read("acme") as session:
        rows = session.all(Audit, Audit.subject == "members")
    assert [one.detail for one in rows] == [{"new": 1, "changed": 0}, {"new": 0, "changed": 1}]


def wait_for_a_lock(store: Store) -> None:
    """Return when a statement in this database waits for another transaction; SQLite's cannot be seen."""
    waiting = sa.text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    deadline = time.monotonic() + 20
    while store.engine.dialect.name == "postgresql" and time.monotonic() < deadline:
        with store.engine.connect() as connection:
            if connection.scalar(waiting):
                return
    assert store.engine.dialect.name == "sqlite", "no statement waits"


def test_of_two_imports_at_once_the_later_one_holds_and_not_both(acme: Hub, store: Store) -> None:
    """Each takes away what the other put there, so that no two contracts hold on one day."""
    bring(acme, FIRST)
    later = threading.Thread(target=bring, args=(acme, SECOND))
    with store.write("acme") as session:
        earlier = Member(id="M-1", name="An", contracts=(FREELANCE,))
        keep_members(session, store.vault(session), [earlier], "host")
        later.start()
        wait_for_a_lock(store)
    later.join()
    assert held(acme) == {"M-1": (SECOND,)}


# -- listing ----------------------------------------------------------------------------------------------------------


def test_the_list_of_members_shows_their_contracts(tmp_path: Path) -> None:
    """As JSON with the documented keys, and in the table as a CSV cell has them."""
    shell = Shell(tmp_path)
    shell("company", "add", "cafe")
    rows = ("id;name;contracts", f"M-1;An;{CELL}", "M-2;Bo;")
    shell("members", "import", "cafe", shell.file("members.csv", *rows))
    listed = shell.data("members", "list", "cafe")
    assert keys_of(listed) == documented(Path(__file__).parents[1] / "docs" / "commands.md")["hub members list"]
    assert [one["contracts"] for one in listed] == [
        [
            {"start": "2026-01-01", "end": "2026-06-30", "payroll": "connexie", "contract_type": "zero_hours"},
            {"start": "2026-07-01", "end": None, "payroll": "nmbrs", "contract_type": "fixed_hours"},
        ],
        [],
    ]
    assert CELL in shell("members", "list", "cafe", COLUMNS="300").stdout
