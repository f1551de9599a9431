"""The guard around every call into a plugin: what an exception means, and what never gets out."""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import gc
import logging
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Protocol

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub import guard
from hub.errors import (
    AuthError,
    ContractError,
    HubError,
    InputError,
    NotExecuted,
    NotSent,
    PermissionMissing,
    Refused,
    SettingsError,
    Transient,
    UnknownOutcome,
    Unsupported,
)
from hub.guard import Where, guarded

READS = Where("nmbrs", "read")
CHANGES = Where("nmbrs", "post", changes=True)
BOTH = pytest.mark.parametrize("where", [READS, CHANGES], ids=lambda one: one.call)
SECRET = "hunter2"

ERRORS: tuple[HubError, ...] = (
    HubError("Something of the hub."),
    InputError("A row is wrong."),
    SettingsError("A setting is wrong."),
    AuthError("Reconnect."),
    PermissionMissing("A right is missing.", right="Hours"),
    Refused("1004", "There is no such employee."),
    Transient("Later.", retry_after=7),
    UnknownOutcome("Nobody knows.", status=502, retry_after=9, detail="HTTP 502"),
    ContractError("Not as agreed."),
    Unsupported("It cannot do that."),
    NotSent("Nothing left.", detail="refused"),
    NotExecuted(AuthError("Reconnect.")),
)


def raised(where: Where, error: BaseException) -> HubError:
    """Return what the guard raises where the plugin raises this."""
    with pytest.raises(HubError) as caught:
        guarded(where, lambda: throw(error), object)
    return caught.value


def throw(error: BaseException) -> object:
    """Raise an error from another one, as a plugin does that met it in an answer."""
    try:
        raise LookupError(f"the answer holds {SECRET}")
    except LookupError:
        error.add_note(f"a note with {SECRET}")
        raise error  # noqa: B904 - that it comes along as the context is what is tested


# -- what comes back --------------------------------------------------------------------------------------------------


@BOTH
def test_a_result_of_an_expected_type_comes_back_as_it_is(where: Where) -> None:
    result = ["a row"]
    assert guarded(where, lambda: result, tuple, list) is result


async def coroutine() -> str:
    """A hook that is not awaited by anybody."""
    return "late"


def generator() -> Iterator[str]:
    """A hook whose body has not run yet when it returns."""
    yield "late"


async def asynchronous_generator() -> AsyncIterator[str]:
    """Both at once."""
    yield "late"


WRONG: tuple[Callable[[], object], ...] = (
    lambda: None,
    lambda: 7,
    lambda: str,
    coroutine,
    generator,
    asynchronous_generator,
)


@pytest.mark.parametrize("call", WRONG)
def test_another_result_of_a_reading_is_for_the_author_to_mend(call: Callable[[], object]) -> None:
    with pytest.raises(ContractError, match=r"nmbrs\.read returned \w+ instead of str or bytes: the author of nmbrs"):
        guarded(READS, call, str, bytes)


@pytest.mark.parametrize("call", WRONG)
def test_another_result_of_a_change_leaves_its_outcome_unknown(call: Callable[[], object]) -> None:
    with pytest.raises(UnknownOutcome, match=r"nmbrs\.post returned \w+ instead of str: the author of nmbrs"):
        guarded(CHANGES, call, str)


@BOTH
@pytest.mark.filterwarnings("error")
def test_a_coroutine_is_closed_so_that_python_does_not_warn_that_nobody_awaited_it(where: Where) -> None:
    made: list[Any] = []
    with pytest.raises(HubError):
        guarded(where, lambda: made.append(coroutine()) or made[0], str)  # type: ignore[func-returns-value]
    assert made.pop().cr_frame is None
    gc.collect()  # a coroutine that was not closed would warn here, and a warning is an error


# -- what an exception means ------------------------------------------------------------------------------------------

SAME = {Refused, NotSent, NotExecuted, UnknownOutcome}


