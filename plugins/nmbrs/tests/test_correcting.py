"""Correcting: a row of ours is changed or taken away by its id, once, and only what Nmbrs says is certain."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import date
from typing import Any

import pytest
import stamina

from hub import (
    Administration,
    AuthError,
    Context,
    Entry,
    ExportRequest,
    Http,
    HubError,
    Kind,
    NotExecuted,
    PeriodType,
    PermissionMissing,
    PostedEntry,
    Refused,
    Replacing,
    Slot,
    UnknownOutcome,
    WagePeriod,
    Withdrawing,
)
from hub.testing.faults import WIRE_FAULTS, FaultServer, answer
from hub_nmbrs.arguments import update_arguments
from hub_nmbrs.operations import DELETE_HOURS, DELETE_WAGE, UPDATE_HOURS, Operation
from hub_nmbrs.posting import NmbrsPosting
from hub_nmbrs.provider import NmbrsProvider
from hub_nmbrs.simulator import NmbrsSimulator

OCTOBER = WagePeriod(type=PeriodType.MONTH, year=2026, number=10, start=date(2026, 10, 1), end=date(2026, 10, 31))
SEPTEMBER = WagePeriod(type=PeriodType.MONTH, year=2026, number=9, start=date(2026, 9, 1), end=date(2026, 9, 30))
LOGIN = {"email": "login-canary@example.test", "token": "token-canary-73", "domain": "d"}


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


Open = Callable[..., NmbrsPosting]


@pytest.fixture
def destination() -> Iterator[Open]:
    """Open the destination of an export with some settings; `seconds` is the deadline of a call."""
    with ExitStack() as stack:

        def opened(settings: dict[str, str], seconds: float = 5) -> NmbrsPosting:
            http = stack.enter_context(closing(Http((), allow_loopback=True, operation_seconds=seconds)))
            provider = NmbrsProvider(Context(NmbrsProvider.Settings.model_validate(settings), http))
            request = ExportRequest(administration=Administration(id="3101", name="De Linde"), period=OCTOBER)
            there = provider.export_timecards(request)
            assert isinstance(there, NmbrsPosting)
            return there

        yield opened


def slot(kind: Kind = Kind.HOURS, *, employee: str = "50001", period: WagePeriod = OCTOBER) -> Slot:
    return Slot(administration="3101", employee=employee, period=period, kind=kind)


def hours(amount: int = 750, **changes: Any) -> Entry:
    return Entry.model_validate({"slot": slot(), "code": "2100", "amount": amount, **changes})


def row(identity: str = "500001", kind: Kind = Kind.HOURS) -> PostedEntry:
    return PostedEntry(id=identity, kind=kind, code="2100", amount=750)


WAGE = Entry(slot=slot(Kind.WAGE), code="5310", amount=1999)
DAYS = Entry(slot=slot(Kind.DAYS), code="days", amount=300, sets=True)

Correct = Callable[[NmbrsPosting], object]

CORRECTIONS: dict[str, Correct] = {
    "HourComponent_Update": lambda there: there.replace(row(), hours(400)),
    "HourComponent_Delete": lambda there: there.withdraw(slot(), row()),
    "WageComponent_Delete": lambda there: there.withdraw(WAGE.slot, row(kind=Kind.WAGE)),
}
"""Each call that corrects, on the first row of its kind that a simulator gives out."""


def held(simulator: NmbrsSimulator) -> dict[tuple[str, int], dict[str, Any]]:
    """Return every row that the simulator holds by kind and id."""
    return {(one["kind"], one["id"]): one for one in simulator.state()["rows"]}


def fill(there: NmbrsPosting) -> None:
    """Post rows of two kinds, employees and periods; the first of each kind has id 500001."""
    for entry in (hours(), WAGE, hours(750), hours(100, code="6050"), WAGE, hours(slot=slot(employee="50003"))):
        there.post(entry, "key")
    there.post(hours(slot=slot(period=SEPTEMBER), unprotected=True), "key")


# -- done -------------------------------------------------------------------------------------------------------------


def test_it_can_replace_and_withdraw(destination: Open) -> None:
    """The hub finds both abilities on the destination."""
    there = destination({**LOGIN, "endpoint": "http://127.0.0.1:1"})
    assert isinstance(there, Replacing)
    assert isinstance(there, Withdrawing)


@pytest.mark.parametrize("makes_new", [False, True])
def test_an_update_gives_the_row_its_new_content_and_tells_its_id(destination: Open, makes_new: bool) -> None:
    """Amount, code, cost centre and comment are those of the entry, under the id that Nmbrs answers."""
    changed = hours(-425, code="2190", cost_centre="902", comment="ph:2")
    with NmbrsSimulator(employees=2, update_makes_new_id=makes_new) as simulator:
        there = destination(simulator.connect_settings())
        old = there.post(hours(cost_centre="901", comment="ph:1"), "key")
        new = there.replace(old, changed)
        (kept,) = simulator.state()["rows"]
        assert simulator.state()["departures"] == []
        assert [one.id for one in there.read(slot())] == [new.id]
    assert new == PostedEntry(
        id=str(kept["id"]), kind=Kind.HOURS, code="2190", amount=-425, cost_centre="902", comment="ph:2"
    )
    assert (new.id != old.id) is makes_new
    assert (kept["code"], kept["amount"], kept["cost_centre"], kept["comment"]) == (2190, "-4.25", "KP20", "ph:2")
    assert (kept["employee"], kept["year"], kept["period"]) == (50001, 2026, 10)


def test_an_update_names_the_row_and_no_end_and_asks_for_no_permission_by_itself() -> None:
    """The arguments hold the row's own id; permission for the past only comes with the entry."""
    found = update_arguments(hours(400), 41)
    assert found["Hourcomponent"]["Id"] == 41  # type: ignore[index]
    assert (found["EmployeeId"], found["EndPeriod"], found["EndYear"]) == (50001, 0, 0)
    assert found["UnprotectedMode"] is False
    assert update_arguments(hours(400, unprotected=True), 41)["UnprotectedMode"] is True


