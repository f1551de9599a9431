"""A connection: one company's own instance of a provider, what it may do, and the destination of its exports."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, ClassVar

import pytest
from pydantic import SecretStr

from hub import (
    ActivateRequest,
    Activation,
    Administration,
    AuthError,
    Capability,
    ContractError,
    Entry,
    ExportRequest,
    Kind,
    NotExecuted,
    NotSent,
    Pending,
    PeriodType,
    PostedEntry,
    Provider,
    ProviderSettings,
    Redirect,
    Refused,
    Slot,
    Support,
    SyncRequest,
    Transient,
    UnknownOutcome,
    Unsupported,
    ValidateRequest,
    WagePeriod,
    Workforce,
    hookimpl,
)
from hub.connection import Connection
from hub.guard import Where, guarded

TODAY = date(2026, 11, 2)
PERIOD = WagePeriod(type=PeriodType.MONTH, year=2026, number=10, start=date(2026, 10, 1), end=date(2026, 10, 31))
ADMINISTRATION = Administration(id="3101", name="Cafe")
SLOT = Slot(administration="3101", employee="7", period=PERIOD, kind=Kind.HOURS)
ENTRY = Entry(slot=SLOT, code="1000", amount=750)
POSTED = PostedEntry(id="9", kind=Kind.HOURS, code="1000", amount=750)

ACTIVATE = ActivateRequest(today=TODAY)
SYNC = SyncRequest(administrations=("3101",), today=TODAY)
EXPORT = ExportRequest(administration=ADMINISTRATION, period=PERIOD)
VALIDATE = ValidateRequest(administration=ADMINISTRATION, period=PERIOD, entries=(ENTRY,), today=TODAY)

SECRET = "hunter2hunter2"


class Settings(ProviderSettings):
    """Settings with a secret."""

    user: str
    token: SecretStr


class Answers:
    """What a provider was asked, and what it answers: a value, or an exception to raise."""

    def __init__(self, **answers: object) -> None:
        self.answers = answers
        self.asked: list[tuple[object, ...]] = []

    def __call__(self, name: str, *arguments: object) -> Any:
        """Note the question and answer it."""
        self.asked.append((name, *arguments))
        answer = self.answers[name]
        if isinstance(answer, BaseException):
            raise answer
        return answer


class Desk:
    """A destination that answers as it was told."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers

    def read(self, slot: Slot) -> tuple[PostedEntry, ...]:
        """Answer."""
        rows: tuple[PostedEntry, ...] = self.answers("read", slot)
        return rows

    def post(self, entry: Entry, key: str) -> PostedEntry | Pending:
        """Answer."""
        posted: PostedEntry | Pending = self.answers("post", entry, key)
        return posted


class Payroll(Provider):
    """A provider that answers as it was told."""

    name = "payroll"
    title = "Some Payroll"
    Settings = Settings
    capabilities: ClassVar[Mapping[Capability, Support]] = {
        Capability.SYNC_WORKFORCE: Support.FULL,
        Capability.POST_HOURS: Support.EMULATED,
        Capability.POST_DAYS: Support.NOT_BUILT,
    }
    answers: ClassVar[Answers]

    @hookimpl
    def activate(self, request: ActivateRequest) -> Activation:
        """Answer."""
        found: Activation = self.answers("activate", request)
        return found

    @hookimpl
    def sync_workforce(self, request: SyncRequest) -> Workforce:
        """Answer."""
        found: Workforce = self.answers("sync_workforce", request)
        return found

    @hookimpl
    def export_timecards(self, request: ExportRequest) -> Any:
        """Answer."""
        return self.answers("export_timecards", request)


class Bare(Provider):
    """A provider that can only be switched on."""

    name = "bare"
    title = "Bare Payroll"

    @hookimpl
    def activate(self, request: ActivateRequest) -> Activation:
        """Reach nothing."""
        return Activation(administrations=())


SETTINGS = Settings(user="robin", token=SecretStr(SECRET))


@contextlib.contextmanager
def connected(provider: type[Provider] = Payroll, /, **options: Any) -> Iterator[Connection]:
    """Give a connection; `missing` goes to it, and the rest are the provider's answers."""
    missing: frozenset[str] = options.pop("missing", frozenset())
    answering = type("Answering", (provider,), {"answers": Answers(**options)})
    with Connection(answering, SETTINGS, missing=missing) as connection:
        yield connection


def asked(connection: Connection) -> list[tuple[object, ...]]:
    """Return what the provider of a connection was asked."""
    found: list[tuple[object, ...]] = connection.provider.answers.asked  # type: ignore[attr-defined]
    return found


# -- hooks ------------------------------------------------------------------------------------------------------------

NOTHING_REACHED = Activation(administrations=())
NOBODY = Workforce(employees=())


@pytest.mark.parametrize("answer", [NOTHING_REACHED, Redirect(url="https://example.nl/login", state="7")], ids=str)
def test_activate_gets_the_request_itself_and_its_answer_comes_back(answer: object) -> None:
    with connected(activate=answer) as connection:
        assert connection.activate(ACTIVATE) is answer
        assert asked(connection) == [("activate", ACTIVATE)]


def test_sync_workforce_gets_the_request_itself_and_its_answer_comes_back() -> None:
    with connected(sync_workforce=NOBODY) as connection:
        assert connection.sync_workforce(SYNC) is NOBODY
        assert asked(connection) == [("sync_workforce", SYNC)]


def test_export_gets_the_request_itself() -> None:
    with connected(export_timecards=Desk(Answers())) as connection:
        connection.export(EXPORT)
        assert asked(connection) == [("export_timecards", EXPORT)]


