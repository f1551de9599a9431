"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Bring the tables to this revision."""
    op.create_table(
        "company",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("new_day", sa.String(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "audit",
        sa.Column("company_id", sa.String(length=100), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index("audit_subject", ["company_id", "subject"], unique=False)

    op.create_table(
        "connection",
        sa.Column("company_id", sa.String(length=100), nullable=False),
        sa.Column("provider", sa.String(length=100), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("rights", sa.JSON(), nullable=False),
        sa.Column("export", sa.JSON(), nullable=False),
        sa.Column("kept_by_host", sa.JSON(), nullable=False),
        sa.Column("activated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.id"],
        ),
        sa.PrimaryKeyConstraint("company_id", "provider"),
    )
    op.create_table(
        "data_key",
        sa.Column("company_id", sa.String(length=100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.id"],
        ),
        sa.PrimaryKeyConstraint("company_id", "version"),
    )
    op.create_table(
        "plan",
        sa.Column("company_id", sa.String(length=100), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("administration", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("released_by", sa.String(), nullable=False),
        sa.Column("released_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("company_id", "id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "team_member",
        sa.Column("company_id", sa.String(length=100), nullable=False),
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("contract_type", sa.String(), nullable=True),
        sa.Column("venue", sa.String(), nullable=False),
        sa.Column("bsn", sa.LargeBinary(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.id"],
        ),
        sa.PrimaryKeyConstraint("company_id", "id"),
    )
    with op.batch_alter_table("team_member", schema=None) as batch_op:
        batch_op.create_index("team_member_email", ["company_id", "email"], unique=False)

    op.create_table(
        "timecard",
        sa.Column("company_id", sa.String(length=100), nullable=False),
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("member", sa.String(length=100), nullable=False),
        sa.Column("venue", sa.String(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("start", UTCDateTime(), nullable=False),
        sa.Column("end", UTCDateTime(), nullable=False),
        sa.Column("break_minutes", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("amounts", sa.JSON(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("exported_revision", sa.Integer(), nullable=True),
        sa.Column("exported_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.id"],
        ),
        sa.PrimaryKeyConstraint("company_id", "id"),
    )
    with op.batch_alter_table("timecard", schema=None) as batch_op:
        batch_op.create_index("timecard_date", ["company_id", "date"], unique=False)

    op.create_table(
        "administration",
        sa.Column("company_id", sa.String(length=100), nullable=False),
        sa.Column("provider", sa.String(length=100), nullable=False),
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "provider"], ["connection.company_id", "connection.provider"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.id"],
        ),
        sa.PrimaryKeyConstraint("company_id", "provider", "id"),
    )
    op.create_table(
        "employee",
        sa.Column("company_id", sa.String(length=100), nullable=False),
        sa.Column("provider", sa.String(length=100), nullable=False),
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("administration", sa.String(length=100), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("member", sa.String(length=100), nullable=True),
        sa.Column("linked_by", sa.String(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "member"],
            ["team_member.company_id", "team_member.id"],
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "provider"], ["connection.company_id", "connection.provider"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.id"],
        ),
        sa.PrimaryKeyConstraint("company_id", "provider", "id"),
    )
    with op.batch_alter_table("employee", schema=None) as batch_op:
        batch_op.create_index("employee_member", ["company_id", "provider", "member"], unique=False)

    op.create_table(
        "mapping",
        sa.Column("company_id", sa.String(length=100), nullable=False),
        sa.Column("provider", sa.String(length=100), nullable=False),
        sa.Column("administration", sa.String(length=100), nullable=False),
        sa.Column("component", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("rate", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id", "provider"], ["connection.company_id", "connection.provider"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.id"],
        ),
        sa.PrimaryKeyConstraint("company_id", "provider", "administration", "component"),
    )
    op.create_table(
        "run",
        sa.Column("company_id", sa.String(length=100), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("plan", sa.BigInteger(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("paused", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "plan"],
            ["plan.company_id", "plan.id"],
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("company_id", "id"),
        sa.UniqueConstraint("company_id", "plan"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "secret",
        sa.Column("company_id", sa.String(length=100), nullable=False),
        sa.Column("provider", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "provider"], ["connection.company_id", "connection.provider"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.id"],
        ),
        sa.PrimaryKeyConstraint("company_id", "provider", "name"),
    )
    op.create_table(
        "venue_assignment",
        sa.Column("company_id", sa.String(length=100), nullable=False),
        sa.Column("provider", sa.String(length=100), nullable=False),
        sa.Column("venue", sa.String(length=100), nullable=False),
        sa.Column("administration", sa.String(), nullable=False),
        sa.Column("cost_centre", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id", "provider"], ["connection.company_id", "connection.provider"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.id"],
        ),
        sa.PrimaryKeyConstraint("company_id", "provider", "venue"),
    )
    op.create_table(
        "wage_period_setting",
        sa.Column("company_id", sa.String(length=100), nullable=False),
        sa.Column("provider", sa.String(length=100), nullable=False),
        sa.Column("administration", sa.String(length=100), nullable=False),
        sa.Column("contract_type", sa.String(length=20), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("first_start", sa.Date(), nullable=False),
        sa.Column("week53", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id", "provider"], ["connection.company_id", "connection.provider"], ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.id"],
        ),
        sa.PrimaryKeyConstraint("company_id", "provider", "administration", "contract_type"),
    )
    op.create_table(
        "entry",
        sa.Column("company_id", sa.String(length=100), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("run", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("administration", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=False),
        sa.Column("employee", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("cost_centre", sa.String(), nullable=True),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("sets", sa.Boolean(), nullable=False),
        sa.Column("unprotected", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("posted_id", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "run"],
            ["run.company_id", "run.id"],
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("company_id", "id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.create_index("entry_run", ["company_id", "run"], unique=False)
        batch_op.create_index(
            "entry_slot", ["company_id", "provider", "administration", "year", "number"], unique=False
        )

    op.create_table(
        "attempt",
        sa.Column("company_id", sa.String(length=100), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "entry"],
            ["entry.company_id", "entry.id"],
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("company_id", "id"),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(
            "attempt_open",
            ["company_id", "entry"],
            unique=True,
            sqlite_where=sa.text("outcome = ''"),
            postgresql_where=sa.text("outcome = ''"),
        )

    op.create_table(
        "contribution",
        sa.Column("company_id", sa.String(length=100), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("timecard", sa.String(length=100), nullable=False),
        sa.Column("component", sa.String(length=100), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "entry"],
            ["entry.company_id", "entry.id"],
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["company.id"],
        ),
        sa.PrimaryKeyConstraint("company_id", "entry", "timecard", "component"),
    )
    with op.batch_alter_table("contribution", schema=None) as batch_op:
        batch_op.create_index("contribution_timecard", ["company_id", "timecard"], unique=False)


def downgrade() -> None:
    """Go back to the revision before."""
    with op.batch_alter_table("contribution", schema=None) as batch_op:
        batch_op.drop_index("contribution_timecard")

    op.drop_table("contribution")
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.drop_index(
            "attempt_open", sqlite_where=sa.text("outcome = ''"), postgresql_where=sa.text("outcome = ''")
        )

    op.drop_table("attempt")
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.drop_index("entry_slot")
        batch_op.drop_index("entry_run")

    op.drop_table("entry")
    op.drop_table("wage_period_setting")
    op.drop_table("venue_assignment")
    op.drop_table("secret")
    op.drop_table("run")
    op.drop_table("mapping")
    with op.batch_alter_table("employee", schema=None) as batch_op:
        batch_op.drop_index("employee_member")

    op.drop_table("employee")
    op.drop_table("administration")
    with op.batch_alter_table("timecard", schema=None) as batch_op:
        batch_op.drop_index("timecard_date")

    op.drop_table("timecard")
    with op.batch_alter_table("team_member", schema=None) as batch_op:
        batch_op.drop_index("team_member_email")

    op.drop_table("team_member")
    op.drop_table("plan")
    op.drop_table("data_key")
    op.drop_table("connection")
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.drop_index("audit_subject")

    op.drop_table("audit")
    op.drop_table("company")
