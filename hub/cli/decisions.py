"""Commands: decisions, what only a person can settle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli import WrongCommand
from hub.cli.output import Company, Json, amount, as_json, clock, counted, opened, say, table, waits

if TYPE_CHECKING:
    from hub.export.deciding.evidence import DecisionView
    from hub.models import PostedEntry

EntryNumber = Annotated[int, typer.Argument(metavar="ENTRY", help="The entry's number.")]
RowOption = Annotated[
    str,
    typer.Option(
        "--it-is-there",
        metavar="ID",
        help="Payroll holds exactly this, in the row with this id (an amount that is set: give its code); "
        "of a row to take out: it is out.",
    ),
]
AgainOption = Annotated[
    bool,
    typer.Option("--send-again", help="It is not there, or the row is not changed or out yet: the run sends it again."),
]
LeaveOption = Annotated[
    bool, typer.Option("--leave-out", help="The hub does not do it: somebody sees to it by hand. Needs --reason.")
]
OPTIONS = {
    "it is there": "--it-is-there {row}",
    "send again": "--send-again",
    "leave out": "--leave-out --reason TEXT",
}
_SHOWN = 50
"""The most decisions that are listed to a person; JSON has them all."""


def list_decisions(
    company: Company,
    run: Annotated[int | None, typer.Option(help="Only those of this run.")] = None,
    json: Json = False,
) -> None:
    """List what waits for a person: what needs a decision, and what drifted. Payroll is not asked."""
    with opened() as hub:
        found = hub.decisions(company, run)
    if json:
        as_json(found)
    else:
        columns = ("entry", "run", "nr", "employee", "period", "code", "amount", "state", "why")
        table("Decisions", columns, [_listed(one) for one in found[:_SHOWN]], ("entry", "run", "nr", "amount"))
        if len(found) > _SHOWN:
            say(f"… and {len(found) - _SHOWN} more; --json shows all.")
    if found:
        entries = counted(len(found), "entry waits", "entries wait")
        waits(f"{entries} for a decision: look in payroll, then hub decisions show {found[0].id}.")


def _listed(one: DecisionView) -> tuple[object, ...]:
    sent = amount(one.amount)
    return (one.id, one.run, one.number, one.name, one.period, one.code, sent, one.state, one.reason)


def show(entry: EntryNumber, json: Json = False) -> None:
    """Show an entry with the evidence: what was sent and when, what payroll held and holds, and what may be chosen."""
    with opened() as hub:
        view = hub.decision(hub.company_of_entry(entry), entry)
    as_json(view) if json else _show(view)
    if view.state in ("needs decision", "drifted"):
        waits(f"Entry {entry} waits for a decision: settle it with hub decisions settle {entry}.")


def _show(view: DecisionView) -> None:
    does = {"post": "adds", "replace": "changes a row to", "withdraw": "takes out a row of"}[view.change]
    held = view.old_row.amount if view.change == "withdraw" and view.old_row else view.amount
    what = f"{does} {amount(held)} under {view.kind} {view.code}"
    centre = f", cost centre {view.cost_centre}" if view.cost_centre else ""
    say(f"Entry {view.id} of run {view.run}: {view.state}. {view.reason}".strip())
    say(f"It {what}{centre}, for {view.name or view.employee} (nr {view.number or view.employee}),")
    say(f"in {view.provider} {view.administration}, wage period {view.period}; comment: {view.comment}")
    if view.old_row:
        say(f"The row that it is about: {view.old_row.id}, {amount(view.old_row.amount)} under {view.old_row.code}.")
    if view.posted_id:
        say(f"Its row in payroll, as far as the hub knows: {view.posted_id}.")
    calls = [(one.key, clock(one.started_at), clock(one.ended_at), one.outcome, one.fault) for one in view.attempts]
    table("Sent", ("key", "began", "ended", "outcome", "what happened"), calls)
    _show_rows(view)
    for one in view.choices:
        say(f"{OPTIONS[one.choice].format(row=one.row or 'ID')}: {one.meaning}")


def _show_rows(view: DecisionView) -> None:
    columns = ("row", "code", "amount", "cost centre", "comment")
    table("Payroll just before", columns, [_row(one) for one in view.rows_before], ("amount",))
    if view.rows_now is None:
        say(f"Now: {view.unread}.")
        return
    whose = [(*_row(one), _said(view, one.id, one.entry, one.new)) for one in view.rows_now]
    table("Payroll now", (*columns, "what it is"), whose, ("amount",))


def _row(row: PostedEntry) -> tuple[object, ...]:
    return (row.id, row.code, amount(row.amount), row.cost_centre, row.comment)


def _said(view: DecisionView, row: str, entry: int | None, new: bool) -> str:
    """Say in a few words what a row of payroll is."""
    if entry is not None:
        return "this entry's" if entry == view.id else f"entry {entry}"
    if row in view.candidates:
        return "could be it"
    return "new" if new else "was there before"


def settle(
    entry: EntryNumber,
    by: Annotated[str, typer.Option("--by", help="The name of who decides.")],
    it_is_there: RowOption = "",
    send_again: AgainOption = False,
    leave_out: LeaveOption = False,
    reason: Annotated[str, typer.Option(help="Why; needed to leave something out.")] = "",
    json: Json = False,
) -> None:
    """Settle an entry in the name of a person: it is there, send it again, or leave it out.

    For an amount that is added or set, and for a row that is changed, --it-is-there says that payroll holds it; for a
    row that is taken out, that it is gone. --send-again does once more what the entry says, and --leave-out leaves
    payroll as it is.
    """
    from hub.export.deciding.choices import Choice

    given = {Choice.IT_IS_THERE: bool(it_is_there), Choice.SEND_AGAIN: send_again, Choice.LEAVE_OUT: leave_out}
    chosen = [choice for choice, is_given in given.items() if is_given]
    if len(chosen) != 1:
        raise WrongCommand("Choose one of --it-is-there ID, --send-again and --leave-out.")
    with opened() as hub:
        view = hub.settle(hub.company_of_entry(entry), entry, chosen[0], by, reason, it_is_there)
    as_json(view) if json else say(_settled(view, by))


def _settled(view: DecisionView, by: str) -> str:
    done = f"Entry {view.id} is {view.state}, as {by.strip()} decided."
    rest = {
        "planned": f" It is sent again by hub export run {view.plan}.",
        "confirmed": f" For the closing check, run it once more: hub export run {view.plan}.",
        "left out": " See to it in payroll by hand.",
    }
    return done + rest.get(view.state, "")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="What only a person can settle.", no_args_is_help=True)
    group.command("list")(list_decisions)
    group.command()(show)
    group.command()(settle)
    app.add_typer(group, name="decisions")
