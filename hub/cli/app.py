"""All commands, put together. Importing this loads neither a database, nor HTTP, nor a provider."""

from __future__ import annotations

import os

import typer

from hub.cli import (
    companies,
    connecting,
    crashes,
    decisions,
    demo,
    exports,
    hours,
    jobs,
    layouts,
    matrix,
    notifications,
    people,
    providers,
    scaffold,
    serving,
    settings,
    webhooks,
)

app = typer.Typer(
    name="hub",
    help="payroll-hub: people in from payroll, approved hours out to payroll.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


@app.callback()
def _start() -> None:
    from hub.cli.logs import start_logging

    start_logging(os.environ.get("HUB_LOG", ""))


for module in (
    companies,
    connecting,
    settings,
    people,
    hours,
    exports,
    layouts,
    decisions,
    providers,
    demo,
    crashes,
    matrix,
    scaffold,
    serving,
    jobs,
    notifications,
    webhooks,
):
    module.add_to(app)