@pytest.mark.parametrize("error", ERRORS, ids=lambda one: type(one).__name__)
def test_of_a_change_only_four_errors_are_told_and_all_else_is_an_unknown_outcome(error: HubError) -> None:
    found = raised(CHANGES, error)
    assert type(found) is (type(error) if type(error) in SAME else UnknownOutcome)
    assert (found is error) is (type(error) in SAME)
    assert found.text == error.text


READ = {NotSent: Transient, UnknownOutcome: Transient, NotExecuted: AuthError}


@pytest.mark.parametrize("error", ERRORS, ids=lambda one: type(one).__name__)
def test_of_a_reading_what_was_lost_is_transient_and_all_else_is_told_as_it_is(error: HubError) -> None:
    found = raised(READS, error)
    assert type(found) is READ.get(type(error), type(error))
    assert found.text == error.text


@pytest.mark.parametrize("reason", [NotSent("Lost."), UnknownOutcome("Lost."), NotExecuted(NotSent("Lost."))])
def test_the_reason_why_a_reading_was_not_executed_is_read_in_its_turn(reason: HubError) -> None:
    found = raised(READS, NotExecuted(reason))
    assert (type(found), found.text) == (Transient, "Lost.")


@BOTH
@pytest.mark.parametrize("error", [Transient("Later.", retry_after=7), UnknownOutcome("Nobody knows.", retry_after=7)])
def test_a_pause_that_the_provider_asked_for_is_kept(where: Where, error: HubError) -> None:
    found = raised(where, error)
    assert isinstance(found, Transient | UnknownOutcome)
    assert found.retry_after == 7


CRASHES = (ValueError(SECRET), SystemExit(SECRET), asyncio.CancelledError(SECRET), ExceptionGroup(SECRET, [ERRORS[3]]))


