"""Runs are held by one worker at a time; entries correct others; an attempt belongs to a slot."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0002"
down_revision = "0001"

SLOT = ["company_id", "provider", "administration", "year", "number", "employee"]
UNSETTLED = sa.text("outcome IN ('', 'pending', 'unknown')")
OPEN = sa.text("outcome = ''")
HOLDS_A_ROW = sa.text("posted_id <> '' AND change <> 'withdraw' AND state IN ('confirmed', 'verified', 'drifted')")
KEPT = "company_id, id, key, before, started_at, ended_at, outcome, detail"


def upgrade() -> None:
    """Bring the tables to this revision; what was journalled stays."""
    with op.batch_alter_table("run") as run:
        run.add_column(sa.Column("epoch", sa.Integer(), nullable=False, server_default="0"))
        run.add_column(sa.Column("holder", sa.String(), nullable=False, server_default=""))
        run.add_column(sa.Column("held_until", UTCDateTime(), nullable=True))
    with op.batch_alter_table("entry") as entry:
        entry.add_column(sa.Column("for_year", sa.Integer(), nullable=False, server_default="0"))
        entry.add_column(sa.Column("for_number", sa.Integer(), nullable=False, server_default="0"))
        entry.add_column(sa.Column("change", sa.String(), nullable=False, server_default="post"))
        entry.add_column(sa.Column("replaces", sa.BigInteger(), nullable=True))
        entry.add_column(sa.Column("shown", sa.Integer(), nullable=True))
        entry.add_column(sa.Column("evidence", sa.String(), nullable=False, server_default=""))
        entry.add_column(sa.Column("attempt", sa.BigInteger(), nullable=True))
    with op.batch_alter_table("contribution") as contribution:
        contribution.add_column(sa.Column("goes", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.execute("UPDATE entry SET for_year = year, for_number = number")
    op.execute("UPDATE entry SET evidence = 'answer' WHERE state = 'confirmed'")
    op.drop_index("entry_slot", "entry")
    op.create_index("entry_slot", "entry", SLOT)
    op.create_index("entry_for", "entry", [*SLOT[:3], "for_year", "for_number", "employee"])
    op.create_index(
        "entry_row",
        "entry",
        [*SLOT[:3], "kind", "posted_id"],
        unique=True,
        sqlite_where=HOLDS_A_ROW,
        postgresql_where=HOLDS_A_ROW,
    )
    op.create_table(
        "unexplained",
        sa.Column("company_id", sa.String(length=100), sa.ForeignKey("company.id"), nullable=False),
        sa.Column("provider", sa.String(length=100), nullable=False),
        sa.Column("administration", sa.String(length=100), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("employee", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint(*SLOT, "kind"),
    )
    op.drop_index("attempt_open", "attempt")
    op.rename_table("attempt", "old_attempt")
    _attempts()
    slot = "e.run, e.provider, e.administration, e.year, e.number, e.employee, e.kind"
    op.execute(
        f"INSERT INTO attempt ({KEPT}, run, provider, administration, year, number, employee, kind, entries,"  # noqa: S608 - our own words
        " epoch, boot, receipt, fault)"
        f" SELECT {', '.join(f'o.{one}' for one in KEPT.split(', '))}, {slot}, {_list('o.entry')}, 0, '', '', ''"
        " FROM old_attempt o JOIN entry e ON e.company_id = o.company_id AND e.id = o.entry"
    )
    op.execute(
        "UPDATE entry SET attempt = (SELECT max(o.id) FROM old_attempt o"
        " WHERE o.company_id = entry.company_id AND o.entry = entry.id)"
    )
    op.drop_table("old_attempt")
    _go_on_counting("attempt")


def _attempts() -> None:
    op.create_table(
        "attempt",
        sa.Column("company_id", sa.String(length=100), sa.ForeignKey("company.id"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("run", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("administration", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("employee", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("ended_ticks", sa.Float(), nullable=True),
        sa.Column("boot", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("receipt", sa.String(), nullable=False),
        sa.Column("fault", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["company_id", "run"], ["run.company_id", "run.id"]),
        sa.PrimaryKeyConstraint("id", name="attempt_key"),
        sa.UniqueConstraint("company_id", "id", name="attempt_of_company"),
        sqlite_autoincrement=True,
    )
    op.create_index("attempt_run", "attempt", ["company_id", "run"])
    op.create_index(
        "attempt_unsettled",
        "attempt",
        [*SLOT, "kind"],
        unique=True,
        sqlite_where=UNSETTLED,
        postgresql_where=UNSETTLED,
    )


def _list(column: str) -> str:
    """Return SQL for a JSON list of one number."""
    text = f"'[' || {column} || ']'"
    return f"CAST({text} AS JSON)" if op.get_bind().dialect.name == "postgresql" else text


def _go_on_counting(table: str) -> None:
    """Let PostgreSQL number new rows after those that were copied."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 0) + 1, false) FROM {table}"  # noqa: S608 - our own words
        )


def downgrade() -> None:
    """Go back to the revision before; an attempt keeps the first of its entries."""
    op.drop_table("unexplained")
    op.drop_index("attempt_unsettled", "attempt")
    op.drop_index("attempt_run", "attempt")
    op.rename_table("attempt", "new_attempt")
    op.create_table(
        "attempt",
        sa.Column("company_id", sa.String(length=100), sa.ForeignKey("company.id"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["company_id", "entry"], ["entry.company_id", "entry.id"]),
        sa.PrimaryKeyConstraint("id", name="old_attempt_key"),
        sa.UniqueConstraint("company_id", "id", name="old_attempt_of_company"),
        sqlite_autoincrement=True,
    )
    first = "CAST(entries->>0 AS bigint)" if op.get_bind().dialect.name == "postgresql" else "entries->>0"
    op.execute(f"INSERT INTO attempt ({KEPT}, entry) SELECT {KEPT}, {first} FROM new_attempt")  # noqa: S608 - our own words
    op.drop_table("new_attempt")
    _go_on_counting("attempt")
    op.create_index(
        "attempt_open", "attempt", ["company_id", "entry"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
    )
    for name in ("entry_row", "entry_for", "entry_slot"):
        op.drop_index(name, "entry")
    with op.batch_alter_table("entry") as entry:
        for name in ("attempt", "evidence", "shown", "replaces", "change", "for_number", "for_year"):
            entry.drop_column(name)
    op.create_index("entry_slot", "entry", SLOT[:5])
    with op.batch_alter_table("contribution") as contribution:
        contribution.drop_column("goes")
    with op.batch_alter_table("run") as run:
        for name in ("held_until", "holder", "epoch"):
            run.drop_column(name)
