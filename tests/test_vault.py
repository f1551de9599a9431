"""What is sealed opens in its own place only, and nowhere is it or the BSN of anybody in clear."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlmodel import SQLModel

from hub import vault as vault_module
from hub.errors import SettingsError
from hub.hub import Hub
from hub.intake.members import Member
from hub.intake.reading import Reading
from hub.process import Process
from hub.store.database import Store
from hub.store.people import TeamMember
from hub.store.rows_apart import of_all
from hub.vault import MasterKey, Place, Vault, new_key

KEY = bytes(range(32))
PLACE = Place("team_member", "bsn", "M-1")
BSN = "123456782"
NAMES = st.text(max_size=20)
PLACES = st.tuples(NAMES, NAMES, NAMES, NAMES, st.integers(1, 2**32 - 1))


def vault_at(company: str, version: int) -> Vault:
    return Vault(company, {version: KEY})


def opens(vault: Vault, place: Place, sealed: bytes) -> bool:
    try:
        vault.open(place, sealed)
    except SettingsError:
        return False
    return True


# -- the place --------------------------------------------------------------------------------------------------------


@given(NAMES, PLACES)
def test_what_is_sealed_opens_in_its_place(text: str, place: tuple[str, str, str, str, int]) -> None:
    company, table, column, row, version = place
    here = Place(table, column, row)
    assert vault_at(company, version).open(here, vault_at(company, version).seal(here, text)) == text


@given(PLACES, PLACES)
def test_what_is_sealed_opens_nowhere_else(
    here: tuple[str, str, str, str, int], there: tuple[str, str, str, str, int]
) -> None:
    """The same key everywhere, so that only the place tells them apart: a copied row or column does not open."""
    sealed = vault_at(here[0], here[4]).seal(Place(*here[1:4]), "secret")
    assert opens(vault_at(there[0], there[4]), Place(*there[1:4]), sealed) == (here == there)


ELSEWHERE: dict[str, tuple[Vault, Place]] = {
    "company": (vault_at("zenith", 1), PLACE),
    "table": (vault_at("acme", 1), Place("secret", "bsn", "M-1")),
    "column": (vault_at("acme", 1), Place("team_member", "name", "M-1")),
    "row": (vault_at("acme", 1), Place("team_member", "bsn", "M-2")),
}


@pytest.mark.parametrize("part", ELSEWHERE)
def test_each_part_of_the_place_is_bound(part: str) -> None:
    assert not opens(*ELSEWHERE[part], vault_at("acme", 1).seal(PLACE, BSN))


@pytest.mark.parametrize("part", ELSEWHERE)
def test_a_vault_that_binds_nothing_opens_elsewhere(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Show that the test above would catch a vault without associated data."""
    monkeypatch.setattr(vault_module, "_bound", lambda *_: b"")
    assert opens(*ELSEWHERE[part], vault_at("acme", 1).seal(PLACE, BSN))


def test_the_version_is_bound_and_not_only_a_label() -> None:
    """Both versions have the same key here; the label in front is changed from 1 to 2."""
    sealed = vault_at("acme", 1).seal(PLACE, BSN)
    assert not opens(Vault("acme", {1: KEY, 2: KEY}), PLACE, (2).to_bytes(4, "big") + sealed[4:])


@given(PLACES, PLACES)
@example(("ab", "c", "", "", 1), ("a", "bc", "", "", 1))
@example(("a", "b,c", "d", "", 1), ("a", "b", "c,d", "", 1))
@example(("a", 'b","c', "d", "", 1), ("a", "b", 'c","d', "", 1))
def test_no_two_places_are_written_the_same(
    here: tuple[str, str, str, str, int], there: tuple[str, str, str, str, int]
) -> None:
    assert (vault_module._bound(*here) == vault_module._bound(*there)) == (here == there)


# -- the value --------------------------------------------------------------------------------------------------------


def test_any_byte_that_changed_is_noticed() -> None:
    vault = vault_at("acme", 1)
    sealed = vault.seal(PLACE, BSN)
    for index in range(len(sealed)):
        changed = sealed[:index] + bytes([sealed[index] ^ 1]) + sealed[index + 1 :]
        assert not opens(vault, PLACE, changed), index


def test_any_byte_that_is_missing_is_noticed() -> None:
    vault = vault_at("acme", 1)
    sealed = vault.seal(PLACE, BSN)
    assert not [length for length in range(len(sealed)) if opens(vault, PLACE, sealed[:length])]


def test_the_same_text_is_sealed_differently_each_time() -> None:
    vault = vault_at("acme", 1)
    assert len({vault.seal(PLACE, BSN) for _ in range(100)}) == 100


def test_what_is_sealed_does_not_show_the_text() -> None:
    assert BSN.encode() not in vault_at("acme", 1).seal(PLACE, BSN)


