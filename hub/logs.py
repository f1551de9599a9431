"""Logging: one JSON line per event through the host's own logging, with personal data struck out."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, MutableMapping
from datetime import date
from typing import Any

import structlog

_EMAIL = re.compile(r"[^\s@\"'<>]+@[^\s@\"'<>]+\.\w+")
_NINE = re.compile(r"(?<!\d)(?:\d{8,9}|\d{4}[. ]\d{2}[. ]\d{3}|\d{3}[. ]\d{3}[. ]\d{3})(?!\d)")


def strike(text: str) -> str:
    """Strike out what may be an e-mail address or a BSN: when in doubt, struck."""
    return _NINE.sub("[number]", _EMAIL.sub("[e-mail]", text))


def _strike_all(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: _shown(value) for key, value in event.items()}


def _shown(value: Any) -> Any:  # noqa: ANN401 - whatever a caller logs
    """Return a value as it may be shown: struck where it is text or a number, by its class where it is an object."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, str | date):
        return strike(str(value))
    if isinstance(value, int):
        return value if strike(str(value)) == str(value) else strike(str(value))
    if isinstance(value, Mapping):
        return {strike(str(key)): _shown(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_shown(one) for one in value]
    return type(value).__name__  # never its repr: that of an exception or a model tells what it holds


def _as_line(_logger: object, _method: str, event: MutableMapping[str, Any]) -> tuple[Any, ...]:
    """Return the arguments for logging; without `exc_info` it would add a traceback, which ends in what was raised."""
    return (json.dumps(event, sort_keys=True),), {"exc_info": False}


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return a logger that obeys the host's logging settings and never shows a traceback."""
    logger: structlog.stdlib.BoundLogger = structlog.wrap_logger(
        logging.getLogger(name),
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.add_log_level,
            _strike_all,
            _as_line,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    return logger
