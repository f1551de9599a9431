"""Commands: notifications, and how the people of a company are told."""

from __future__ import annotations

from getpass import getuser
from typing import Annotated

import typer

from hub.cli import WrongCommand
from hub.cli.output import Company, Json, as_json, clock, counted, opened, say, table
from hub.cli.words import one_of

LANGUAGES = ("nl", "en")
Speech = Annotated[str, typer.Option("--language", help="nl or en; without it, the company's.")]


def notifications(
    company: Company,
    read: Annotated[
        list[int] | None, typer.Option("--read", help="Note that this one is read, again for more.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Note that all are read.")] = False,
    by: Annotated[str, typer.Option("--by", help="The name of who has read them.")] = "",
    language: Speech = "",
    json: Json = False,
) -> None:
    """List what happened and what to do next, unread first; or note that somebody has read it."""
    if read and everything:
        raise WrongCommand("Give one of the two: --read NUMBER or --all.")
    with opened() as hub:
        if read or everything:
            number = hub.mark_read(company, None if everything else read, by or getuser())
            as_json({"read": number}) if json else say(f"{counted(number, 'notification')} read.")
            return
        found = hub.notifications(company, one_of(LANGUAGES, language, "The language") if language else None)  # type: ignore[arg-type]  # one of these
    if json:
        as_json(found)
        return
    rows = [("" if one.read_at else "•", one.id, clock(one.at), f"{one.text} {one.action}".strip()) for one in found]
    table("Notifications", ("", "number", "when", "what"), rows, ("number",))


def tell(
    company: Company,
    language: Speech = "",
    email: Annotated[
        str | None, typer.Option(help="The fixed address for e-mail; an empty one sends none any more.")
    ] = None,
    json: Json = False,
) -> None:
    """Show how the people of a company are told, or choose it."""
    chosen = {"language": one_of(LANGUAGES, language, "The language")} if language else {}
    if email is not None:
        chosen["email"] = email.strip()
    with opened() as hub:
        told = hub.told(company)
        if chosen:
            told = hub.tell_people(company, told.model_copy(update=chosen), actor="operator")
    if json:
        as_json(told)
    else:
        say(f"{company} is told in {told.language}{f' and by e-mail at {told.email}' if told.email else ''}.")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(notifications)
    app.command()(tell)
