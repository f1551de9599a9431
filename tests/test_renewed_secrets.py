"""Secrets that a provider changes: sealed and committed before what came with them is used, one at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from io import StringIO
from typing import ClassVar
from unittest.mock import patch

import pytest
from pydantic import SecretStr

from hub import (
    ActivateRequest,
    Activation,
    Administration,
    Capability,
    ContractError,
    InputError,
    Provider,
    ProviderSettings,
    Redirect,
    Support,
    SyncRequest,
    Transient,
    Workforce,
    hookimpl,
)
from hub.activation import connect, open_connection
from hub.cli.connecting import _read_returned
from hub.process import Process
from hub.store.companies import Company, DataKey, Secret
from hub.store.database import Store

TODAY = date(2026, 10, 20)
Act = Callable[[Provider], None]


class Settings(ProviderSettings):
    """A token that is renewed, and a client that is not secret."""

    client: str = "host"
    token: SecretStr | None = None


class Renews(Provider):
    """Renews its token when a person logged in, and does in a sync what a test says."""

    name = "renews"
    title = "Renews"
    Settings = Settings
    capabilities: ClassVar[Mapping[Capability, Support]] = {Capability.SYNC_WORKFORCE: Support.FULL}
    act: ClassVar[list[Act]] = []

    @hookimpl
    def activate(self, request: ActivateRequest) -> Activation | Redirect:
        """Send a person away first."""
        if not request.returned:
            return Redirect(url="https://renews.example/login", state="s")
        with self.renewing("token") as token:
            token.value = request.returned["code"]
        return Activation(administrations=(Administration(id="A", name="A"),))

    @hookimpl
    def sync_workforce(self, request: SyncRequest) -> Workforce:
        """Do what a test says."""
        self.act[0](self)
        return Workforce(employees=())


def renew(provider: Provider) -> None:
    """Add a letter to the token."""
    with provider.renewing("token") as token:
        token.value += "x"


@pytest.fixture
def hub(process: Process, store: Store) -> Iterator[Callable[[Act], None]]:
    """Yield what does something in a sync of a company that is logged in: each time on a connection of its own."""
    with store.everywhere() as session:
        session.add(Company(id="acme", name="Acme"))
        session.flush()
        session.add(DataKey(company_id="acme", version=1, wrapped=store.master.new_data_key("acme", 1)))

    def sync(act: Act) -> None:
        with open_connection(store, process, "acme", "renews") as connection:
            Renews.act[:] = [act]
            connection.sync_workforce(SyncRequest(administrations=("A",), today=TODAY))

    with patch("hub.activation.find", lambda name, allowed: Renews):
        assert isinstance(connect(store, process, "acme", "renews", {}, TODAY, "Robin"), Redirect)
        connect(store, process, "acme", "renews", {}, TODAY, "Robin", {"code": "code-1"})
        yield sync


def kept(process: Process, store: Store) -> str:
    """Return the token as a new connection has it."""
    with open_connection(store, process, "acme", "renews") as connection:
        token = connection.settings.token  # type: ignore[attr-defined]
        assert isinstance(token, SecretStr)
        return token.get_secret_value()


def test_what_a_log_in_brought_is_kept_and_sealed(hub: object, process: Process, store: Store) -> None:
    """A redirect stores nothing; after the log-in the next connection has the secret, and the store only seals."""
    assert kept(process, store) == "code-1"
    with store.read("acme") as session:
        (row,) = session.all(Secret)
    assert (row.name, b"code-1" in row.sealed) == ("token", False)


def test_a_renewed_secret_is_committed_when_its_block_ends(
    hub: Callable[[Act], None], process: Process, store: Store
) -> None:
    """Not when the call ends: what comes after it may use what came with it."""
    seen: list[str] = []

    def act(provider: Provider) -> None:
        renew(provider)
        seen.append(kept(process, store))
        renew(provider)

    hub(act)
    assert (seen, kept(process, store)) == (["code-1x"], "code-1xx")


def test_nothing_is_changed_where_the_block_raises(hub: Callable[[Act], None], process: Process, store: Store) -> None:
    """The provider could not be asked: the token that is kept may still serve."""

    def act(provider: Provider) -> None:
        with provider.renewing("token") as token:
            token.value = "lost"
            raise Transient("Not now.")

    with pytest.raises(Transient, match="Not now"):
        hub(act)
    assert kept(process, store) == "code-1"


def test_two_connections_never_renew_the_same_value(hub: Callable[[Act], None], process: Process, store: Store) -> None:
    """The second waits while the first renews, and is then given what that left."""
    offered: list[str] = []

    def second() -> None:
        with (
            open_connection(store, process, "acme", "renews") as connection,
            connection.renewing("token") as token,  # type: ignore[misc]  # it is there once it is opened
        ):
            offered.append(token.value)

    waiting = threading.Thread(target=second)

    def act(provider: Provider) -> None:
        with provider.renewing("token") as token:
            waiting.start()
            waiting.join(0.5)
            assert waiting.is_alive()
            token.value += "x"

    hub(act)
    waiting.join(20)
    assert offered == ["code-1x"]


@pytest.mark.parametrize("name", ["client", "nothing"])
def test_only_a_secret_setting_is_renewed(hub: Callable[[Act], None], name: str) -> None:
    """Any other name is a fault of the provider."""

    def act(provider: Provider) -> None:
        with provider.renewing(name) as token:
            token.value = "x"

    with pytest.raises(ContractError, match="no secret of the name"):
        hub(act)


def test_the_command_reads_the_address_where_a_log_in_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of standard input: on the command line it would stay in the history of the shell."""
    monkeypatch.setattr("sys.stdin", StringIO("https://h.example/back?code=a%2Bb&state=s\n"))
    assert _read_returned() == {"code": "a+b", "state": "s"}
    monkeypatch.setattr("sys.stdin", StringIO("https://h.example/back\n"))
    with pytest.raises(InputError, match="copy all of it"):
        _read_returned()