CALLS: Mapping[str, Callable[[Connection], object]] = {
    "activate": lambda one: one.activate(ACTIVATE),
    "sync_workforce": lambda one: one.sync_workforce(SYNC),
    "export_timecards": lambda one: one.export(EXPORT),
}


@pytest.mark.parametrize("hook", CALLS)
@pytest.mark.parametrize("answer", [None, "text", VALIDATE], ids=lambda one: type(one).__name__)
def test_a_hook_that_answers_something_else_breaks_the_contract(hook: str, answer: object) -> None:
    with (
        connected(**{hook: answer}) as connection,
        pytest.raises(ContractError, match=rf"payroll\.{hook} returned {type(answer).__name__} instead of"),
    ):
        CALLS[hook](connection)


@pytest.mark.parametrize("hook", CALLS)
@pytest.mark.parametrize(
    ("error", "meant"),
    [(AuthError("Reconnect."), AuthError), (KeyError(SECRET), ContractError), (UnknownOutcome("Lost."), Transient)],
)
def test_a_hook_that_raises_says_what_it_means(hook: str, error: Exception, meant: type[Exception]) -> None:
    with connected(**{hook: error}) as connection, pytest.raises(meant) as caught:
        CALLS[hook](connection)
    assert SECRET not in repr(caught.value)


# -- what a connection can do -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("capability", "missing", "can"),
    [
        (Capability.SYNC_WORKFORCE, (), True),
        (Capability.POST_HOURS, (), True),
        (Capability.POST_DAYS, (), False),
        (Capability.PUT, (), False),
        (Capability.POST_HOURS, ("post_hours",), False),
        (Capability.POST_HOURS, ("post_days",), True),
    ],
)
def test_a_connection_can_do_what_its_provider_can_less_what_its_rights_lack(
    capability: Capability, missing: tuple[str, ...], can: bool
) -> None:
    with connected(missing=frozenset(missing)) as connection:
        assert connection.can(capability) is can


def test_people_are_not_asked_for_where_the_right_is_missing() -> None:
    with connected(missing=frozenset({"sync_workforce"}), sync_workforce=NOBODY) as connection:
        with pytest.raises(Unsupported) as caught:
            connection.sync_workforce(SYNC)
        assert caught.value.text == "Some Payroll cannot do sync workforce here: a right is missing at the provider."
        assert asked(connection) == []


def test_people_are_not_asked_for_where_the_provider_cannot_tell_them() -> None:
    with connected(Bare) as connection, pytest.raises(Unsupported) as caught:
        connection.sync_workforce(SYNC)
    assert caught.value.text == "Bare Payroll cannot do sync workforce here: the provider cannot."


def test_a_provider_without_a_destination_cannot_export() -> None:
    with connected(Bare) as connection, pytest.raises(Unsupported) as caught:
        connection.export(EXPORT)
    assert caught.value.text == "Bare Payroll has no export_timecards."


# -- the destination --------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def opened(**answers: object) -> Iterator[Any]:
    """Give the destination of an export that answers this."""
    with connected(export_timecards=Desk(Answers(**answers))) as connection:
        yield connection.export(EXPORT)


def test_reading_and_posting_pass_on_what_they_get_and_what_comes_back() -> None:
    desk = Answers(read=(POSTED,), post=POSTED)
    with connected(export_timecards=Desk(desk)) as connection:
        destination = connection.export(EXPORT)
        assert destination.read(SLOT) == (POSTED,)
        assert destination.post(ENTRY, "key-1") is POSTED
    assert desk.asked == [("read", SLOT), ("post", ENTRY, "key-1")]


def test_an_entry_may_be_answered_later() -> None:
    pending = Pending(id="receipt", slot=SLOT)
    with opened(post=pending) as destination:
        assert destination.post(ENTRY, "key-1") is pending


@pytest.mark.parametrize("answer", [None, [POSTED], ("row",), (POSTED, None)], ids=str)
def test_rows_that_are_no_rows_break_the_contract(answer: object) -> None:
    with opened(read=answer) as destination, pytest.raises(ContractError, match=r"payroll\.read returned"):
        destination.read(SLOT)


def test_a_reading_that_is_lost_is_transient() -> None:
    with opened(read=NotSent("Nothing left.")) as destination, pytest.raises(Transient):
        destination.read(SLOT)


@pytest.mark.parametrize("error", [NotSent("Nothing left."), NotExecuted(AuthError("Reconnect.")), Refused("1", "No.")])
def test_a_posting_that_certainly_did_not_happen_is_told_as_it_is(error: Exception) -> None:
    with opened(post=error) as destination, pytest.raises(type(error)):
        destination.post(ENTRY, "key-1")


@pytest.mark.parametrize("answer", [None, True, (POSTED,), ENTRY, TimeoutError(), AuthError("Reconnect.")], ids=str)
def test_any_other_end_of_a_posting_is_an_unknown_outcome(answer: object) -> None:
    with opened(post=answer) as destination, pytest.raises(UnknownOutcome):
        destination.post(ENTRY, "key-1")


def test_a_reading_whose_answer_was_lost_says_that_nothing_was_changed() -> None:
    """The words for a lost posting would send a person to look in payroll for nothing."""

    def lost() -> str:
        raise UnknownOutcome("X broke the connection, so look there first.", happened="X broke the connection")

    with pytest.raises(Transient, match=r"^X broke the connection: nothing was changed, try again later\.$"):
        guarded(Where("plugin", "read"), lost, str)
