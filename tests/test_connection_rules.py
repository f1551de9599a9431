"""What validates an export: the provider and a house's own rules, each heard, and none that fails is passed over."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import pytest

from hub import (
    ActivateRequest,
    Activation,
    Administration,
    ExportRequest,
    Finding,
    PeriodType,
    Provider,
    ProviderSettings,
    SettingsError,
    Severity,
    Transient,
    ValidateRequest,
    WagePeriod,
    hookimpl,
)
from hub.connection import Connection

PERIOD = WagePeriod(type=PeriodType.MONTH, year=2026, number=10, start=date(2026, 10, 1), end=date(2026, 10, 31))
VALIDATE = ValidateRequest(
    administration=Administration(id="3101", name="Cafe"), period=PERIOD, entries=(), today=date(2026, 11, 2)
)
SECRET = "hunter2"


def finding(code: str) -> Finding:
    """Return a finding of this code."""
    return Finding(code=code, severity=Severity.WARN, text="Something is odd.", action="Look at it.")


class House:
    """A house's own rule."""

    def __init__(self, find: Callable[[], Any] = lambda: (finding("house"),)) -> None:
        self.find = find
        self.asked: list[ValidateRequest] = []

    @hookimpl
    def validate(self, request: ValidateRequest) -> tuple[Finding, ...]:
        """Find what it was told to find."""
        self.asked.append(request)
        found: tuple[Finding, ...] = self.find()
        return found


class Bare(Provider):
    """A provider that checks nothing."""

    name = "payroll"
    title = "Some Payroll"

    @hookimpl
    def activate(self, request: ActivateRequest) -> Activation:
        """Reach nothing."""
        return Activation(administrations=())


class Checking(Bare):
    """A provider that checks."""

    @hookimpl
    def validate(self, request: ValidateRequest) -> tuple[Finding, ...]:
        """Find one thing."""
        return (finding("provider"),)


class Failing(Bare):
    """A provider that fails to check."""

    @hookimpl
    def validate(self, request: ValidateRequest) -> tuple[Finding, ...]:
        """Fail."""
        raise KeyError(SECRET)


@contextlib.contextmanager
def connected(provider: type[Provider] = Checking, **rules: object) -> Iterator[Connection]:
    """Give a connection with these rules."""
    with Connection(provider, ProviderSettings(), rules=rules) as connection:
        yield connection


def test_the_provider_and_every_rule_get_the_request_itself_and_are_heard_in_turn() -> None:
    first, second = House(lambda: (finding("one"), finding("two"))), House()
    with connected(first=first, second=second) as connection:
        assert [one.code for one in connection.validate(VALIDATE)] == ["provider", "one", "two", "house"]
    assert (first.asked, second.asked) == ([VALIDATE], [VALIDATE])
    assert first.asked[0] is second.asked[0] is VALIDATE


def test_a_rule_is_heard_where_the_provider_checks_nothing() -> None:
    with connected(Bare, house=House()) as connection:
        assert [one.code for one in connection.validate(VALIDATE)] == ["house"]


def test_nothing_is_found_where_nobody_checks() -> None:
    with connected(Bare) as connection:
        assert connection.validate(VALIDATE) == ()


def test_a_rule_of_one_connection_is_not_heard_in_another() -> None:
    house = House()
    with connected(house=house) as first, connected() as second:
        second.validate(VALIDATE)
        assert house.asked == []
        first.validate(VALIDATE)
        assert house.asked == [VALIDATE]


# -- what fails -------------------------------------------------------------------------------------------------------


def fail(error: BaseException) -> Any:
    """Raise an error."""
    raise error


async def late() -> tuple[Finding, ...]:
    """Find something, but not yet."""
    return ()


FAILING: Mapping[str, Callable[[], Any]] = {
    "crash": lambda: fail(ValueError(SECRET)),
    "exit": lambda: fail(SystemExit(SECRET)),
    "transient": lambda: fail(Transient("Later.")),
    "nothing": lambda: None,
    "list": lambda: [finding("list")],
    "text": lambda: (SECRET,),
    "coroutine": late,
}


@pytest.mark.parametrize("find", FAILING.values(), ids=FAILING)
def test_a_rule_that_fails_blocks_by_name_and_the_others_are_still_heard(find: Callable[[], Any]) -> None:
    with connected(odd=House(find), last=House()) as connection:
        before, failed, after = connection.validate(VALIDATE)
    assert (before.code, after.code) == ("provider", "house")
    assert (failed.code, failed.severity) == ("not_checked", Severity.BLOCK)
    assert failed.text.startswith("odd could not check this export: ")
    assert failed.action
    assert SECRET not in failed.text


def test_a_provider_that_fails_blocks_by_name_and_the_rules_are_still_heard() -> None:
    with connected(Failing, house=House()) as connection:
        failed, heard = connection.validate(VALIDATE)
    assert (failed.severity, failed.text.partition(" ")[0], heard.code) == (Severity.BLOCK, "payroll", "house")
    assert SECRET not in failed.text


def test_a_person_who_stops_the_program_stops_it() -> None:
    with connected(odd=House(lambda: fail(KeyboardInterrupt()))) as connection, pytest.raises(KeyboardInterrupt):
        connection.validate(VALIDATE)


# -- what is no rule --------------------------------------------------------------------------------------------------


class Silent:
    """A rule whose author forgot the mark, so that pluggy would never ask it."""

    def validate(self, request: ValidateRequest) -> tuple[Finding, ...]:
        """Answer nobody."""
        return ()


class Thief(House):
    """A rule that also wants to be where the entries go."""

    @hookimpl
    def export_timecards(self, request: ExportRequest) -> object:
        """Take them."""
        return self


class Misspelt(House):
    """A rule with a hook that does not exist."""

    @hookimpl
    def valdiate(self, request: ValidateRequest) -> tuple[Finding, ...]:
        """Answer nobody."""
        return ()


class Greedy:
    """A rule that wants an argument that nobody gives."""

    @hookimpl
    def validate(self, request: ValidateRequest, force: bool) -> tuple[Finding, ...]:
        """Answer nobody."""
        return ()


RULES = (Silent(), Thief(), Misspelt(), Greedy(), House, object())


@pytest.mark.parametrize("rule", RULES, ids=["silent", "thief", "misspelt", "greedy", "class", "object"])
def test_a_rule_that_does_anything_but_validate_is_refused_at_once(rule: object) -> None:
    with pytest.raises(SettingsError, match="Rule odd must be an object"), connected(odd=rule):
        pass


def test_a_rule_cannot_take_the_place_of_the_provider() -> None:
    with pytest.raises(SettingsError, match="Rule payroll must be"), connected(payroll=House()):
        pass