def test_another_key_opens_nothing() -> None:
    sealed = vault_at("acme", 1).seal(PLACE, BSN)
    assert not opens(Vault("acme", {1: bytes(32)}), PLACE, sealed)


def test_the_newest_version_seals_and_older_ones_still_open() -> None:
    old = vault_at("acme", 1)
    new = Vault("acme", {1: KEY, 2: bytes(32)})
    assert new.open(PLACE, old.seal(PLACE, BSN)) == BSN
    assert not opens(old, PLACE, new.seal(PLACE, BSN))


def test_an_error_of_the_vault_names_the_column_and_no_value() -> None:
    with pytest.raises(SettingsError) as caught:
        vault_at("acme", 1).open(PLACE, b"123456782" * 10)
    assert "team_member.bsn" in caught.value.text
    assert BSN not in str(caught.value)


def test_a_data_key_does_not_open_as_a_value() -> None:
    """The same hub key and company: what it is for is bound too."""
    master = MasterKey(KEY)
    wrapped = master.new_data_key("acme", 1)
    assert not opens(vault_at("acme", 1), Place("data_key", "wrapped", "1"), (1).to_bytes(4, "big") + wrapped[8:])


def test_every_new_key_is_another() -> None:
    assert len({new_key() for _ in range(100)}) == 100


# -- the BSN in the database ------------------------------------------------------------------------------------------


def traces(bsn: str) -> dict[str, bytes]:
    """Return the ways in which somebody could have kept a BSN without sealing it."""
    text, number = bsn.encode(), int(bsn)
    digest = hashlib.sha256(text)
    return {
        "text": text,
        "reversed text": text[::-1],
        "hex": text.hex().encode(),
        "base64": base64.b64encode(text),
        "number": number.to_bytes(4, "big"),
        "number, little end first": number.to_bytes(4, "little"),
        "number in hex": f"{number:x}".encode(),
        "sha256": digest.digest(),
        "sha256 in hex": digest.hexdigest().encode(),
        "sha256 in base64": base64.b64encode(digest.digest()),
    }


def dump(store: Store) -> bytes:
    """Return all that the database holds: the bytes of SQLite's files, or every row of every table."""
    if store.engine.url.database and store.engine.dialect.name == "sqlite":
        folder = Path(store.engine.url.database).parent
        files = [file for file in folder.iterdir() if ".db" in file.name]
        assert any(file.name.endswith("-wal") and file.stat().st_size for file in files)
        return b"".join(file.read_bytes() for file in files)
    with of_all(store.engine).connect() as connection:
        rows = [row for table in SQLModel.metadata.sorted_tables for row in connection.execute(sa.select(table))]
    return b"\n".join(_bytes(value) for row in rows for value in row)


def _bytes(value: object) -> bytes:
    if isinstance(value, (bytes, memoryview)):
        return bytes(value)
    as_number = value.to_bytes(8, "big") if isinstance(value, int) and value >= 0 else b""
    return repr(value).encode() + as_number


def found(store: Store) -> set[str]:
    """Return which traces of the BSN the database holds."""
    content = dump(store)
    return {name for name, trace in traces(BSN).items() if trace in content}


@pytest.fixture
def acme(store: Store, process: Process) -> Iterator[Hub]:
    """Yield a hub with a company that has a member with a BSN; the database stays open, so that the WAL is there."""
    hub = Hub(store, process)
    hub.add_company("acme", "Acme")
    member = Member(id="M-1", name="Fenna Tolsma", email="fenna@example.nl", bsn=SecretStr(BSN))
    with store.engine.connect():
        hub.import_members("acme", Reading([member]))
        yield hub


def test_a_bsn_is_in_no_column_in_clear(acme: Hub, store: Store) -> None:
    assert b"Fenna Tolsma" in dump(store)
    assert found(store) == set()


def test_a_bsn_opens_for_whoever_has_the_key(acme: Hub, store: Store) -> None:
    with store.read("acme") as session:
        [member] = session.all(TeamMember)
        assert store.vault(session).open(PLACE, member.bsn or b"") == BSN


CARELESS: dict[str, Callable[[], Any]] = {
    "text": lambda: BSN.encode(),
    "hex": lambda: BSN.encode().hex().encode(),
    "base64": lambda: base64.b64encode(BSN.encode()),
    "number": lambda: int(BSN).to_bytes(4, "big"),
    "sha256": lambda: hashlib.sha256(BSN.encode()).digest(),
}


@pytest.mark.parametrize("way", CARELESS)
def test_a_bsn_that_is_kept_without_a_seal_is_found(acme: Hub, store: Store, way: str) -> None:
    """Show that the test above would catch a careless column."""
    with store.write("acme") as session:
        session.change(TeamMember, [{"id": "M-1", "bsn": CARELESS[way]()}])
    assert way in found(store)
