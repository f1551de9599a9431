"""Rotating keys: everything is sealed anew and still opens, after a crash half way too, and beside other writers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import pytest
from pydantic import SecretStr

from hub import rotation
from hub.activation import secret_place
from hub.errors import SettingsError
from hub.hub import Hub
from hub.intake.keep import bsn_place
from hub.intake.members import Member
from hub.intake.reading import Reading
from hub.process import Process
from hub.rotation import rotate
from hub.store.companies import Audit, Connection, DataKey, Secret
from hub.store.database import Store
from hub.store.people import TeamMember
from hub.store.session import CompanySession
from hub.vault import new_key

COMPANIES = ("acme", "zenith", "zuid")
BSN, TOKEN = "123456782", "token-of-{}"


@pytest.fixture
def full(store: Store, process: Process) -> Store:
    """Return a store with three companies; each has a secret, a member with a BSN and one without."""
    hub = Hub(store, process)
    for company in COMPANIES:
        hub.add_company(company, company)
        hub.import_members(
            company, Reading([Member(id="M-1", name="x", bsn=SecretStr(BSN)), Member(id="M-2", name="y")])
        )
        with store.write(company) as session:
            session.insert(Connection, [{"provider": "p"}])
            sealed = store.vault(session).seal(secret_place("p", "token"), TOKEN.format(company))
            session.insert(Secret, [{"provider": "p", "name": "token", "sealed": sealed}])
    return store


def versions(store: Store) -> list[list[int]]:
    """Return the versions of the data keys of each company."""
    found = []
    for company in COMPANIES:
        with store.read(company) as session:
            found.append([key.version for key in session.all(DataKey)])
    return found


def contents(store: Store) -> Iterator[tuple[str, str]]:
    """Yield the token and the BSN of each company, opened."""
    for company in COMPANIES:
        with store.read(company) as session:
            vault = store.vault(session)
            secret = session.need(Secret, "The token", "p", "token")
            member = session.need(TeamMember, "The member", "M-1")
            yield (
                vault.open(secret_place("p", "token"), secret.sealed),
                vault.open(bsn_place("M-1"), member.bsn or b""),
            )


def sealed(store: Store) -> set[bytes]:
    """Return all that is sealed or wrapped, as it is stored."""
    found: set[bytes] = set()
    for company in COMPANIES:
        with store.read(company) as session:
            found |= {key.wrapped for key in session.all(DataKey)} | {one.sealed for one in session.all(Secret)}
            found |= {one.bsn for one in session.all(TeamMember) if one.bsn}
    return found


EVERYTHING = [(TOKEN.format(company), BSN) for company in COMPANIES]


def test_after_a_rotation_everything_opens_with_new_keys_only(full: Store, process: Process) -> None:
    before = sealed(full)
    assert rotate(full, process) == len(COMPANIES)
    assert versions(full) == [[2], [2], [2]]
    assert list(contents(full)) == EVERYTHING
    assert not sealed(full) & before


def test_a_rotation_leaves_an_empty_bsn_empty(full: Store, process: Process) -> None:
    rotate(full, process)
    with full.read("acme") as session:
        assert session.need(TeamMember, "The member", "M-2").bsn is None


def test_a_rotation_is_in_the_audit_trail_of_each_company(full: Store, process: Process) -> None:
    rotate(full, process)
    for company in COMPANIES:
        with full.read(company) as session:
            assert [one.subject for one in session.all(Audit, Audit.action == "keys rotated")] == [company]


def _crash_at(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the rotation of the company with this number fail, at its very end."""
    whole, seen = rotation._seal_anew, []

    def fails(session: CompanySession, store: Store) -> None:
        whole(session, store)
        seen.append(session.company)
        if len(seen) == number:
            raise ZeroDivisionError

    monkeypatch.setattr(rotation, "_seal_anew", fails)


@pytest.mark.parametrize(("company", "done"), [(1, [[1], [1], [1]]), (2, [[2], [1], [1]])])
def test_after_a_crash_each_company_is_done_or_as_it_was(
    full: Store, process: Process, monkeypatch: pytest.MonkeyPatch, company: int, done: list[list[int]]
) -> None:
    _crash_at(company, monkeypatch)
    with pytest.raises(ZeroDivisionError):
        rotate(full, process)
    assert versions(full) == done
    assert list(contents(full)) == EVERYTHING


