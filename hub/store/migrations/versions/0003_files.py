"""Files of runs, layouts of companies, and contracts as the host gives them."""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0003"
down_revision = "0002"


def _company() -> sa.Column[str]:
    return sa.Column("company_id", sa.String(length=100), sa.ForeignKey("company.id"), nullable=False)


def upgrade() -> None:
    """Add the three tables, and the business date of what a card gave."""
    with op.batch_alter_table("contribution") as contribution:
        contribution.add_column(sa.Column("day", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "file",
        _company(),
        sa.Column("run", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("layout", sa.String(), nullable=False),
        sa.Column("layout_version", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("receipt", sa.JSON(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("handed_over_at", UTCDateTime(), nullable=True),
        sa.Column("handed_over_to", sa.String(), nullable=False),
        sa.Column("deleted_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["company_id", "run"], ["run.company_id", "run.id"]),
        sa.PrimaryKeyConstraint("company_id", "run", "version"),
        sa.UniqueConstraint("company_id", "name"),
    )
    op.create_table(
        "layout",
        _company(),
        sa.Column("provider", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("used_by", sa.String(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("company_id", "provider", "number"),
        sa.UniqueConstraint("company_id", "provider", "name", "version"),
    )
    op.create_table(
        "member_contract",
        _company(),
        sa.Column("member", sa.String(length=100), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column("payroll", sa.String(length=100), nullable=False),
        sa.Column("contract_type", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id", "member"], ["team_member.company_id", "team_member.id"], ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("company_id", "member", "start"),
    )


def downgrade() -> None:
    """Go back to the revision before; files that were not fetched are lost."""
    for table in ("member_contract", "layout", "file"):
        op.drop_table(table)
    with op.batch_alter_table("contribution") as contribution:
        contribution.drop_column("day")