@pytest.mark.parametrize("name", CORRECTIONS)
def test_every_other_row_stays_as_it_is(destination: Open, name: str) -> None:
    """Only the named row changes: not its twin, not that of the other kind with the same id, nobody else's."""
    kind = "wage" if name.startswith("Wage") else "hours"
    with NmbrsSimulator(employees=4) as simulator:
        fill(there := destination(simulator.connect_settings()))
        before = held(simulator)
        CORRECTIONS[name](there)
        after = held(simulator)
        assert simulator.state()["departures"] == []
    assert len(before) == 7
    old, new = before.pop((kind, 500001)), after.pop((kind, 500001), None)
    assert after == before
    assert new == ({**old, "amount": "4.00"} if name == "HourComponent_Update" else None)


def test_nothing_is_ever_cleared(destination: Open) -> None:
    """Correcting makes the calls for one row, and no call for a whole slot."""
    with NmbrsSimulator(employees=4) as simulator:
        fill(there := destination(simulator.connect_settings()))
        simulator.reset_counters()
        for correct in CORRECTIONS.values():
            correct(there)
        assert simulator.state()["calls"] == dict.fromkeys(CORRECTIONS, 1)


# -- refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "meanings"),
    [
        (None, (Refused, UnknownOutcome, UnknownOutcome)),
        (2046, (Refused, Refused, Refused)),
        (9999, (UnknownOutcome, UnknownOutcome, UnknownOutcome)),
    ],
)
def test_a_row_that_is_gone_is_never_taken_for_done(
    destination: Open, fault: int | None, meanings: tuple[type[HubError], ...]
) -> None:
    """2046 is certain; false and the catch-all fault are not. None of them changes anything."""
    with NmbrsSimulator(employees=2, unknown_id_fault=fault) as simulator:
        there = destination(simulator.connect_settings())
        for (name, correct), meaning in zip(CORRECTIONS.items(), meanings, strict=True):
            with pytest.raises(meaning):
                correct(there)
            assert simulator.state()["calls"][name] == 1
        assert simulator.state()["rows"] == []


