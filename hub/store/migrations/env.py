"""Runs the migrations on the connection that the hub hands over."""

from alembic import context
from sqlmodel import SQLModel

from hub.store import access, companies, exports, files, people  # noqa: F401 - the tables that autogenerate compares with

context.configure(
    connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
