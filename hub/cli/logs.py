"""Logging of the command line: JSON lines on standard error, with personal data struck out of everybody's lines."""

from __future__ import annotations

import json
import logging

import structlog

from hub.errors import SettingsError
from hub.logs import strike

LEVELS = ("debug", "info", "warning", "error")


def start_logging(level: str) -> None:
    """Log the hub's own events from this level on, by default warnings. Raises `SettingsError` for another word.

    Other libraries stay at warnings: at debug level SQLAlchemy shows rows and zeep whole messages.
    """
    word = level.strip().lower() or "warning"
    if word not in LEVELS:
        raise SettingsError(f"HUB_LOG takes {', '.join(LEVELS)}: correct it, or leave it out.")
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("hub").setLevel(word.upper())
    _adopt_structlog(word)


def _adopt_structlog(word: str) -> None:
    """Bring home what libraries log through structlog, which else prints to standard output, between the JSON."""
    told = structlog.processors.KeyValueRenderer(key_order=["event"])
    structlog.configure(logger_factory=structlog.stdlib.LoggerFactory(), processors=[told])
    # A reading that is tried again is no news for a person at a terminal.
    logging.getLogger("stamina").setLevel(logging.WARNING if word in ("debug", "info") else logging.ERROR)


class _JsonLines(logging.Formatter):
    """The hub's events are JSON already; a line of anybody else is struck and wrapped, without its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name.split(".")[0] == "hub":
            return record.getMessage()
        line = {"event": strike(record.getMessage()), "level": record.levelname.lower(), "logger": record.name}
        return json.dumps(line, sort_keys=True, ensure_ascii=False)