@pytest.mark.parametrize(("fault", "meaning"), [(2011, Refused), (9999, UnknownOutcome)])
def test_the_past_is_changed_only_with_permission(destination: Open, fault: int, meaning: type[HubError]) -> None:
    """An update may lift the protection of a past period where the plan permits it."""
    past = hours(slot=slot(period=SEPTEMBER), unprotected=True)
    with NmbrsSimulator(employees=2, protected_fault=fault) as simulator:
        there = destination(simulator.connect_settings())
        posted = there.post(past, "key")
        with pytest.raises(meaning):
            there.replace(posted, past.model_copy(update={"amount": 400, "unprotected": False}))
        assert [one["amount"] for one in simulator.state()["rows"]] == ["7.50"]
        there.replace(posted, past.model_copy(update={"amount": 400}))
        assert [(one["amount"], one["period"]) for one in simulator.state()["rows"]] == [("4.00", 9)]


def test_nothing_is_taken_out_of_the_past_and_no_permission_is_asked_for(destination: Open) -> None:
    """A delete cannot lift protection, so what to do is not to release again with permission."""
    past = hours(slot=slot(period=SEPTEMBER), unprotected=True)
    with NmbrsSimulator(employees=2) as simulator:
        there = destination(simulator.connect_settings())
        posted = there.post(past, "key")
        with pytest.raises(Refused, match="have payroll reopen it") as caught:
            there.withdraw(past.slot, posted)
        assert len(simulator.state()["rows"]) == 1
    assert caught.value.code == "2011"
    assert "permission" not in caught.value.text


@pytest.mark.parametrize("name", CORRECTIONS)
def test_a_declared_period_refuses(destination: Open, name: str) -> None:
    """Once the declaration is sent nothing changes, and the code says so."""
    with NmbrsSimulator(employees=4, faults=(f"fault-2012@{name}",)) as simulator:
        fill(there := destination(simulator.connect_settings()))
        with pytest.raises(Refused, match="wage tax declaration of this period was already sent") as caught:
            CORRECTIONS[name](there)
    assert caught.value.code == "2012"


IMPOSSIBLE: dict[str, Correct] = {
    "a wage component is changed": lambda there: there.replace(row(kind=Kind.WAGE), WAGE),
    "days are changed": lambda there: there.replace(row("", Kind.DAYS), DAYS),
    "days are taken away": lambda there: there.withdraw(DAYS.slot, row("", Kind.DAYS)),
    "hours by the id of a wage component": lambda there: there.replace(row(kind=Kind.WAGE), hours()),
    "a wage component by the id of hours": lambda there: there.withdraw(WAGE.slot, row()),
    "no id": lambda there: there.withdraw(slot(), row("")),
    "id 0": lambda there: there.replace(row("0"), hours()),
    "a negative id": lambda there: there.withdraw(slot(), row("-1")),
    "an id that is no number": lambda there: there.replace(row("5x"), hours()),
    "hours that set": lambda there: there.replace(row(), hours(sets=True)),
    "an employee that is no number": lambda there: there.withdraw(slot(employee="x"), row()),
    "a code that is no number": lambda there: there.replace(row(), hours(code="x")),
}


@pytest.mark.parametrize("what", IMPOSSIBLE)
def test_what_names_no_row_for_certain_is_refused_before_anything_is_sent(destination: Open, what: str) -> None:
    """No call leaves for a row that might be another one, or that Nmbrs cannot change."""
    with NmbrsSimulator(employees=2) as simulator:
        with pytest.raises(Refused) as caught:
            IMPOSSIBLE[what](destination(simulator.connect_settings()))
        assert simulator.state()["calls"] == {}
    assert caught.value.code == "2030"


@pytest.mark.parametrize("name", CORRECTIONS)
def test_a_missing_right_and_an_expired_login_are_not_executed(destination: Open, name: str) -> None:
    """Nmbrs then certainly did nothing, and the reason says who must act."""
    with NmbrsSimulator(employees=4, denied=(name,)) as simulator:
        fill(there := destination(simulator.connect_settings()))
        with pytest.raises(NotExecuted) as missing:
            CORRECTIONS[name](there)
        simulator.inject(f"fault-1001@{name}")
        with pytest.raises(NotExecuted) as expired:
            CORRECTIONS[name](there)
        assert len(simulator.state()["rows"]) == 7
    assert isinstance(missing.value.reason, PermissionMissing)
    assert missing.value.reason.right == f"EmployeeService.{name}"
    assert isinstance(expired.value.reason, AuthError)


