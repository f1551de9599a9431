"""The role that the hub logs in to PostgreSQL with: one that row-level security does not bind is noticed."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, Engine

from hub.diagnosis import Check, examine
from hub.errors import SettingsError
from hub.hub import Hub
from hub.process import Process
from hub.store import database
from hub.store.database import Store
from hub.store.engine import make_engine
from hub.store.rows_apart import unbound
from hub.testing.databases import ROLE

PAGE = Path(__file__).parent.parent / "docs" / "postgresql.md"
POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
SUPERUSER = "The database role postgres is a superuser or bypasses row-level security"


@pytest.fixture(autouse=True)
def _warned_of_nothing_yet() -> None:
    """Let each test be a process that has just started."""
    database._warn.cache_clear()


def as_role(process: Process, role: str) -> Process:
    """Return the settings of a process that logs in to the same database with another role."""
    url = sa.make_url(process.database_url).set(username=role)
    return replace(process, database_url=url.render_as_string(hide_password=False))


def problem(process: Process) -> str:
    """Return what is wrong with the role of a process."""
    engine = make_engine(process.database_url)
    try:
        return unbound(engine)
    finally:
        engine.dispose()


def doctor(process: Process) -> Check:
    """Return what `hub doctor` says of companies being apart."""
    (found,) = [one for one in examine(process) if one.check == "companies apart"]
    return found


Say = Callable[..., None]


@pytest.fixture
def say(postgres_url: str) -> Iterator[Say]:
    """Yield what executes statements as the server's administrator, in the database that is named."""
    engines: list[Engine] = []

    def execute(*statements: str, database: str | None = "postgres") -> None:
        url: URL = sa.make_url(postgres_url).set(drivername="postgresql+psycopg", database=database)
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        engines.append(engine)
        with engine.connect().execution_options(no_parameters=True) as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    yield execute
    for engine in engines:
        engine.dispose()


@pytest.fixture
def bypassing(say: Say) -> Iterator[str]:
    """Yield the name of a role that has all that the hub's role has, and BYPASSRLS."""
    name = f"bypassing_{secrets.token_hex(4)}"
    say(f"CREATE ROLE {name} LOGIN NOSUPERUSER BYPASSRLS", f"GRANT {ROLE} TO {name}")
    yield name
    say(f"DROP ROLE {name}")


def test_the_role_of_tests_is_bound(process: Process, store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """On both databases the suite runs as production should, and is not warned."""
    Store.open(replace(process, strict_role=True)).close()
    assert unbound(store.engine) == ""
    assert doctor(process).ok
    assert caplog.messages == []


def test_the_doctor_says_what_keeps_companies_apart(process: Process) -> None:
    """SQLite has no row-level security."""
    by = "row-level security" if process.database_url.startswith("postgresql") else "the hub's sessions"
    assert doctor(process).text == f"by {by}"


@POSTGRESQL
def test_a_superuser_is_noticed(process: Process) -> None:
    """FORCE does not bind it."""
    assert problem(as_role(process, "postgres")).startswith(SUPERUSER)


@POSTGRESQL
def test_a_role_that_bypasses_is_noticed(process: Process, bypassing: str) -> None:
    """Though it is no superuser."""
    assert problem(as_role(process, bypassing)).startswith(f"The database role {bypassing} is a superuser or bypasses")


@POSTGRESQL
@pytest.mark.parametrize("takes", ["NO FORCE", "DISABLE"])
def test_a_table_that_is_not_bound_any_more_is_named(process: Process, store: Store, takes: str) -> None:
    """The role may be right and the table not."""
    with store.engine.begin() as connection:
        connection.execute(sa.text(f"ALTER TABLE job {takes} ROW LEVEL SECURITY"))
    text = problem(process)
    assert text.startswith("Row-level security does not hold for job, so")
    assert doctor(process) == Check("companies apart", False, text)


@POSTGRESQL
def test_the_doctor_says_who_must_do_what(process: Process) -> None:
    """The rest of the installation is fine."""
    checks = {one.check: one for one in examine(as_role(process, "postgres"))}
    assert checks["database"].ok
    assert not checks["companies apart"].ok
    assert checks["companies apart"].text.startswith(SUPERUSER)
    assert checks["companies apart"].text.endswith(
        "the operator must give the hub a role of its own (docs/postgresql.md)."
    )


@POSTGRESQL
def test_a_process_warns_once(process: Process, caplog: pytest.LogCaptureFixture) -> None:
    """However often it opens the database, which works."""
    for company in ("acme", "zenith"):
        with Hub.open(as_role(process, "postgres")) as hub:
            hub.add_company(company, company)
    (line,) = [json.loads(one) for one in caplog.messages]
    assert line["level"] == "warning"
    assert line["problem"].startswith(SUPERUSER)


@POSTGRESQL
def test_a_strict_process_refuses(process: Process) -> None:
    """And leaves no connection behind: the database can be dropped."""
    with pytest.raises(SettingsError, match=SUPERUSER):
        Store.open(replace(as_role(process, "postgres"), strict_role=True))


def test_strictness_comes_from_the_environment() -> None:
    """Only `1` switches it on."""
    assert Process.from_environment({"HUB_STRICT_ROLE": "1"}).strict_role
    assert not Process.from_environment({"HUB_STRICT_ROLE": "0"}).strict_role
    assert not Process.from_environment({}).strict_role


# -- the page for operators -------------------------------------------------------------------------------------------


@pytest.fixture
def page(say: Say) -> Iterator[tuple[str, list[str]]]:
    """Yield a name, and the SQL of the page with it in the place of the role's and the database's."""
    name = f"hub_{secrets.token_hex(4)}"
    found = re.findall(r"```sql\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    yield name, [one.replace("payroll_hub", name) for one in found]
    say(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"DROP ROLE IF EXISTS {name}")


def of_page(postgres_url: str, role: str, database: str) -> Process:
    url = sa.make_url(postgres_url).set(username=role, database=database)
    key = "A" * 43 + "="
    return Process(database_url=url.render_as_string(hide_password=False), secret_key=key, strict_role=True)


def test_the_page_makes_a_role_that_is_bound(postgres_url: str, say: Say, page: tuple[str, list[str]]) -> None:
    """Word for word, and what it says of looking by hand is true."""
    name, (make, look, *_) = page
    for statement in make.split(";\n"):
        if statement:
            say(statement)
    with Hub.open(of_page(postgres_url, name, name)) as hub:
        hub.add_company("acme", "Acme")
        with hub.store.engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM company").scalar() == 0
            connection.exec_driver_sql(look.split("\n")[1])
            assert connection.exec_driver_sql("SELECT count(*) FROM company").scalar() == 1


def test_the_page_gives_the_tables_of_a_superuser_to_the_role(
    postgres_url: str, say: Say, page: tuple[str, list[str]]
) -> None:
    """What was in them stays."""
    name, (make, _, give, restore) = page
    say(f"CREATE DATABASE {name}", make.split(";\n")[0])
    with Hub.open(replace(of_page(postgres_url, "postgres", name), strict_role=False)) as hub:
        hub.add_company("acme", "Acme")
    say(give, restore, database=name)
    with Hub.open(of_page(postgres_url, name, name)) as hub:
        assert [one.id for one in hub.companies()] == ["acme"]
        hub.add_company("zenith", "Zenith")