@pytest.mark.parametrize("error", CRASHES, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize(("where", "expected"), [(READS, ContractError), (CHANGES, UnknownOutcome)])
def test_a_crash_names_the_plugin_the_call_the_class_and_the_place(
    error: BaseException, where: Where, expected: type[HubError]
) -> None:
    found = raised(where, error)
    assert type(found) is expected
    told = f"nmbrs failed in {where.call} ({type(error).__name__}): the author of nmbrs must mend it."
    assert found.text == told
    assert "test_guard.py:" in found.detail


@BOTH
def test_a_person_who_stops_the_program_stops_it(where: Where) -> None:
    with pytest.raises(KeyboardInterrupt):
        guarded(where, lambda: throw(KeyboardInterrupt()), object)


class Forgetful(Refused):
    """A plugin's own error that forgets to call the constructor above it."""

    def __init__(self) -> None:
        Exception.__init__(self, SECRET)


class Hollow(NotExecuted):
    """A plugin's own error whose reason is not whole either."""

    def __init__(self) -> None:
        HubError.__init__(self, "Not done.")
        self.reason = Forgetful()


@pytest.mark.parametrize("error", [Forgetful(), Hollow()], ids=lambda one: type(one).__name__)
@pytest.mark.parametrize(("where", "expected"), [(READS, ContractError), (CHANGES, UnknownOutcome)])
def test_an_error_of_the_hub_that_is_not_whole_counts_as_a_crash(
    error: HubError, where: Where, expected: type[HubError]
) -> None:
    found = raised(where, error)
    assert type(found) is expected
    assert type(error).__name__ in found.text


# -- the rule that nobody is paid twice: a property, and a guard that breaks it ---------------------------------------


class Guard(Protocol):
    """What the guard is to its callers."""

    def __call__(self, where: Where, call: Callable[[], object], *expected: type) -> object: ...


BUILT_IN: list[type[BaseException]] = [
    one
    for one in vars(builtins).values()
    if isinstance(one, type) and issubclass(one, BaseException) and not issubclass(one, KeyboardInterrupt)
]
"""Every exception class of Python but the one that stops a program."""


def make(kind: type[BaseException]) -> BaseException:
    """Make an exception of any class, without asking its constructor."""
    return kind.__new__(kind, "text") if not issubclass(kind, BaseExceptionGroup) else kind("text", [ValueError()])


exceptions = st.one_of(
    st.sampled_from(ERRORS),
    st.sampled_from([*BUILT_IN, asyncio.CancelledError]).map(make),
    st.sampled_from((Exception, ValueError, HubError, Refused, NotSent, NotExecuted, SystemExit))
    .map(lambda base: type("Own", (base,), {}))
    .map(make),
)


def check_a_change(guard: Guard, error: BaseException) -> None:
    """Check what a changing call may end in: *refused*, *not sent* and *not executed* only as the plugin said so."""
    with pytest.raises(HubError) as caught:
        guard(CHANGES, lambda: throw(error), object)
    assert isinstance(caught.value, UnknownOutcome) or caught.value is error
    assert isinstance(caught.value, NotSent | NotExecuted | Refused | UnknownOutcome)


@given(exceptions)
def test_whatever_a_changing_call_raises_it_is_certain_or_unknown(error: BaseException) -> None:
    check_a_change(guarded, error)


def hopeful(where: Where, call: Callable[[], object], *expected: type) -> object:
    """A guard that is wrong: it takes an error that it does not know for a refusal, so the entry is sent again."""
    try:
        return guarded(where, call, *expected)
    except UnknownOutcome as error:
        raise Refused("crash", error.text) from None


def leaking(where: Where, call: Callable[[], object], *expected: type) -> object:
    """A guard that is wrong: it takes every error of the hub for one that is certain."""
    return guarded(Where(where.plugin, where.call), call, *expected)


@pytest.mark.parametrize("mutant", [hopeful, leaking])
def test_the_property_finds_a_guard_that_is_wrong(mutant: Guard) -> None:
    @settings(database=None, report_multiple_bugs=False)
    @given(exceptions)
    def same_property(error: BaseException) -> None:
        check_a_change(mutant, error)

    with pytest.raises(AssertionError):
        same_property()


# -- what never gets out ----------------------------------------------------------------------------------------------


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and all that came before it."""
    if error is not None:
        yield error
        yield from chain(error.__cause__)
        yield from chain(error.__context__)
        yield from chain(getattr(error, "reason", None))


def everything(error: HubError) -> str:
    """Return all the text that a log, a screen or another process could show of an error."""
    parts = [
        f"{one} {one!r} {one.args} {vars(one)} {getattr(one, '__notes__', '')} {traceback.format_exception(one)}"
        for one in chain(error)
    ]
    return "".join(parts)


@BOTH
@pytest.mark.parametrize("error", [*ERRORS, *CRASHES], ids=lambda one: type(one).__name__)
def test_nothing_of_what_an_error_was_raised_from_gets_out(
    where: Where, error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        found = raised(where, error)
    assert (found.__cause__, found.__context__) == (None, None)
    assert SECRET not in everything(found)
    assert SECRET not in caplog.text


def test_the_reason_within_an_error_is_cut_off_as_well() -> None:
    with pytest.raises(AuthError) as caught:
        throw(AuthError("Reconnect."))
    assert SECRET in everything(caught.value)
    assert SECRET not in everything(raised(CHANGES, NotExecuted(caught.value)))


# -- the log ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("error", "outcome"), [(None, "ok"), (ValueError(SECRET), "UnknownOutcome")])
def test_every_call_is_one_line_in_the_log(
    error: BaseException | None, outcome: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="hub.plugin"), contextlib.suppress(UnknownOutcome):
        guarded(CHANGES, lambda: throw(error) if error else "posted", str)
    (line,) = caplog.messages
    assert '"plugin": "nmbrs"' in line
    assert '"call": "post"' in line
    assert f'"outcome": "{outcome}"' in line


class BrokenLog:
    """A log on a disk that is full."""

    def debug(self, *_: object, **__: object) -> None:
        """Fail."""
        raise OSError("no space left")


@pytest.mark.parametrize("where", [READS, CHANGES], ids=lambda one: one.call)
def test_a_log_that_fails_decides_nothing(where: Where, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "log", BrokenLog())
    assert guarded(where, lambda: "posted", str) == "posted"
    assert type(raised(where, Refused("1004", "No."))) is Refused
