"""PostgreSQL itself keeps companies apart: row-level security on every table of theirs, for the owner too."""

from alembic import op

from hub.store.rows_apart import no_policy, policy

revision = "0006"
down_revision = "0005"

TABLES = """
administration attempt audit company connection contribution data_key delivery employee entry event
file job layout mapping member_contract plan run secret team_member timecard unexplained
venue_assignment wage_period_setting
"""


def upgrade() -> None:
    """Give every table its policy; SQLite has none."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in TABLES.split():
        for statement in policy(table, "id" if table == "company" else "company_id"):
            op.execute(statement)


def downgrade() -> None:
    """Go back to the revision before; only the session keeps companies apart then."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in TABLES.split():
        for statement in no_policy(table):
            op.execute(statement)
