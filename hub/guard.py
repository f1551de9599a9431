"""The guard around every call into a plugin: times it, checks what comes back, and says what an exception means."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
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

    | what the plugin raises | a call that reads raises     | a call that changes raises |
    |------------------------|------------------------------|----------------------------|
    | `Refused`              | the same                     | the same                   |
    | `NotSent`              | `Transient`                  | the same                   |
    | `NotExecuted`          | its reason, read as raised   | the same                   |
    | `UnknownOutcome`       | `Transient`                  | the same                   |
    | another `HubError`     | the same                     | `UnknownOutcome`           |
    | anything else          | `ContractError`              | `UnknownOutcome`           |

    A result of another type counts as `ContractError`. Only `KeyboardInterrupt` passes through. What an error was
    raised from is cut off: it may quote what the provider answered.
    """
    began = time.perf_counter()
    try:
        result = call()
        _check(where, result, expected)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - SystemExit and a task's CancelledError are no Exception
        failure = _alone(_meaning(where, error))
    else:
        _tell(where, began, "ok", "")
        return result
    _tell(where, began, type(failure).__name__, failure.detail)
    raise failure  # outside `except`, where what came first would come along as its context


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
    told = error if isinstance(error, HubError) and _is_complete(error) else _crash(where, error)
    return _of_change(where, told) if where.changes else _of_reading(told)


def _of_change(where: Where, error: HubError) -> HubError:
    if isinstance(error, NotSent | NotExecuted | Refused | UnknownOutcome):
        return error
    detail = f"{type(error).__name__} in {where.plugin}.{where.call} {error.detail}".rstrip()
    return UnknownOutcome(error.text, retry_after=getattr(error, "retry_after", None), detail=detail)


def _of_reading(error: HubError) -> HubError:
    if isinstance(error, NotExecuted):
        return _of_reading(error.reason)
    if isinstance(error, NotSent):
        return Transient(error.text, detail=error.detail)
    if isinstance(error, UnknownOutcome):
        text = f"{error.happened}: nothing was changed, try again later." if error.happened else error.text
        return Transient(text, retry_after=error.retry_after, detail=error.detail)
    return error


def _is_complete(error: object) -> bool:
    """Tell whether it is an error of the hub with all that its class promises: a plugin's own subclass may forget."""
    if not isinstance(error, HubError):
        return False
    home = next(one for one in type(error).__mro__ if one.__module__ == HubError.__module__)
    parts = ("text", "detail", *inspect.signature(home).parameters)
    whole = all(hasattr(error, part) for part in parts)
    return whole and (not isinstance(error, NotExecuted) or _is_complete(error.reason))


def _alone(error: HubError) -> HubError:
    """Cut off what an error was raised from, and its notes."""
    error.__cause__ = error.__context__ = None
    vars(error).pop("__notes__", None)
    if isinstance(error, NotExecuted):
        _alone(error.reason)
    return error


def _crash(where: Where, error: BaseException) -> ContractError:
    """Tell of an exception that the contract does not know, without its text: that may hold anything."""
    return ContractError(
        f"{where.plugin} failed in {where.call} ({type(error).__name__}): the author of {where.plugin} must mend it.",
        detail=_place(error),
    )


def _place(error: BaseException) -> str:
    """Return file and line where an exception was raised."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""


def _tell(where: Where, began: float, outcome: str, detail: str) -> None:
    """Log one event per call. A log that fails must not fail the call."""
    try:
        milliseconds = round((time.perf_counter() - began) * 1000, 1)
        log.debug("plugin call", plugin=where.plugin, call=where.call, ms=milliseconds, outcome=outcome, detail=detail)
    except Exception:  # noqa: BLE001, S110 - an observer never decides the outcome of a posting
        pass
