"""Makes the engine for SQLite or PostgreSQL, with the rules of each; its errors never quote what a row holds."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import URL, Connection, Engine, ExceptionContext, make_url

from hub.errors import SettingsError
from hub.store.rows_apart import say_company

BUSY_MILLISECONDS = 30_000
"""How long a writer waits for another one on SQLite."""


def make_engine(url_text: str) -> Engine:
    """Return an engine for HUB_DATABASE_URL; connects to nothing yet. Raises `SettingsError`, never with a password."""
    url = _url(url_text)
    if url.get_backend_name() == "postgresql":
        return _postgresql(url)
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    raise SettingsError("HUB_DATABASE_URL must name SQLite or PostgreSQL.")


def _url(text: str) -> URL:
    try:
        return make_url(text)
    except (sa.exc.ArgumentError, ValueError):  # the second quotes what stands where the port belongs: a password
        raise SettingsError("HUB_DATABASE_URL is not a database URL, such as sqlite:///payroll-hub.db.") from None


def _postgresql(url: URL) -> Engine:
    try:
        engine = sa.create_engine(url.set(drivername="postgresql+psycopg"), hide_parameters=True, pool_pre_ping=True)
    except ModuleNotFoundError:
        raise SettingsError("PostgreSQL needs psycopg: the integrator must install payroll-hub[postgres].") from None
    event.listen(engine, "connect", _commits_at_once)
    event.listen(engine, "handle_error", _without_values)
    event.listen(engine, "begin", say_company)
    return engine


_COMMIT_AT_ONCE = (
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
)


def _commits_at_once(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own connection
    """Let a commit wait for the disk where the server would not.

    A server that fails forgets the last commits else, and with them attempts of calls that payroll has carried out.
    """
    connection.execute(_COMMIT_AT_ONCE)
    connection.commit()


def _without_values(context: ExceptionContext) -> None:
    """Keep what PostgreSQL quotes out of an error and of its cause.

    Its DETAIL holds the key or the whole row that failed; of data exceptions (class 22) the message itself holds the
    value. `hide_parameters` hides neither.
    """
    cause, shown = context.original_exception, context.sqlalchemy_exception
    state = getattr(cause, "sqlstate", None)
    if state is None or shown is None:
        return
    name = type(cause).__name__
    text = f"{name} {state}" if state.startswith("22") else f"{name}: {cause.diag.message_primary}"  # type: ignore[attr-defined]
    cause.args = shown.args = (text,)


def _sqlite(url: URL) -> Engine:
    engine = sa.create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_MILLISECONDS / 1000})
    event.listen(engine, "connect", _sqlite_rules)
    event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_rules(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is late and DEFERRED: _sqlite_begin says it instead
    for rule in (f"busy_timeout={BUSY_MILLISECONDS}", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {rule}")
    give_up = time.monotonic() + BUSY_MILLISECONDS / 1000
    while not _writes_ahead(connection) and time.monotonic() < give_up:
        time.sleep(0.01)


def _writes_ahead(connection: sqlite3.Connection) -> bool:
    """Switch to WAL, once for the life of the file; False while another process does so too: SQLite does not wait."""
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        return False
    return True


def _sqlite_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("hub_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
