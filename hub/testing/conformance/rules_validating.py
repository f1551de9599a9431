"""Rules about validation: it says what payroll would refuse, and touches nothing."""

# ruff: noqa: D401 - the docstring of a rule says what must hold

from __future__ import annotations

from hub.models import Entry, ValidateRequest
from hub.registry import vars_of
from hub.testing.conformance.bench import TODAY, Bench, Opened
from hub.testing.conformance.rule import POSTS, Group, NotApplicable, expect, rule
from hub.testing.conformance.watching import connections


@rule("validate-writes-nothing", "Whoever looks at a plan has not released it.", Group.VALIDATING, POSTS)
def validate_writes_nothing(bench: Bench) -> None:
    """The remote holds the same after validating, offline and online, and validating can be done."""
    opened = _validating(bench)
    requests = [_request(opened, online=online) for online in (False, True)]
    before = opened.held
    for request in requests:
        found = opened.connection.validate(request)
        expect(not any(one.code == "not_checked" for one in found), "validate failed")
    expect(opened.held == before, "validate changed something at the remote")


@rule(
    "validate-offline-opens-no-socket",
    "A plan is shown while people type, and where payroll cannot be reached.",
    Group.VALIDATING,
    POSTS,
)
def validate_offline_opens_no_socket(bench: Bench) -> None:
    """Offline, nothing is looked up, connected to or called."""
    opened = _validating(bench)
    request = _request(opened, online=False)
    fresh = bench.again(opened)
    with connections() as seen:
        called = opened.calling(lambda: (fresh.connection.validate(request), opened.connection.validate(request)))
    expect(not seen, f"validate opened a connection to {', '.join(seen)}")
    expect(not called, f"validate called {', '.join(called)}")


def _validating(bench: Bench) -> Opened:
    if "validate" not in dict(vars_of(bench.provider)):
        raise NotApplicable("it does not validate")
    return bench.open()


def _request(opened: Opened, *, online: bool) -> ValidateRequest:
    entries: tuple[Entry, ...] = tuple(opened.entry(kind) for kind in opened.kinds)
    return ValidateRequest(
        administration=opened.administration, period=opened.period, entries=entries, today=TODAY, online=online
    )