# -- in doubt ---------------------------------------------------------------------------------------------------------


SPOILT = sorted(set(WIRE_FAULTS) - {"gzip-good"})
SLOW = {"hang", "slow-drip", "drip-headers"}


@pytest.mark.parametrize("name", CORRECTIONS)
@pytest.mark.parametrize("fault", [*SPOILT, "fault-9999"])
def test_an_answer_that_proves_nothing_is_unknown_and_nothing_is_sent_again(
    destination: Open, name: str, fault: str
) -> None:
    """Whatever happens on the wire, the call is made once and its outcome is unknown."""
    with NmbrsSimulator(employees=4, faults=(f"{fault}@{name}",)) as simulator:
        settings = {**simulator.connect_settings(), "domain": "hospitality"}
        fill(destination(settings))
        with pytest.raises(UnknownOutcome):
            CORRECTIONS[name](destination(settings, seconds=0.3 if fault in SLOW else 5))
        assert simulator.state()["calls"][name] == 1


@pytest.mark.parametrize("name", CORRECTIONS)
@pytest.mark.parametrize(("fault", "done"), [("lost-answer", True), ("lost-request", False)])
def test_reading_back_tells_whether_a_lost_correction_was_done(
    destination: Open, name: str, fault: str, done: bool
) -> None:
    """After an unknown outcome the slot shows what became of the row."""
    kind = Kind.WAGE if name.startswith("Wage") else Kind.HOURS
    with NmbrsSimulator(employees=4, faults=(f"{fault}@{name}",)) as simulator:
        fill(there := destination(simulator.connect_settings()))
        before = there.read(slot(kind))
        with pytest.raises(UnknownOutcome):
            CORRECTIONS[name](there)
        assert (there.read(slot(kind)) != before) is done


def answered(operation: Operation, text: str | None) -> bytes:
    """Return a whole answer with this value; None leaves the value out."""
    value = "" if text is None else f"<{operation.result}>{text}</{operation.result}>"
    response = f'<{operation.name}Response xmlns="{operation.namespace}">{value}</{operation.name}Response>'
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    return answer(f'<s:Envelope xmlns:s="{soap}"><s:Body>{response}</s:Body></s:Envelope>'.encode())


@pytest.mark.parametrize("operation", [UPDATE_HOURS, DELETE_HOURS, DELETE_WAGE], ids=lambda one: one.name)
@pytest.mark.parametrize("text", [None, "", "false", "0", "-1", "TRUE", "yes", "truefalse", "done"])
def test_a_value_that_is_no_proof_is_unknown(destination: Open, operation: Operation, text: str | None) -> None:
    """Neither false nor nothing nor another word means that the row is changed or gone."""
    with FaultServer(answered(operation, text)) as server:
        with pytest.raises(UnknownOutcome):
            CORRECTIONS[operation.name](destination({**LOGIN, "endpoint": server.url}))
        assert len(server.requests) == 1


@pytest.mark.parametrize("operation", [DELETE_HOURS, DELETE_WAGE], ids=lambda one: one.name)
@pytest.mark.parametrize("text", ["true", "1", " true\n"])
def test_every_spelling_of_true_is_done(destination: Open, operation: Operation, text: str) -> None:
    """XML spells true in two ways."""
    with FaultServer(answered(operation, text)) as server:
        assert CORRECTIONS[operation.name](destination({**LOGIN, "endpoint": server.url})) is None


@pytest.mark.parametrize("name", CORRECTIONS)
@pytest.mark.parametrize("fault", ["reset", "html-502", "cut-body", "empty", "wrong-type"])
def test_no_error_of_correcting_tells_the_login(destination: Open, name: str, fault: str) -> None:
    """Neither text nor detail nor traceback holds the e-mail address or the token."""
    with FaultServer(answered(DELETE_HOURS, "false"), fault=fault) as server:
        with pytest.raises(HubError) as caught:
            CORRECTIONS[name](destination({**LOGIN, "endpoint": server.url}))
        assert LOGIN["token"].encode() in server.requests[0]
    told = caught.value.text + caught.value.detail + "".join(traceback.format_exception(caught.value))
    assert LOGIN["token"] not in told
    assert LOGIN["email"] not in told
