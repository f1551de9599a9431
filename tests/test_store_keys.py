"""The hub's key: where it comes from, who may read it, and that a database refuses another one."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from hub.errors import SettingsError
from hub.hub import Hub
from hub.process import Process
from hub.store.companies import DataKey
from hub.store.database import Store
from hub.testing.databases import fresh_database
from hub.vault import WRONG_KEY, MasterKey, Place, new_key

COMPANY = "acme"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Return where a database of this test's own goes; its key file lies beside it."""
    return tmp_path / "hub.db"


def opened(database: Path, **settings: str) -> Hub:
    return Hub.open(Process(database_url=f"sqlite:///{database}", **settings))  # type: ignore[arg-type]


def refusal(database: Path, **settings: str) -> str:
    with pytest.raises(SettingsError) as caught:
        opened(database, **settings)
    return caught.value.text


def with_company(database: Path, **settings: str) -> None:
    with opened(database, **settings) as hub:
        hub.add_company(COMPANY, "Acme")


# -- another key ------------------------------------------------------------------------------------------------------


def test_a_database_is_not_opened_with_another_key(store: Store, process: Process) -> None:
    Hub(store, process).add_company(COMPANY, "Acme")
    with pytest.raises(SettingsError, match=re.escape(WRONG_KEY)):
        Store.open(Process(database_url=process.database_url, secret_key=new_key()))


def test_a_secret_is_not_opened_with_another_key(store: Store, process: Process) -> None:
    Hub(store, process).add_company(COMPANY, "Acme")
    other = Store(store.engine, MasterKey.from_text(new_key()), store.mark)
    with other.read(COMPANY) as session, pytest.raises(SettingsError, match=re.escape(WRONG_KEY)):
        other.vault(session)


def test_one_company_with_another_key_is_enough_to_refuse(store: Store, process: Process) -> None:
    Hub(store, process).add_company(COMPANY, "Acme")
    other = Store(store.engine, MasterKey.from_text(new_key()), store.mark)
    Hub(other, process).add_company("zenith", "Zenith")
    with pytest.raises(SettingsError, match=re.escape(WRONG_KEY)):
        Store.open(process)


def test_the_key_before_opens_a_database_so_that_it_can_be_rotated(store: Store, process: Process) -> None:
    Hub(store, process).add_company(COMPANY, "Acme")
    Store.open(
        Process(database_url=process.database_url, secret_key=new_key(), old_secret_key=process.secret_key)
    ).close()


def test_an_empty_database_takes_any_key(store: Store, process: Process) -> None:
    Store.open(Process(database_url=process.database_url, secret_key=new_key())).close()


@pytest.mark.parametrize(
    ("setting", "value", "why"),
    [
        ("secret_key", "no base64!", "HUB_SECRET_KEY is not base64"),
        ("secret_key", "é", "HUB_SECRET_KEY is not base64"),
        ("secret_key", "c2hvcnQ=", "HUB_SECRET_KEY must be 32 bytes"),
        ("old_secret_key", "c2hvcnQ=", "HUB_OLD_SECRET_KEY must be 32 bytes"),
    ],
)
def test_what_is_no_key_is_refused_by_the_name_of_its_setting(
    database: Path, setting: str, value: str, why: str
) -> None:
    text = refusal(database, **{setting: value})
    assert text.startswith(why)
    assert value not in text


def test_postgresql_needs_a_key_in_the_settings(postgres_url: str) -> None:
    with fresh_database(postgres_url) as url, pytest.raises(SettingsError, match="Set HUB_SECRET_KEY"):
        Store.open(Process(database_url=url))


# -- the key file -----------------------------------------------------------------------------------------------------


def test_a_key_file_is_made_that_only_its_owner_reads(database: Path) -> None:
    old = os.umask(0)  # even where new files are open to all
    try:
        with_company(database)
    finally:
        os.umask(old)
    [file] = [one for one in database.parent.iterdir() if one.name.endswith(".key")]
    assert (file.name, file.stat().st_mode & 0o777) == ("hub.key", 0o600)


def test_the_key_file_stays_as_it_is(database: Path) -> None:
    with_company(database)
    key = database.with_suffix(".key").read_text()
    opened(database).close()
    assert database.with_suffix(".key").read_text() == key


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_a_key_file_that_others_can_reach_is_refused(database: Path, mode: int) -> None:
    with_company(database)
    database.with_suffix(".key").chmod(mode)
    assert refusal(database).startswith("Others can read the key file hub.key: the operator must run chmod 600 on it")


def test_a_lost_key_file_is_not_replaced_by_one_that_opens_nothing(database: Path) -> None:
    with_company(database)
    database.with_suffix(".key").unlink()
    assert refusal(database).startswith("The key file hub.key of this database is missing")
    assert not database.with_suffix(".key").exists()


def test_a_damaged_key_file_is_named(database: Path) -> None:
    with_company(database)
    database.with_suffix(".key").write_bytes(b"\xff\xfe")
    assert refusal(database).startswith("The key file hub.key is not base64")


def test_a_key_in_the_settings_needs_no_key_file(database: Path) -> None:
    with_company(database, secret_key=new_key())
    assert not database.with_suffix(".key").exists()


# -- what may be shown ------------------------------------------------------------------------------------------------


def test_a_key_and_a_vault_show_nothing_of_themselves(store: Store, process: Process) -> None:
    hub = Hub(store, process)
    hub.add_company(COMPANY, "Acme")
    with store.read(COMPANY) as session:
        vault = store.vault(session)
    secrets = [store.master._key, *vault._keys.values()]
    shown = f"{store.master} {store.master!r} {vault} {vault!r}"
    assert not [key for key in secrets if repr(key)[2:-1] in shown or key.hex() in shown]
    assert shown == "MasterKey(…) MasterKey(…) Vault('acme', version 1) Vault('acme', version 1)"


def test_a_company_without_its_data_key_says_what_to_do(store: Store, process: Process) -> None:
    Hub(store, process).add_company(COMPANY, "Acme")
    with store.write(COMPANY) as session:
        session.delete(session.all(DataKey)[0])
    with store.read(COMPANY) as session, pytest.raises(SettingsError, match="the operator must restore the database"):
        store.vault(session)


def test_a_data_key_of_one_company_does_not_open_as_that_of_another(store: Store) -> None:
    wrapped = store.master.new_data_key("acme", 1)
    assert len(store.master.unwrap("acme", 1, wrapped)) == 32
    for company, version in (("zenith", 1), ("acme", 2)):
        with pytest.raises(SettingsError):
            store.master.unwrap(company, version, wrapped)


def test_a_sealed_value_opens_after_the_store_was_closed_and_opened(process: Process) -> None:
    with Hub.open(process) as hub:
        hub.add_company(COMPANY, "Acme")
        with hub.store.read(COMPANY) as session:
            sealed = hub.store.vault(session).seal(Place("t", "c", "r"), "secret")
    with Hub.open(process) as hub, hub.store.read(COMPANY) as session:
        assert hub.store.vault(session).open(Place("t", "c", "r"), sealed) == "secret"
