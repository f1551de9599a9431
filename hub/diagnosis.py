"""Looking at an installation from outside: works with a broken provider, a missing key or no database."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hub.errors import HubError, SettingsError
from hub.process import Process
from hub.registry import Status, installed


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    check: str
    ok: bool
    text: str


def examine(process: Process) -> tuple[Check, ...]:
    """Look at Python, the providers' metadata, the database and the key. Imports no provider; never raises."""
    return (
        Check("python", sys.version_info >= (3, 11), platform.python_version()),
        *_providers(process),
        _try("database", lambda: _database(process)),
        _try("companies apart", lambda: _companies_apart(process)),
        _try("commits", lambda: _commits(process)),
        Check("loopback", True, "allowed: for simulators and tests" if process.allow_loopback else "not allowed"),
    )


def _providers(process: Process) -> Iterator[Check]:
    found = installed(process.providers)
    if not found:
        yield Check("providers", False, "none installed: install one, such as payroll-hub-nmbrs")
    for one in found:
        fine = one.status in (Status.OK, Status.NOT_ALLOWED)
        text = f"{one.distribution} {one.version}: {one.reason or 'installed'}"
        yield Check(f"provider {one.name}", fine and _importable(one.entry.value), text + _absent(one.entry.value))


def _importable(target: str) -> bool:
    """Tell whether the module of an entry point can be found, without running any of it but its parent's place."""
    from importlib.util import find_spec

    try:
        return find_spec(target.partition(":")[0].partition(".")[0]) is not None
    except (ImportError, ValueError):
        return False


def _absent(target: str) -> str:
    return "" if _importable(target) else "; its module cannot be found: install it again"


def _database(process: Process) -> str:
    from hub.store.database import Store, companies
    from hub.store.engine import make_engine

    file = make_engine(process.database_url).url.database or ""
    if process.database_url.startswith("sqlite") and not Path(file).exists():
        return "none yet: it is made on first use"
    store = Store.open(process)
    try:
        with store.everywhere() as session:
            return f"{store.engine.dialect.name}, {len(companies(session))} companies"
    finally:
        store.close()


def _companies_apart(process: Process) -> str:
    """Tell what keeps companies apart. Raises `SettingsError` where PostgreSQL should and does not."""
    from hub.store.engine import make_engine
    from hub.store.rows_apart import unbound

    engine = make_engine(process.database_url)
    try:
        if problem := unbound(engine):
            raise SettingsError(problem)
    finally:
        engine.dispose()
    return "by row-level security" if engine.dialect.name == "postgresql" else "by the hub's sessions"


def _commits(process: Process) -> str:
    """Tell whether what was committed outlives a loss of power. Raises `SettingsError` where it does not."""
    from sqlalchemy import text

    from hub.store.engine import make_engine

    engine = make_engine(process.database_url)
    try:
        if engine.dialect.name != "postgresql":
            return "on the disk before a call is made"
        with engine.connect() as connection:
            names = ("fsync", "full_page_writes")
            off = [one for one in names if connection.execute(text(f"SHOW {one}")).scalar() == "off"]
    finally:
        engine.dispose()
    if off:
        raise SettingsError(
            f"PostgreSQL runs with {' and '.join(off)} off: a loss of power would lose what was sent to payroll. "
            "The operator must switch it on."
        )
    return "on the disk before a call is made"


def _try(check: str, look: Callable[[], str]) -> Check:
    try:
        return Check(check, True, look())
    except HubError as error:
        return Check(check, False, str(error))
    except Exception as error:  # noqa: BLE001 - a doctor reports whatever it meets
        return Check(check, False, type(error).__name__)
