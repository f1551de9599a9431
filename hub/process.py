"""The settings of this hub process, read from its environment once. A company's own settings live in the store."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from hub.errors import SettingsError

DATABASE_URL = "sqlite:///payroll-hub.db"
"""The database where none is named: a file in the working directory."""

OPERATION_SECONDS = 60.0
"""How long one call to a provider may take, where nothing else is said."""

FILE_DAYS = 30
"""For how many days the content of a file is kept, where nothing else is said."""


CALLS_PER_PROVIDER = 8
"""How many calls into one provider this process makes at once, where nothing else is said."""


@dataclass(frozen=True)
class Process:
    """What the operator of the installation decides. Its repr shows no key and no address of a database.

    `database_url`   HUB_DATABASE_URL: SQLite (default: payroll-hub.db in the working directory) or PostgreSQL
    `secret_key`     HUB_SECRET_KEY: 32 bytes in base64; empty means a key file beside the SQLite database
    `old_secret_key` HUB_OLD_SECRET_KEY: the key before, only for `hub keys rotate`
    `providers`      HUB_PROVIDERS: names of installed providers that may run at all, comma separated; None means all
    `strict`         HUB_STRICT_PROVIDERS=1: a provider that is not ok fails the command, for CI
    `strict_role`    HUB_STRICT_ROLE=1: a database role that PostgreSQL's row-level security does not bind is refused
    `smtp_url`       HUB_SMTP_URL: the mail server for notifications, such as smtps://user:password@host?from=hub@host
    `allow_loopback` HUB_ALLOW_LOOPBACK=1: providers may be reached on this machine, for simulators and tests
    `mark_file`      HUB_MARK_FILE: where to write how far exports came, so that a restored backup is noticed; by
                     default beside an SQLite database, and nowhere with PostgreSQL
    `ca_file`        HUB_CA_FILE: a certificate authority to trust beside the usual ones
    `file_days`      HUB_FILE_DAYS: for how many days files are kept that may hold BSNs (default 30); receipts stay
    `operation_seconds` HUB_OPERATION_SECONDS: how long one call to a provider may take, its answer included
    `calls_per_provider` HUB_CALLS_PER_PROVIDER: how many calls into one provider this process makes at once (default
                     8); one that hangs takes no more than these, so that others go on
    """

    database_url: str = field(default=DATABASE_URL, repr=False)
    secret_key: str = field(default="", repr=False)
    old_secret_key: str = field(default="", repr=False)
    providers: frozenset[str] | None = None
    strict: bool = False
    strict_role: bool = False
    smtp_url: str = field(default="", repr=False)
    allow_loopback: bool = False
    ca_file: str | None = None
    mark_file: str | None = None
    operation_seconds: float = OPERATION_SECONDS
    file_days: int = FILE_DAYS
    calls_per_provider: int = CALLS_PER_PROVIDER

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Process:
        """Read the settings from the environment, or from the mapping that is given in its place."""
        env = os.environ if environment is None else environment
        named = env.get("HUB_PROVIDERS")
        return cls(
            database_url=env.get("HUB_DATABASE_URL") or DATABASE_URL,
            secret_key=env.get("HUB_SECRET_KEY", ""),
            old_secret_key=env.get("HUB_OLD_SECRET_KEY", ""),
            providers=None if named is None else frozenset(name.strip() for name in named.split(",") if name.strip()),
            strict=env.get("HUB_STRICT_PROVIDERS") == "1",
            smtp_url=env.get("HUB_SMTP_URL", ""),
            strict_role=env.get("HUB_STRICT_ROLE") == "1",
            allow_loopback=env.get("HUB_ALLOW_LOOPBACK") == "1",
            ca_file=env.get("HUB_CA_FILE") or None,
            mark_file=env.get("HUB_MARK_FILE") or None,
            operation_seconds=_seconds(env.get("HUB_OPERATION_SECONDS") or str(OPERATION_SECONDS)),
            file_days=_days(env.get("HUB_FILE_DAYS") or str(FILE_DAYS)),
            calls_per_provider=_calls(env.get("HUB_CALLS_PER_PROVIDER") or str(CALLS_PER_PROVIDER)),
        )


def _seconds(text: str) -> float:
    """Read a number of seconds. Raises `SettingsError` unless it is between 0.1 and an hour."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.1 <= seconds <= 3600:
        raise SettingsError("HUB_OPERATION_SECONDS must be a number from 0.1 to 3600: the operator must correct it.")
    return seconds


def _days(text: str) -> int:
    """Read a number of days. Raises `SettingsError` unless it is between 1 and 366."""
    days = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else 0
    if not 1 <= days <= 366:
        raise SettingsError("HUB_FILE_DAYS must be a whole number from 1 to 366: the operator must correct it.")
    return days


def _calls(text: str) -> int:
    """Read a number of calls. Raises `SettingsError` unless it is between 1 and 100."""
    calls = int(text) if text.isascii() and text.isdigit() and len(text) <= 3 else 0
    if not 1 <= calls <= 100:
        raise SettingsError(
            "HUB_CALLS_PER_PROVIDER must be a whole number from 1 to 100: the operator must correct it."
        )
    return calls
