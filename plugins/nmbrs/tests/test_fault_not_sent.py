"""Faults 1 to 3: nothing left this machine. The entry stays planned, the run pauses, and going on sends it once."""

from __future__ import annotations

import datetime
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import trustme

from hub import Process
from hub.connection import Reach
from hub.export.posting.journal import Journal
from hub.export.report import RunView
from hub.store.companies import Audit, Connection
from hub.testing.at_work import COMPANY, AtWork, impatient, just_before
from hub.testing.company import card
from hub.testing.faults import WIRE_FAULTS, FaultServer, relay
from hub_nmbrs.simulator import NmbrsSimulator

Work = AtWork[NmbrsSimulator]

YESTERDAY = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)


def just_before_the_call(work: Work, action: Callable[[], object]) -> RunView:
    """Run plan 1, with something happening when the attempt is written down and its call has yet to be made."""
    with just_before(Journal, "check", action):
        return work.run()


def is_paused(work: Work, run: RunView) -> None:
    """Check that nothing was sent, that nobody has to wonder about it, and that the run says so."""
    assert (run.state, [one.state for one in run.entries], work.outcomes) == ("paused", ["planned"], ["not sent"])
    assert (work.received, work.rows) == (0, [])
    assert "nothing was sent" in run.paused


def is_done_once(work: Work) -> None:
    assert (work.run().state, work.received, len(work.rows), work.white) == ("done", 1, 1, {"a"})
    assert work.outcomes == ["not sent", "accepted"]


# -- 1 ----------------------------------------------------------------------------------------------------------------


def test_a_connection_that_is_refused_is_not_sent(work: Work) -> None:
    """1: payroll is gone at the moment of the call."""
    work.release(card("a", "nmbrs-50001"))
    run = just_before_the_call(work, work.simulator.stop)
    is_paused(work, run)
    assert "127.0.0.1 took no connection" in run.paused
    work.simulator.start()
    is_done_once(work)


def test_a_name_that_is_not_found_is_not_sent(work: Work) -> None:
    """1: the name server does not know the host at the moment of the call."""

    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    work.release(card("a", "nmbrs-50001"))
    with pytest.MonkeyPatch.context() as patch:

        def lose_the_name() -> None:
            work.simulator.stop()  # so that no connection that is open already is used
            patch.setattr(socket, "getaddrinfo", unknown)

        run = just_before_the_call(work, lose_the_name)
    is_paused(work, run)
    assert "could not be found" in run.paused
    work.simulator.start()
    is_done_once(work)


def test_a_connection_that_does_not_come_about_in_time_is_not_sent(work: Work) -> None:
    """1: at the moment of the call the machine of payroll takes no more connections and says nothing."""
    work.release(card("a", "nmbrs-50001"))
    with ExitStack() as full:

        def fill() -> None:
            work.simulator.stop()
            full.enter_context(socket.create_server(("127.0.0.1", work.simulator.port), backlog=0))
            for _ in range(3):  # more than fit in the backlog
                waiting = full.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(("127.0.0.1", work.simulator.port))

        with impatient(1.5):
            run = just_before_the_call(work, fill)
    is_paused(work, run)
    assert "127.0.0.1 took no connection" in run.paused
    work.simulator.start()
    is_done_once(work)


# -- 2 and 3 ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


def certified(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@pytest.fixture
def front(work: Work, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultServer]:
    """A server with a certificate of the house between the hub and Nmbrs."""
    file = tmp_path / "house.pem"
    authority.cert_pem.write_to_path(str(file))

    def reach(_: Process) -> Reach:
        return Reach(allow_loopback=True, ca_file=str(file), operation_seconds=2)

    monkeypatch.setattr("hub.activation.reach_of", reach)
    with FaultServer(relay(work.simulator.port), tls=certified(authority.issue_cert("127.0.0.1"))) as server:
        with work.hub.store.write(COMPANY) as session:
            row = session.need(Connection, "The connection", "nmbrs")
            row.settings = {**row.settings, "endpoint": server.url}
            session.add(row)
        yield server


@pytest.mark.parametrize("wrong", ["expired", "of another host", "of an unknown authority"])
def test_a_wrong_certificate_is_not_sent(work: Work, front: FaultServer, authority: trustme.CA, wrong: str) -> None:
    """2: nothing is sent, there is no way around TLS, and the reason is kept in the audit trail."""
    made = {
        "expired": lambda: authority.issue_cert("127.0.0.1", not_after=YESTERDAY),
        "of another host": lambda: authority.issue_cert("payroll.test"),
        "of an unknown authority": lambda: trustme.CA().issue_cert("127.0.0.1"),
    }[wrong]()
    good, bad = front.tls, certified(made)
    work.release(card("a", "nmbrs-50001"))
    run = just_before_the_call(work, lambda: setattr(front, "tls", bad))
    is_paused(work, run)
    assert "The certificate of 127.0.0.1" in run.paused
    with work.hub.store.read(COMPANY) as session:
        assert [one.detail for one in session.all(Audit) if one.action == "run paused"] == [{"reason": run.paused}]
    assert work.run().state == "paused"  # as long as the certificate is wrong
    assert work.received == 0
    front.tls = good
    is_done_once(work)


def test_a_handshake_that_hangs_is_not_sent(work: Work, front: FaultServer) -> None:
    """3: the request comes after the handshake, so that nothing was sent is certain here."""
    work.release(card("a", "nmbrs-50001"))
    run = just_before_the_call(work, lambda: setattr(front, "early", WIRE_FAULTS["hang"]))
    is_paused(work, run)
    assert "made no secure connection" in run.paused
    front.early = None
    is_done_once(work)
