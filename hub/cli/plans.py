"""Showing plans and runs to a person: what would be sent, what stays and why, and what became of each entry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hub.cli.output import amount, clock, counted, say, table
from hub.cli.with_commands import of_entry, of_finding

if TYPE_CHECKING:
    from hub.export.report import EntryView, FindingView, LineView, PlanView, RunView


def show_plan(view: PlanView) -> None:
    """Show a plan: its lines, the totals per code, and the timecards that do not go out."""
    dates = f"wage period {view.period}" if "(" in view.period else f"dates {view.period}"
    title = f"Plan {view.id}: {view.provider} {view.administration}, {dates}"
    if view.lines:
        table(
            title,
            ("nr", "employee", "kind", "code", "cost centre", "to send", "sent before", "in payroll", "state", "cards"),
            [_line(one) for one in view.lines],
            ("nr", "to send", "sent before", "in payroll", "cards"),
        )
    else:
        say(title)
    entries = counted(len(view.lines), "entry", "entries")
    say(f"{counted(view.timecards, 'timecard')} in {entries}; exported already: {view.already}.")
    totals = ", ".join(f"{code} {amount(total)}" for code, total in view.totals.items())
    say(f"To send: {totals or 'nothing'}.")
    _show_people(view)
    _show_exported(view)
    show_cards(view)


MOST = 40
"""How many people or rows are shown at most; --json has them all."""


def _show_people(view: PlanView) -> None:
    people = [
        (one.number, one.name, ", ".join(f"{code} {amount(total)}" for code, total in one.totals.items()))
        for one in view.people[:MOST]
    ]
    if people:
        table("Per person", ("nr", "employee", "to send"), people, ("nr",))
        _rest(len(view.people))


def _show_exported(view: PlanView) -> None:
    rows = [
        (one.number, one.name, one.kind, one.code, one.cost_centre, amount(one.amount), one.run, one.posted_id)
        for one in view.exported[:MOST]
    ]
    if rows:
        columns = ("nr", "employee", "kind", "code", "cost centre", "amount", "run", "id in payroll")
        table("Exported already", columns, rows, ("nr", "amount", "run"))
        _rest(len(view.exported))


def _rest(number: int) -> None:
    if number > MOST:
        say(f"… and {number - MOST} more: --json shows them all.")


def _line(one: LineView) -> tuple[object, ...]:
    sent, before = amount(one.amount if one.change == "post" else one.difference), amount(one.before)
    held = "" if one.payroll is None else amount(one.payroll)
    state = one.state + {
        "replace": f": becomes {amount(one.amount)}",
        "withdraw": ": taken away",
        "rebook": ": stays",
    }.get(one.change, "")
    return (one.number, one.name, one.kind, one.code, one.cost_centre, sent, before, held, state, one.timecards)


def show_cards(view: PlanView) -> None:
    """Show the cards that do not go out and why."""
    for one in view.warnings:
        say(f"Look at this: {one.text}. {of_finding(one)}")
    if view.held:
        columns = ("timecard", "team member", "why", "what to do")
        table("Held: these wait for somebody", columns, [_card(one) for one in view.held])
    if view.left:
        table("Left: these rightly stay", ("timecard", "team member", "why"), [_card(one)[:3] for one in view.left])


def _card(one: FindingView) -> tuple[str, str, str, str]:
    return one.finding.timecard, one.name or one.finding.member, one.finding.text, of_finding(one.finding)


def held_sentence(view: PlanView) -> str:
    """Return in one sentence that timecards are held, and what to do about the first; empty where none is."""
    if not view.held:
        return ""
    finding = view.held[0].finding
    cards = counted(len(view.held), "timecard is", "timecards are")
    return f"{cards} held; {finding.timecard}: {finding.text}. {of_finding(finding)}"


IN_FILE = ("ready", "handed over")
"""The states of a run whose entries are in a file, and that is as it should be."""

GROUPS: tuple[tuple[str, str], ...] = (
    ("needs decision", "Needs a decision: only a person who looks in payroll can tell"),
    ("drifted", "Drifted: payroll does not hold any more what was posted"),
    ("pending", "Pending: payroll has not answered yet; a run asks again"),
    ("in doubt", "In doubt: sent, and it is not known what became of it; a run reads it back"),
    ("sending", "Sending: a call was on its way; a run reads it back"),
    ("refused", "Refused by payroll: nothing was done"),
    ("held", "Held: not sent"),
    ("changed", "Changed since the plan was made: not sent"),
    ("left out", "Left out: a person sees to these by hand"),
)
"""The states in which an entry needs somebody, the most urgent first, and what they mean."""

_SHOWN = 20
"""The most entries of a group, or timecards, that are shown to a person; JSON has them all."""


def show_run(view: RunView) -> None:
    """Show a run: counts per state, then what needs somebody, most urgent first, and the cards that turned white."""
    counts = ", ".join(f"{number} {state}" for state, number in view.counts.items()) or "none"
    say(f"Run {view.id} of plan {view.plan}: {view.state}. Entries: {counts}.")
    say(f"Timecards turned white: {len(view.white)}.")
    for one in view.files:
        layout = f"layout {one.layout} {one.layout_version} ({one.layout_status})"
        say(f"File {one.file}: {counted(one.rows, 'row')}, {layout}.")
    if view.state in IN_FILE:
        say(_about_file(view))
    for state, title in GROUPS:
        _show_group(title, [one for one in view.entries if one.state == state])
    if view.in_part:
        say(f"Confirmed in part only: {', '.join(view.in_part[:_SHOWN])}{_more(len(view.in_part))}.")


def _show_group(title: str, entries: Sequence[EntryView]) -> None:
    if not entries:
        return
    columns = ("entry", "nr", "employee", "code", "amount", "why", "what to do")
    rows = [(o.id, o.number, o.name, o.code, amount(o.amount), o.reason, _next(o)) for o in entries[:_SHOWN]]
    table(title, columns, rows, ("entry", "nr", "amount"))
    if len(entries) > _SHOWN:
        say(f"{_more(len(entries)).strip()}; --json shows all.")


def _more(number: int) -> str:
    return f" … and {number - _SHOWN} more" if number > _SHOWN else ""


def _next(entry: EntryView) -> str:
    """Return what happens next with an entry, or what somebody must do."""
    return f"Looked at again after {clock(entry.again_at)}." if entry.again_at else of_entry(entry)


def unfinished(view: RunView) -> str:
    """Return in one sentence why a run is not done and what to do; empty where it is."""
    if view.state == "done":
        return ""
    if view.state in IN_FILE and not any(one.state in dict(GROUPS) for one in view.entries):
        return ""
    if is_held(view):
        return (
            f"Run {view.id} is being carried out by another worker, process {view.held_by}: "
            f"look again with `hub export show {view.id}`."
        )
    why, action = _why(view)
    is_so = {"needs decision": "needs a decision", "drifted": "has drifted"}.get(view.state, f"is {view.state}")
    return f"Run {view.id} {is_so}: {why.rstrip('.')}. {action}"


def _about_file(view: RunView) -> str:
    """Say what a run waits for whose entries are in a file."""
    if view.state == "ready":
        return f"The file of run {view.id} is ready and nobody has it yet: hub export file {view.id} -o FOLDER."
    tell = f"hub export outcome {view.id} --imported --by NAME (or --rejected --reason TEXT)"
    return f"The file of run {view.id} was handed over: when payroll has taken it, say so with {tell}."


def is_held(view: RunView) -> bool:
    """Tell whether a worker has the run now."""
    return view.held_until is not None and view.held_until > datetime.now(UTC)


def _why(view: RunView) -> tuple[str, str]:
    """Return why a run is as it is, and what to do next."""
    go_on = f"Then go on with `hub export run {view.plan}`."
    order = [state for state, _ in GROUPS]
    stuck = sorted((one for one in view.entries if one.state in order), key=lambda one: order.index(one.state))
    if view.state == "in doubt":
        return _doubt(view, stuck)
    if not stuck or (view.paused and view.state == "paused"):
        return view.paused or "it was not carried out to the end", go_on
    return f"entry {stuck[0].id}: {stuck[0].reason or stuck[0].state}", of_entry(stuck[0]) or go_on


def _doubt(view: RunView, stuck: Sequence[EntryView]) -> tuple[str, str]:
    doubts = [one for one in stuck if one.state in ("in doubt", "pending")]
    last = max((one.again_at for one in doubts if one.again_at), default=None)
    when = f" after {clock(last)}" if last else ""
    why = f"{counted(len(doubts), 'entry', 'entries')}, {doubts[0].reason}" if doubts[0].reason else "nobody answered"
    return why, f"Run it again{when}, or now with --wait: hub export run {view.plan} --wait."
