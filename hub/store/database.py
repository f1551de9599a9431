"""Opens the database: migrations, the hub's key, and sessions for one company each.

SQLite runs with WAL, synchronous=FULL, foreign keys and BEGIN IMMEDIATE for every write, because its defaults lose
updates and commits (measured: 731 of 800 writes refused with four writers).
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlmodel import Session, select

from hub.errors import NotThere, SettingsError
from hub.logs import get_logger
from hub.process import Process
from hub.store import access, events, exports, files, jobs, kept, people  # noqa: F401 - their tables must be known before any is used
from hub.store.columns import CompanyRow
from hub.store.companies import Company, DataKey
from hub.store.engine import make_engine
from hub.store.mark import Mark
from hub.store.prepared import CompanyConnection
from hub.store.rows_apart import of_all, of_company, unbound
from hub.store.session import CompanySession
from hub.store.turns import Turns
from hub.vault import FINGERPRINT_BYTES, WRONG_KEY, MasterKey, Vault

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0007"
"""The newest migration; a database at this revision opens without loading alembic."""


class Store:
    """The database of a hub. Use `read` and `write` for one company, `everywhere` for the list of companies."""

    def __init__(self, engine: Engine, master: MasterKey, mark: Mark) -> None:
        self.engine = engine
        self.mark = mark
        self.turns = Turns(engine)
        self._writing = engine.execution_options(hub_writes=True)
        self.master = master
        # On SQLite the threads of a process queue here, which is quicker than trying again and again for its one lock.
        self._alone: AbstractContextManager[object] = (
            threading.Lock() if engine.dialect.name == "sqlite" else nullcontext()
        )

    @classmethod
    def open(cls, process: Process) -> Store:
        """Open the database, bring it up to date, and check the hub's key. Raises `SettingsError`."""
        with ExitStack() as undo:
            engine = make_engine(process.database_url)
            undo.callback(engine.dispose)
            _bring_up_to_date(engine)
            _check_role(engine, strict=process.strict_role)
            store = cls(engine, _master_key(process, engine), Mark.beside(engine.url, process.mark_file))
            undo.pop_all()
            return store

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
    def journal(self, company: str) -> Iterator[CompanyConnection]:
        """Open a connection of one company for prepared statements; it commits like `write` and costs far less."""
        with self._alone, of_company(self._writing, company).begin() as connection:
            bound = CompanyConnection(connection, company, collects=True)
            yield bound
            bound.finish()

    @contextmanager
    def look(self, company: str) -> Iterator[CompanyConnection]:
        """Open a connection of one company for prepared statements that only read; it waits for no writer.

        Each statement reads of its own moment, unless `one_moment` is asked for.
        """
        with of_company(self.engine, company).connect() as connection:
            yield CompanyConnection(connection, company)

    @contextmanager
    def everywhere(self) -> Iterator[Session]:
        """Open a writing session that is bound to no company: for the operator's own work only."""
        with Session(of_all(self._writing), expire_on_commit=False) as session, session.begin():
            yield session

    def vault(self, session: CompanySession) -> Vault:
        """Return the vault of the session's company; a rotation of its keys waits for the session's transaction."""
        session.hold_keys()
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
        raise NotThere(f"There is no company {company}: add it first.", command=f"`hub company add {company}`")


def _bring_up_to_date(engine: Engine) -> None:
    try:
        migrate(engine)
    except sa.exc.DatabaseError as error:
        # SQLite says plain DatabaseError of a file that is no database.
        if not isinstance(error, sa.exc.OperationalError) and type(error.orig) is not sqlite3.DatabaseError:
            raise
        raise SettingsError(
            "The database cannot be opened: the operator must check HUB_DATABASE_URL and that the server runs.",
            detail=type(error.orig).__name__,
        ) from None


def _check_role(engine: Engine, *, strict: bool) -> None:
    """Warn of a role that row-level security does not bind, once per process. Raises `SettingsError` if `strict`."""
    problem = unbound(engine)
    if problem and strict:
        raise SettingsError(problem)
    if problem:
        _warn(problem)


@cache
def _warn(problem: str) -> None:
    get_logger(__name__).warning("companies are not kept apart by the database", problem=problem)


def migrate(engine: Engine) -> None:
    """Bring the tables up to date; many processes may do so at once."""
    with of_all(engine).execution_options(hub_writes=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(7061796)"))
        if _revision(connection) == HEAD:
            return
        from alembic import command

        command.upgrade(migrations(connection), "head")


def migrations(connection: Connection) -> Config:
    """Return what alembic's commands need to work on this connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: Any = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return found if isinstance(found, str) else None


def _master_key(process: Process, engine: Engine) -> MasterKey:
    """Return the hub's key. Raises `SettingsError` if it, or the key before it, is not that of the data keys held."""
    start = sa.func.substr(DataKey.wrapped, 1, FINGERPRINT_BYTES)
    with of_all(engine).connect() as connection:
        held = {bytes(one) for one in connection.execute(sa.select(start).distinct()).scalars()}
    master = _given_key(process, engine, make=not held)
    known = {master.fingerprint}
    if process.old_secret_key:
        known.add(MasterKey.from_text(process.old_secret_key, "HUB_OLD_SECRET_KEY").fingerprint)
    if not held <= known:
        raise SettingsError(WRONG_KEY)
    return master


def _given_key(process: Process, engine: Engine, *, make: bool) -> MasterKey:
    if process.secret_key:
        return MasterKey.from_text(process.secret_key)
    file = engine.url.database
    if engine.dialect.name != "sqlite" or not file or file == ":memory:":
        raise SettingsError("Set HUB_SECRET_KEY (32 bytes in base64); make one with `hub keys new`.")
    return MasterKey.from_file(Path(file).with_suffix(".key"), make=make)


def companies(session: Session) -> list[Company]:
    """Return all companies, by id."""
    return list(session.exec(select(Company).order_by(Company.id)).all())


__all__ = ["CompanyRow", "CompanySession", "Store", "companies", "migrate", "migrations"]
