"""All commands, put together. Importing this loads neither a database, nor HTTP, nor a provider."""

from __future__ import annotations

import logging
import os

import typer

from hub.cli import companies, demo, exports, hours, people, providers, settings

app = typer.Typer(
    name="hub",
    help="payroll-hub: people in from payroll, approved hours out to payroll.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


@app.callback()
def _start() -> None:
    logging.basicConfig(level=os.environ.get("HUB_LOG", "warning").upper(), format="%(message)s")


for module in (providers, companies, settings, people, hours, exports, demo):
    module.add_to(app)
