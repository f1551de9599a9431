"""Connections that are kept: made once, lent to one at a time, and never used where something else is stored by now."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar
from unittest.mock import patch

import pytest
from pydantic import SecretStr

from hub import Activation, Context, FileProvider, HubError, InputError, ProviderSettings, SettingsError, Unsupported
from hub.activation import connect, connection_row, open_connection
from hub.connection import Connection, Reach
from hub.errors import Transient
from hub.models import Right, RightState
from hub.opened import KEEP_SECONDS, Connections, Opened, Stored, connections_of
from hub.process import Process
from hub.provider import Capability
from hub.registry import discover, forget
from hub.rotation import rotate
from hub.store.companies import Company, DataKey, Secret
from hub.store.database import Store

TODAY = date(2026, 10, 20)


class Settings(ProviderSettings):
    """One that shows and one that does not."""

    city: str = "Utrecht"
    token: SecretStr = SecretStr("made-up")


class Counted(FileProvider):
    """Notes every instance that is made."""

    name = "counted"
    title = "Counted"
    Settings = Settings
    made: ClassVar[list[Counted]] = []

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self.made.append(self)


Opens = Callable[[], Settings]


@pytest.fixture
def instances(process: Process, store: Store) -> Iterator[list[Counted]]:
    """Connect a company; yield the instances that were made since."""
    with store.everywhere() as session:
        session.add(Company(id="acme", name="Acme"))
        session.flush()
        session.add(DataKey(company_id="acme", version=1, wrapped=store.master.new_data_key("acme", 1)))
    with patch("hub.activation.find", lambda name, allowed: Counted):
        assert isinstance(connect(store, process, "acme", "counted", {}, TODAY, "Robin"), Activation)
        Counted.made.clear()
        yield Counted.made


@pytest.fixture
def opens(process: Process, store: Store, instances: list[Counted]) -> Opens:
    """Return what opens the connection, and closes it again, and returns its settings."""

    def opened() -> Settings:
        with open_connection(store, process, "acme", "counted") as connection:
            assert isinstance(connection.settings, Settings)
            return connection.settings

    return opened


@pytest.fixture
def other(process: Process) -> Iterator[Store]:
    """Yield the same database as another process has it: nothing in memory is shared."""
    with ExitStack() as stack:
        opened = Store.open(process)
        stack.callback(opened.close)
        yield opened


def test_a_connection_is_made_once_and_used_again(opens: Opens, instances: list[Counted]) -> None:
    """Its provider is made on first use."""
    assert instances == []
    assert opens() is opens() is opens()
    assert len(instances) == 1


def test_two_at_once_never_share_an_instance(process: Process, store: Store, instances: list[Counted]) -> None:
    """The second user gets one of its own; one of the two is kept."""
    with (
        open_connection(store, process, "acme", "counted") as first,
        open_connection(store, process, "acme", "counted") as second,
    ):
        assert first is not second
    assert (len(instances), len(connections_of(store, process))) == (2, 1)


def test_another_process_switches_it_off_and_on(opens: Opens, process: Process, other: Store) -> None:
    """It holds at the very next use, and nothing stays behind in memory."""
    opens()
    for active in (False, True):
        with other.write("acme") as session:
            row = connection_row(session, "counted")
            row.active = active
            session.add(row)
        if active:
            opens()
        else:
            with pytest.raises(Unsupported, match="switched counted off"):
                opens()


@pytest.mark.parametrize("values", [{"city": "Breda"}, {"token": "another"}])
def test_another_process_connects_it_anew(
    opens: Opens, process: Process, other: Store, instances: list[Counted], values: dict[str, str]
) -> None:
    """The next use has the new settings, secret or not."""
    opens()
    connect(other, process, "acme", "counted", values, TODAY, "Robin")
    instances.clear()
    found = opens()
    assert (found.city, found.token.get_secret_value()) == (
        values.get("city", "Utrecht"),
        values.get("token", "made-up"),
    )
    assert len(instances) == 1


def test_a_right_that_was_lost_is_seen(opens: Opens, process: Process, store: Store, other: Store) -> None:
    """What a connection can do is as it is stored now."""
    opens()
    lost = Right(name="Export", state=RightState.MISSING, capabilities=(Capability.RENDER_FILE,))
    with other.write("acme") as session:
        row = connection_row(session, "counted")
        row.rights = [lost.model_dump(mode="json")]
        session.add(row)
    with open_connection(store, process, "acme", "counted") as connection:
        assert not connection.can(Capability.RENDER_FILE)


def test_keys_that_another_process_rotated_open_it(opens: Opens, process: Process, other: Store) -> None:
    """What is sealed anew is read anew."""
    opens()
    rotate(other, process)
    assert opens().token.get_secret_value() == "made-up"


def test_a_secret_that_does_not_open_is_noticed(opens: Opens, other: Store) -> None:
    """One that is kept does not hide that the database was damaged."""
    opens()
    with other.write("acme") as session:
        row = session.need(Secret, "It", "counted", "token")
        row.sealed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])
        session.add(row)
    with pytest.raises(SettingsError, match="does not open"):
        opens()


def test_what_was_removed_is_forgotten(opens: Opens, process: Process, store: Store, other: Store) -> None:
    """Neither the connection nor its secrets are held any longer."""
    opens()
    with other.write("acme") as session:
        session.delete(connection_row(session, "counted"))
    with pytest.raises(InputError, match="not connected"):
        opens()
    assert len(connections_of(store, process)) == 0


def test_connecting_again_makes_it_anew(opens: Opens, process: Process, store: Store, instances: list[Counted]) -> None:
    """Also with the same settings: what the provider remembered may be why."""
    opens()
    connect(store, process, "acme", "counted", {}, TODAY, "Robin")
    instances.clear()
    opens()
    assert len(instances) == 1


def test_one_that_an_error_left_is_not_used_again(process: Process, store: Store, instances: list[Counted]) -> None:
    """Nobody knows in which state it is."""
    with pytest.raises(Transient), open_connection(store, process, "acme", "counted"):
        raise Transient("Not now.")
    with open_connection(store, process, "acme", "counted"):
        pass
    assert len(instances) == 2


def test_one_with_a_call_that_did_not_come_back_is_not_used_again(
    process: Process, store: Store, instances: list[Counted]
) -> None:
    """A run gives such a call up and ends in good order."""
    inside, ends = threading.Event(), threading.Event()

    def hang(connection: Connection) -> None:
        with connection.calls.reading():
            inside.set()
            ends.wait(60)

    with open_connection(store, process, "acme", "counted") as connection:
        hanging = threading.Thread(target=hang, args=(connection,))
        hanging.start()
        assert inside.wait(20)
    assert len(connections_of(store, process)) == 0
    ends.set()
    hanging.join(20)


class Answering(BaseHTTPRequestHandler):
    """Answers, and leaves the connection open."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_one_that_is_kept_has_no_socket_open(process: Process, store: Store, instances: list[Counted]) -> None:
    """And opens one again for its next user."""
    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for _ in range(2):
            with open_connection(store, process, "acme", "counted") as connection:
                asked = connection._http.request(
                    "GET", f"http://127.0.0.1:{server.server_port}/", accept=("text/plain",)
                )
                pool = connection._http._transport._pool
                assert (asked.status, len(pool.connections)) == (200, 1)
            assert pool.connections == []
        server.shutdown()
    assert len(instances) == 1


