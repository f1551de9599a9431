"""Companies apart in PostgreSQL itself: row-level security, and each transaction says of which company it is.

A transaction that says nothing sees no row and writes none. SQLite has no such thing: there the session alone is the
boundary.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlmodel import SQLModel

POLICY = "one_company"
"""The name of the policy of every table that belongs to companies."""

_SAY = "SELECT set_config('hub.company', %s, true), set_config('hub.everywhere', %s, true)"
"""True: it holds until the transaction ends, so that nobody who gets the connection next inherits it."""

_ROLE = sa.text("SELECT current_user, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
_UNBOUND = sa.text(
    "SELECT relname FROM pg_class WHERE relname = ANY(:tables) AND relkind = 'r' AND pg_table_is_visible(oid)"
    " AND NOT row_security_active(oid) ORDER BY relname"
)


def of_company(engine: Engine, company: str) -> Engine:
    """Return the engine with each of its transactions bound to a company, where the database knows such a thing."""
    if engine.dialect.name != "postgresql":
        return engine
    return engine.execution_options(hub_company=company, hub_everywhere=False)


def of_all(engine: Engine) -> Engine:
    """Return the engine with each of its transactions bound to no company: for the operator's own work only."""
    return engine.execution_options(hub_everywhere=True)


def say_company(connection: Connection) -> None:
    """Tell PostgreSQL, as a transaction begins, whose rows it may see; without a word of `of_company`, nobody's."""
    options = connection.get_execution_options()
    company, everywhere = options.get("hub_company", ""), options.get("hub_everywhere", False)
    if company or everywhere:
        connection.exec_driver_sql(_SAY, (company, "on" if everywhere else "off"))


def tables() -> dict[str, str]:
    """Return the tables that belong to companies, each with the column that names the company."""
    found = {name: "company_id" for name, table in SQLModel.metadata.tables.items() if "company_id" in table.columns}
    return {"company": "id", **found}


def policy(table: str, column: str = "company_id") -> tuple[str, ...]:
    """Return the statements, for a migration, that keep a table's rows apart from its owner too.

    Every migration that adds a table of companies executes them. Whoever changes them needs a migration that gives
    all tables the new ones.
    """
    # A subquery is evaluated once for a statement; a plain call would be, twice, for every row.
    mine = (
        f"\"{column}\" = (SELECT current_setting('hub.company', true))"
        " OR (SELECT current_setting('hub.everywhere', true)) = 'on'"
    )
    return (
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        f'CREATE POLICY {POLICY} ON "{table}" USING ({mine}) WITH CHECK ({mine})',
    )


def no_policy(table: str) -> tuple[str, ...]:
    """Return the statements, for a migration that goes back, that take away what `policy` gives."""
    return (
        f'DROP POLICY {POLICY} ON "{table}"',
        f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY',
    )


def unbound(engine: Engine) -> str:
    """Tell why PostgreSQL would not keep companies apart, and who must do what; empty where it does, and on SQLite."""
    if engine.dialect.name != "postgresql":
        return ""
    with engine.connect() as connection:
        role, bypasses = connection.execute(_ROLE).one()
        open_tables = connection.execute(_UNBOUND, {"tables": list(tables())}).scalars().all()
    if bypasses:
        return (
            f"The database role {role} is a superuser or bypasses row-level security, so PostgreSQL does not keep"
            " companies apart: the operator must give the hub a role of its own (docs/postgresql.md)."
        )
    if open_tables:
        return (
            f"Row-level security does not hold for {', '.join(open_tables)}, so PostgreSQL does not keep companies"
            " apart there: the operator must restore it (docs/postgresql.md)."
        )
    return ""
