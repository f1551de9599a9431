"""Events and who hears of them, jobs and their pace, and what companies and connections say of both."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0005"
down_revision = "0004"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _company() -> sa.Column[str]:
    return sa.Column("company_id", sa.String(length=100), sa.ForeignKey("company.id"), nullable=False)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False, server_default="{}")


def upgrade() -> None:
    """Add the tables and columns."""
    with op.batch_alter_table("company") as company:
        company.add_column(_json("keeping"))
        company.add_column(_json("told"))
    with op.batch_alter_table("connection") as connection:
        connection.add_column(_json("schedule"))
        connection.add_column(sa.Column("attention", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "event",
        _company(),
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("provider", sa.String(length=100), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("spread_at", UTCDateTime(), nullable=True),
        sa.Column("read_at", UTCDateTime(), nullable=True),
        sa.Column("read_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("company_id", "id"),
        sqlite_autoincrement=True,
    )
    op.create_index("event_spread", "event", ["spread_at"])
    op.create_index("event_run", "event", ["company_id", "run"])
    op.create_table(
        "endpoint",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("company", sa.String(length=100), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("off", sa.String(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("failing_since", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "delivery",
        _company(),
        sa.Column("endpoint", sa.Integer(), nullable=False),
        sa.Column("event", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.Column("arrived_at", UTCDateTime(), nullable=True),
        sa.Column("last", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["company_id", "event"], ["event.company_id", "event.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["endpoint"], ["endpoint.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("company_id", "endpoint", "event"),
    )
    op.create_index("delivery_due", "delivery", ["due_at"])
    _add_jobs()


def _add_jobs() -> None:
    op.create_table(
        "job",
        _company(),
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=50), nullable=False),
        sa.Column("provider", sa.String(length=100), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("held_until", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("problem", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("company_id", "id"),
        sa.UniqueConstraint("company_id", "key"),
        sqlite_autoincrement=True,
    )
    op.create_index("job_due", "job", ["state", "due_at"])
    op.create_table(
        "turn",
        sa.Column("provider", sa.String(length=100), nullable=False),
        sa.Column("due", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("provider"),
    )


def downgrade() -> None:
    """Go back to the revision before; events that nobody heard of and jobs that wait are lost."""
    for table in ("turn", "job", "delivery", "endpoint", "event"):
        op.drop_table(table)
    with op.batch_alter_table("connection") as connection:
        connection.drop_column("attention")
        connection.drop_column("schedule")
    with op.batch_alter_table("company") as company:
        company.drop_column("told")
        company.drop_column("keeping")