def test_a_store_that_is_closed_keeps_none(opens: Opens, process: Process, store: Store) -> None:
    """What they hold, secrets among it, goes with it."""
    opens()
    connections = connections_of(store, process)
    assert len(connections) == 1
    store.close()
    assert len(connections) == 0


# -- how many, and for how long ---------------------------------------------------------------------------------------


def opened(made: float = 0.0) -> Opened:
    stored = Stored(Counted, Reach(), {}, [], ())
    return Opened(Connection(Counted, Settings()), stored, made)


def kept(connections: Connections, *companies: str) -> list[str]:
    """Return of which companies something is kept, without taking it away."""
    found = [(one, connections.lend(one, opened().stored)) for one in companies]
    for one, lent in found:
        if lent:
            connections.keep(one, lent)
    return [one for one, lent in found if lent]


def test_the_longest_unused_makes_room() -> None:
    """No more are kept than there may be, however many companies there are."""
    connections = Connections(8, limit=2)
    for company in ("a", "b", "a", "c"):
        connections.keep(company, opened(connections.now()))
    assert len(connections) == 2
    assert kept(connections, "a", "b", "c") == ["a", "c"]


def test_none_gets_older_than_it_may() -> None:
    """It counts from when it was made, however often it is used; and what nobody uses goes too."""
    now = [0.0]
    connections = Connections(8, now=lambda: now[0])
    for company in ("a", "b"):
        connections.keep(company, opened())
    now[0] = KEEP_SECONDS - 1
    assert kept(connections, "a") == ["a"]
    now[0] = KEEP_SECONDS
    assert kept(connections, "a") == []
    connections.keep("c", opened(now[0]))
    assert len(connections) == 1


def test_providers_are_looked_for_once_however_many_ask_at_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The scan of what is installed is not repeated, and nobody is served before it ended."""
    scans: list[object] = []

    def scan(allowed: object) -> tuple[object, ...]:
        scans.append(allowed)
        return ()

    monkeypatch.setattr("hub.registry.installed", scan)
    forget()
    together, found = threading.Barrier(8), list[object]()

    def ask() -> None:
        together.wait(20)
        found.append(discover())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    forget()
    assert (scans, found) == ([None], [()] * 8)


@pytest.mark.parametrize(("text", "number"), [("", 8), ("1", 1), ("100", 100)])
def test_how_many_calls_at_once_comes_from_the_environment(text: str, number: int) -> None:
    """Without it, eight."""
    assert Process.from_environment({"HUB_CALLS_PER_PROVIDER": text}).calls_per_provider == number


@pytest.mark.parametrize("text", ["0", "101", "many", "-1", "1.5"])
def test_a_number_of_calls_that_is_none_is_refused(text: str) -> None:
    """Nothing starts with it."""
    with pytest.raises(HubError, match="HUB_CALLS_PER_PROVIDER must be a whole number from 1 to 100"):
        Process.from_environment({"HUB_CALLS_PER_PROVIDER": text})
