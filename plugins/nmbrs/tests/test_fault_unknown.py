"""Faults 4 to 20 that leave an outcome unknown: nothing is sent again on a guess, and each amount ends there once.

Each fault happens twice over: once where payroll had done what was asked, once where the request never had an effect.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from hub.testing.at_work import SETTLED, AtWork, impatient
from hub.testing.company import card
from hub.testing.faults import Fault, FaultServer, answer, page, redirect, rewritten
from hub_nmbrs.simulator import NmbrsSimulator
from hub_nmbrs.simulator.envelope import wrap_fault
from hub_nmbrs.simulator.refusals import Refusal

Work = AtWork[NmbrsSimulator]
Named = Callable[[str, Fault], str]

ID = rb"(?<=<HourComponentVar_InsertResult>)\d+(?=<)"
UNLISTED = wrap_fault("1.1", Refusal("Server was unable to process request. ---> 7777: Something new"))


def without(pattern: bytes, put: bytes = b"") -> Fault:
    return rewritten(lambda body: re.sub(pattern, put, body))


OWN: dict[str, Fault] = {
    "cut-body-right-length": rewritten(lambda body: body[: len(body) // 2]),
    "html-504": page(504, "Gateway time-out"),
    "unlisted-fault": rewritten(lambda _: UNLISTED, 500),
    "no-body": without(rb"<HourComponentVar_InsertResponse.*</HourComponentVar_InsertResponse>"),
    "id-minus-1": without(ID, b"-1"),
    "id-missing": without(rb"<HourComponentVar_InsertResult>\d+</HourComponentVar_InsertResult>"),
}
"""What the network has no name for yet; each is made of the good answer."""

SHIPPED = {
    "04 reset": "reset",
    "05 end without an answer": "close",
    "10 headers cut": "cut-headers",
    "11 body cut, length as before": "cut-body",
    "11 body cut, in chunks": "cut-chunked",
    "11 body cut, no length": "cut-body-no-length",
    "11 body cut, length right": "cut-body-right-length",
    "12 bad gateway": "html-502",
    "12 maintenance": "html-503",
    "12 gateway time-out": "html-504",
    "13 log-in page": "html-200",
    "15 fault that is on no list": "unlisted-fault",
    "16 nothing in the envelope": "no-body",
    "16 id -1": "id-minus-1",
    "16 id missing": "id-missing",
    "20 too many requests": "throttle-429",
    "20 too busy": "throttle-503",
}


@pytest.fixture(params=list(SHIPPED.values()), ids=list(SHIPPED))
def fault(request: pytest.FixtureRequest, named: Named) -> str:
    name: str = request.param
    return named(name, OWN[name]) if name in OWN else name


def found_by_reading_back(work: Work) -> None:
    """Run plan 1, whose posting has its effect and loses its answer, and check that it ends well and there once."""
    run = work.run()
    (entry,) = work.entries
    assert (run.state, entry.state, entry.evidence) == ("done", "verified", "read back")
    assert (work.outcomes, work.received, work.white) == (["found"], 1, {"a"})
    assert [(row["amount"], str(row["id"])) for row in work.rows] == [("8.00", entry.posted_id)]


def waits_in_doubt(work: Work) -> None:
    """Run plan 1, whose posting has no effect and no answer, and check that it waits, visibly."""
    run = work.run()
    (entry,) = run.entries
    assert (run.state, entry.state, work.received, work.rows) == ("in doubt", "in doubt", 1, [])
    assert entry.reason
    assert (
        entry.action
        == "The hub reads it back; until that is settled nothing more is sent for this person in that slot."
    )
    assert work.white == set()


def sent_once_more(work: Work) -> None:
    """Let the doubt settle, run plan 1 again and check that it is there once."""
    work.clock.forward(SETTLED)
    run = work.run()
    (entry,) = work.entries
    assert (run.state, entry.state, entry.evidence) == ("done", "verified", "answer")
    assert (work.outcomes, work.received, len(work.rows)) == (["absent", "accepted"], 2, 1)


def test_what_payroll_did_is_found_by_reading_back(work: Work, fault: str) -> None:
    """4, 5, 10 to 13, 15, 16, 20: the answer is lost, the row is found, the call is made once."""
    work.release(card("a", "nmbrs-50001"))
    work.spoil(fault)
    found_by_reading_back(work)


def test_what_payroll_did_not_do_waits_until_it_cannot_come_any_more(work: Work, fault: str) -> None:
    """4, 5, 10 to 13, 15, 16, 20 without an effect: in doubt for the settle time, then sent once more."""
    work.release(card("a", "nmbrs-50001"))
    work.spoil(f"before-{fault}")
    waits_in_doubt(work)
    work.clock.forward(SETTLED - 20)
    waits_in_doubt(work)
    sent_once_more(work)


def test_an_id_of_zero_proves_nothing(work: Work) -> None:
    """16: Nmbrs did it and answers id 0; the row is found by reading back."""
    work.release(card("a", "nmbrs-50001"))
    work.spoil("id-0")
    found_by_reading_back(work)


def test_an_answer_after_the_deadline_is_found_by_reading_back(work: Work) -> None:
    """6: Nmbrs did it and its answer is later than the call may last."""
    work.release(card("a", "nmbrs-50001"))
    work.spoil("hang")
    with impatient(1.5):
        found_by_reading_back(work)


def test_a_request_that_is_lost_and_times_out_is_sent_once_more(work: Work) -> None:
    """7: in doubt until the settle time is over, then two readings agree that it is not there."""
    work.release(card("a", "nmbrs-50001"))
    work.spoil("before-hang")
    with impatient(1.5):
        waits_in_doubt(work)
        sent_once_more(work)


@pytest.fixture
def elsewhere() -> Iterator[FaultServer]:
    """Another host, which would answer well."""
    good = b"<HourComponentVar_InsertResponse><HourComponentVar_InsertResult>9</HourComponentVar_InsertResult>"
    with FaultServer(answer(good)) as server:
        yield server


@pytest.mark.parametrize("effect", ["", "before-"], ids=["done", "not done"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(work: Work, named: Named, elsewhere: FaultServer, status: int, effect: str) -> None:
    """18 (301 to 303) and 19 (307, 308): the other host is never contacted, so it gets no credentials either."""
    named("elsewhere", redirect(status, f"{elsewhere.url}/soap/v3/EmployeeService.asmx"))
    work.release(card("a", "nmbrs-50001"))
    work.spoil(f"{effect}elsewhere")
    if effect:
        waits_in_doubt(work)
        sent_once_more(work)
    else:
        found_by_reading_back(work)
    assert elsewhere.requests == []


def test_a_captive_portal_stops_the_run(work: Work) -> None:
    """13: what the portal answers in place of Nmbrs is a doubt, and as it cannot be read either, nothing more goes."""
    work.release(card("a", "nmbrs-50001"), card("b", "nmbrs-50003"))
    work.spoil("html-200")
    work.simulator.inject("html-200@HourComponentVar_Get+2")  # the first two: the right is tried, the slot is read
    run = work.run()
    assert (run.state, [one.state for one in run.entries]) == ("in doubt", ["in doubt", "planned"])
    assert "answered with another kind of content than was asked for, such as a web page" in run.paused
    work.simulator.heal()
    assert (work.run().state, work.received, len(work.rows)) == ("done", 2, 2)


def test_a_fault_on_no_list_asks_for_a_report(work: Work, named: Named) -> None:
    """15: its code is told, for the maintainer of the plugin, and nothing of its text."""
    named("unlisted-fault", OWN["unlisted-fault"])
    work.release(card("a", "nmbrs-50001"))
    work.spoil("before-unlisted-fault")
    (entry,) = work.run().entries
    assert "report the code to the maintainer of the plugin" in entry.reason
    assert "Something new" not in entry.reason


def test_a_pause_that_payroll_asks_for_is_kept(work: Work) -> None:
    """20: after a 429 with Retry-After: 7 the next call, of another slot too, comes seven seconds later."""
    work.release(card("a", "nmbrs-50001"), card("b", "nmbrs-50003"))
    work.spoil("throttle-429")
    began = work.clock.ticks
    assert work.run().state == "done"
    assert 7 <= work.clock.ticks - began < 8
    assert (work.received, len(work.rows)) == (2, 2)