def test_after_a_crash_a_rotation_can_be_repeated(
    full: Store, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        _crash_at(2, patch)
        rotate(full, process)
    assert rotate(full, process) == len(COMPANIES)
    assert versions(full) == [[3], [2], [2]]
    assert list(contents(full)) == EVERYTHING


# -- the hub's own key ------------------------------------------------------------------------------------------------


@pytest.fixture
def changed(full: Store, process: Process) -> Process:
    """Return the settings of a process that has a new key and knows the one before."""
    return replace(process, secret_key=new_key(), old_secret_key=process.secret_key)


def _rotate(process: Process) -> None:
    store = Store.open(process)
    try:
        rotate(store, process)
    finally:
        store.close()


def _contents(process: Process) -> list[tuple[str, str]]:
    store = Store.open(process)
    try:
        return list(contents(store))
    finally:
        store.close()


def test_after_a_rotation_the_new_key_is_enough(changed: Process) -> None:
    _rotate(changed)
    assert _contents(replace(changed, old_secret_key="")) == EVERYTHING


def test_after_a_rotation_the_key_before_opens_nothing(changed: Process, process: Process) -> None:
    _rotate(changed)
    with pytest.raises(SettingsError, match="not the one this database was made with"):
        Store.open(process)


def test_a_rotation_without_the_key_before_is_refused(changed: Process, process: Process) -> None:
    with pytest.raises(SettingsError, match="not the one this database was made with"):
        _rotate(replace(changed, old_secret_key=""))
    assert _contents(process) == EVERYTHING


def test_a_new_key_is_taken_over_after_a_crash_too(changed: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        _crash_at(2, patch)
        _rotate(changed)
    with pytest.raises(SettingsError, match="not the one this database was made with"):
        Store.open(replace(changed, old_secret_key=""))  # two companies still need the key before
    _rotate(changed)
    assert _contents(replace(changed, old_secret_key="")) == EVERYTHING


# -- beside other writers ---------------------------------------------------------------------------------------------


def _seal_bsn(store: Store) -> None:
    with store.write("acme") as session:
        sealed = store.vault(session).seal(bsn_place("M-1"), BSN)
        session.change(TeamMember, [{"id": "M-1", "bsn": sealed}])


def _is_waiting(work: Future[object]) -> bool:
    try:
        work.result(0.3)
    except TimeoutError:
        return True
    return False


def test_a_rotation_waits_for_whoever_is_sealing(full: Store, process: Process) -> None:
    """Or it would take away the key that a value is just being sealed with."""
    with ThreadPoolExecutor(1) as pool:
        with full.write("acme") as session:
            vault = full.vault(session)
            rotating: Future[object] = pool.submit(rotate, full, process)
            assert _is_waiting(rotating)
            session.change(TeamMember, [{"id": "M-1", "bsn": vault.seal(bsn_place("M-1"), BSN)}])
        rotating.result(10)
    assert list(contents(full)) == EVERYTHING


def test_whoever_seals_waits_for_a_rotation(full: Store, process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    sealing: list[Future[object]] = []
    whole = rotation._seal_anew

    def with_a_writer_beside_it(session: CompanySession, store: Store) -> None:
        whole(session, store)
        if session.company == "acme":
            sealing.append(pool.submit(_seal_bsn, store))
            assert _is_waiting(sealing[0])

    monkeypatch.setattr(rotation, "_seal_anew", with_a_writer_beside_it)
    with ThreadPoolExecutor(1) as pool:
        rotate(full, process)
        sealing[0].result(10)
    assert list(contents(full)) == EVERYTHING


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_without_the_lock_a_value_would_be_lost(full: Store, process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    """Show that the tests above would catch a rotation that waits for nobody; SQLite has one writer anyway."""
    monkeypatch.setattr(CompanySession, "hold_keys", lambda *_, **__: None)
    with full.write("acme") as session:
        vault = full.vault(session)
        rotate(full, process)
        session.change(TeamMember, [{"id": "M-1", "bsn": vault.seal(bsn_place("M-1"), BSN)}])
    with pytest.raises(SettingsError, match="does not open"):
        list(contents(full))
