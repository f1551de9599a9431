"""The guard around every call into a plugin: times it, checks what comes back, and says what an exception means."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from hub.errors import ContractError, HubError, NotExecuted, NotSent, Refused, Transient, UnknownOutcome
from hub.logs import get_logger

T = TypeVar("T")

log = get_logger("hub.plugin")


@dataclass(frozen=True)
class Where:
    """Which call it is: the plugin, the method, and whether the call can change something at the provider."""

    plugin: str
    call: str
    changes: bool = False


def guarded(where: Where, call: Callable[[], T], *expected: type) -> T:
    """Run one call into a plugin and return its result, which is one of the expected types.

    A call that reads raises only errors of the hub: what was lost on the way is `Transient`. A call that changes raises
    `NotSent`, `NotExecuted` or `Refused`; whatever else happens there, a wrong result included, is `UnknownOutcome`.
    """
    began = time.perf_counter()
    try:
        result = call()
        _check(where, result, expected)
    except (Exception, SystemExit) as error:
        meant = _meaning(where, error)
        _tell(where, began, type(meant).__name__, meant.detail)
        if meant is error:
            raise
        raise meant from None  # the chain may carry what the provider answered
    _tell(where, began, "ok", "")
    return result


def _check(where: Where, result: object, expected: tuple[type, ...]) -> None:
    """Refuse None, a coroutine, a generator and every other type than the expected."""
    if inspect.iscoroutine(result):
        result.close()
    if not isinstance(result, expected):
        wanted = " or ".join(one.__name__ for one in expected)
        raise ContractError(
            f"{where.plugin}.{where.call} returned {type(result).__name__} instead of {wanted}: "
            f"the author of {where.plugin} must mend it."
        )


def _meaning(where: Where, error: BaseException) -> HubError:
    if where.changes:
        return error if isinstance(error, NotSent | NotExecuted | Refused | UnknownOutcome) else _unknown(where, error)
    if isinstance(error, NotSent):
        return Transient(error.text, detail=error.detail)
    if isinstance(error, UnknownOutcome):
        return Transient(error.text, retry_after=error.retry_after, detail=error.detail)
    if isinstance(error, NotExecuted):
        return error.reason
    return error if isinstance(error, HubError) else _crash(where, error)


def _unknown(where: Where, error: BaseException) -> UnknownOutcome:
    text = error.text if isinstance(error, HubError) else _crash(where, error).text
    return UnknownOutcome(text, detail=f"{type(error).__name__} in {where.plugin}.{where.call}")


def _crash(where: Where, error: BaseException) -> ContractError:
    """Tell of an exception that the contract does not know, without its text: that may hold anything."""
    return ContractError(
        f"{where.plugin} failed in {where.call} ({type(error).__name__}): the author of {where.plugin} must mend it.",
        detail=_place(error),
    )


def _place(error: BaseException) -> str:
    """Return file and line where an exception was raised."""
    frames = inspect.getinnerframes(error.__traceback__) if error.__traceback__ else []
    return f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""


def _tell(where: Where, began: float, outcome: str, detail: str) -> None:
    """Log one event per call. A log that fails must not fail the call."""
    try:
        milliseconds = round((time.perf_counter() - began) * 1000, 1)
        log.debug("plugin call", plugin=where.plugin, call=where.call, ms=milliseconds, outcome=outcome, detail=detail)
    except Exception:  # noqa: BLE001, S110 - an observer never decides the outcome of a posting
        pass
