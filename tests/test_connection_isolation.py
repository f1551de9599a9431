"""Two connections share nothing: each has an instance, settings, a client and a plugin manager of its own."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from pydantic import SecretStr

from hub import (
    ActivateRequest,
    Activation,
    Context,
    ContractError,
    NotSent,
    Provider,
    ProviderSettings,
    SettingsError,
    hookimpl,
)
from hub.connection import Connection

ACTIVATE = ActivateRequest(today=date(2026, 11, 2))
SECRET = "hunter2"


class Settings(ProviderSettings):
    """Settings with a secret."""

    user: str
    token: SecretStr


class Bare(Provider):
    """A provider that can only be switched on."""

    name = "bare"
    title = "Bare Payroll"

    @hookimpl
    def activate(self, request: ActivateRequest) -> Activation:
        """Reach nothing."""
        return Activation(administrations=())


SETTINGS = Settings(user="robin", token=SecretStr(SECRET))


class OnItself(Bare):
    """A provider that keeps whom it knows on itself."""

    kept: str = ""

    @hookimpl
    def activate(self, request: ActivateRequest) -> Activation:
        """Keep who asks, and tell of whom it knows."""
        self.kept += self.settings.user
        return Activation(administrations=(), settings={"knows": self.kept})


class OnItsClass(Bare):
    """A provider that keeps whom it knows on its class."""

    kept: str = ""

    @hookimpl
    def activate(self, request: ActivateRequest) -> Activation:
        """Keep who asks, and tell of whom it knows."""
        type(self).kept += self.settings.user
        return Activation(administrations=(), settings={"knows": self.kept})


def known(connection: Connection) -> str:
    """Return whom the provider of a connection knows."""
    found = connection.activate(ACTIVATE)
    assert isinstance(found, Activation)
    return found.settings["knows"]


@pytest.mark.parametrize("provider", [OnItself, OnItsClass])
def test_what_one_connection_keeps_another_does_not_know(provider: type[Provider]) -> None:
    first = Connection(provider, Settings(user="robin,", token=SecretStr("a")))
    second = Connection(provider, Settings(user="sam,", token=SecretStr("b")))
    with first, second:
        assert [known(first), known(second), known(first)] == ["robin,", "sam,", "robin,robin,"]


def test_two_connections_have_a_client_and_a_manager_each() -> None:
    with Connection(Bare, SETTINGS) as first, Connection(Bare, SETTINGS) as second:
        assert first._http is not second._http
        assert first._manager is not second._manager


def test_a_provider_gets_the_settings_the_client_and_the_clock_of_its_connection() -> None:
    seen: list[Context] = []

    class Curious(Bare):
        def __init__(self, context: Context) -> None:
            super().__init__(context)
            seen.append(context)

    noon = datetime(2026, 11, 2, 12, tzinfo=UTC)
    with Connection(Curious, SETTINGS, now=lambda: noon) as connection:
        assert seen[0].settings is SETTINGS
        assert seen[0].http is connection._http
        assert seen[0].now() == noon


def test_a_client_reaches_only_the_hosts_of_its_provider() -> None:
    near = type("Near", (Bare,), {"hosts": ("api.example.nl",)})
    with Connection(near, SETTINGS) as connection, pytest.raises(NotSent, match=r"^other\.example\.nl is not a host"):
        connection._http.request("GET", "https://other.example.nl/", accept=("*/*",))


@pytest.mark.parametrize("error", [SettingsError("Wrong."), ValueError(SECRET)], ids=lambda one: type(one).__name__)
def test_a_provider_that_cannot_be_made_says_so_and_its_client_is_closed(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[bool] = []
    monkeypatch.setattr("hub.transport.Http.close", lambda self: closed.append(True))

    class Failing(Bare):
        def __init__(self, context: Context) -> None:
            raise error

    meant = SettingsError if isinstance(error, SettingsError) else ContractError
    with pytest.raises(meant) as caught:
        Connection(Failing, SETTINGS)
    assert SECRET not in repr(caught.value)
    assert closed == [True]


def test_a_connection_does_not_show_its_secrets() -> None:
    with Connection(Bare, SETTINGS) as connection:
        shown = f"{connection} {connection!r}"
    assert "robin" in shown
    assert SECRET not in shown
