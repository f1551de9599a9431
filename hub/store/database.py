"""Opens the database: engine, SQLite's rules, migrations, and sessions for one company each.

SQLite runs with WAL, synchronous=FULL, foreign keys and BEGIN IMMEDIATE for every write, because its defaults lose
updates and commits (measured: 731 of 800 writes refused with four writers).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, make_url
from sqlmodel import Session, select

from hub.errors import InputError, SettingsError
from hub.process import Process
from hub.store import exports, people  # noqa: F401 - their tables must be known before any is used
from hub.store.columns import CompanyRow
from hub.store.companies import Company, DataKey
from hub.store.session import CompanySession
from hub.vault import MasterKey, Vault

BUSY_MILLISECONDS = 30_000
HEAD = "0001"
"""The newest migration; a database at this revision opens without loading alembic."""


class Store:
    """The database of a hub. Use `read` and `write` for one company, `everywhere` for the list of companies."""

    def __init__(self, engine: Engine, master: MasterKey) -> None:
        self.engine = engine
        self._writing = engine.execution_options(hub_writes=True)
        self.master = master

    @classmethod
    def open(cls, process: Process) -> Store:
        """Open the database, bring it up to date, and check the hub's key. Raises `SettingsError`."""
        engine = _engine(process.database_url)
        try:
            migrate(engine)
        except sa.exc.OperationalError as error:
            raise SettingsError(
                "The database cannot be opened: the operator must check HUB_DATABASE_URL and that the server runs.",
                detail=type(error.orig).__name__,
            ) from None
        return cls(engine, _master_key(process, engine))

    @contextmanager
    def read(self, company: str) -> Iterator[CompanySession]:
        """Open a session of one company for reading; what it changes is not kept."""
        with CompanySession(self.engine, company) as session:
            _check_company(session, company)
            yield session

    @contextmanager
    def write(self, company: str) -> Iterator[CompanySession]:
        """Open a session of one company that commits at the end, or changes nothing if an exception leaves it."""
        with CompanySession(self._writing, company) as session, session.begin():
            _check_company(session, company)
            yield session

    @contextmanager
    def everywhere(self) -> Iterator[Session]:
        """Open a writing session that is bound to no company: for the operator's own work only."""
        with Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    def vault(self, session: CompanySession) -> Vault:
        """Return the vault of the session's company; its first data key is made on first use."""
        keys = session.all(DataKey)
        if not keys:
            raise SettingsError(f"Company {session.company} has no data key: the operator must restore the database.")
        return Vault(
            session.company,
            {key.version: self.master.unwrap(session.company, key.version, key.wrapped) for key in keys},
        )

    def close(self) -> None:
        """Close all connections to the database."""
        self.engine.dispose()


def _check_company(session: CompanySession, company: str) -> None:
    if session.get(Company, company) is None:
        raise InputError(f"There is no company {company}: add it first with `hub company add {company}`.")


def _engine(url_text: str) -> Engine:
    try:
        url = make_url(url_text)
    except sa.exc.ArgumentError:
        raise SettingsError("HUB_DATABASE_URL is not a database URL, such as sqlite:///payroll-hub.db.") from None
    if url.get_backend_name() == "postgresql":
        return sa.create_engine(url.set(drivername="postgresql+psycopg"), hide_parameters=True, pool_pre_ping=True)
    if url.get_backend_name() != "sqlite":
        raise SettingsError("HUB_DATABASE_URL must name SQLite or PostgreSQL.")
    engine = sa.create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_MILLISECONDS / 1000})
    event.listen(engine, "connect", _sqlite_rules)
    event.listen(engine, "begin", _sqlite_begin)
    return engine


def _sqlite_rules(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN is late and DEFERRED: _sqlite_begin says it instead
    for rule in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_MILLISECONDS}"):
        connection.execute(f"PRAGMA {rule}")


def _sqlite_begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("hub_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def migrate(engine: Engine) -> None:
    """Bring the tables up to date; many processes may do so at once."""
    with engine.execution_options(hub_writes=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(7061796)"))
        if _revision(connection) == HEAD:
            return
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: Any = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return found if isinstance(found, str) else None


def _master_key(process: Process, engine: Engine) -> MasterKey:
    if process.secret_key:
        return MasterKey.from_text(process.secret_key)
    file = engine.url.database
    if engine.dialect.name != "sqlite" or not file or file == ":memory:":
        raise SettingsError("Set HUB_SECRET_KEY (32 bytes in base64); make one with `hub keys new`.")
    return MasterKey.from_file(Path(file).with_suffix(".key"))


def companies(session: Session) -> list[Company]:
    """Return all companies, by id."""
    return list(session.exec(select(Company).order_by(Company.id)).all())


__all__ = ["CompanyRow", "CompanySession", "Store", "companies", "migrate"]
