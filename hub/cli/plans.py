"""Showing plans and runs to a person: what would be sent, what stays and why, and what became of each entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hub.cli.output import amount, counted, say, table

if TYPE_CHECKING:
    from hub.export.report import FindingView, LineView, PlanView, RunView


def show_plan(view: PlanView) -> None:
    """Show a plan: its lines, the totals per code, and the timecards that do not go out."""
    if view.lines:
        table(
            f"Plan {view.id}: {view.provider} {view.administration}, wage period {view.period}",
            ("nr", "employee", "kind", "code", "cost centre", "to send", "sent before", "in payroll", "state", "cards"),
            [_line(one) for one in view.lines],
            ("nr", "to send", "sent before", "in payroll", "cards"),
        )
    else:
        say(f"Plan {view.id}: {view.provider} {view.administration}, wage period {view.period}")
    entries = counted(len(view.lines), "entry", "entries")
    say(f"{counted(view.timecards, 'timecard')} in {entries}; exported already: {view.already}.")
    totals = ", ".join(f"{code} {amount(total)}" for code, total in view.totals.items())
    say(f"To send: {totals or 'nothing'}.")
    show_cards(view)


def _line(one: LineView) -> tuple[object, ...]:
    sent, before = amount(one.amount), amount(one.before)
    held = "" if one.payroll is None else amount(one.payroll)
    return (one.number, one.name, one.kind, one.code, one.cost_centre, sent, before, held, one.state, one.timecards)


def show_cards(view: PlanView) -> None:
    """Show the cards that do not go out and why."""
    for one in view.warnings:
        say(f"Look at this: {one.text}. {one.action}")
    if view.held:
        columns = ("timecard", "team member", "why", "what to do")
        table("Held: these wait for somebody", columns, [_card(one) for one in view.held])
    if view.left:
        table("Left: these rightly stay", ("timecard", "team member", "why"), [_card(one)[:3] for one in view.left])


def _card(one: FindingView) -> tuple[str, str, str, str]:
    return one.finding.timecard, one.name or one.finding.member, one.finding.text, one.finding.action


def held_sentence(view: PlanView) -> str:
    """Return in one sentence that timecards are held, and what to do about the first; empty where none is."""
    if not view.held:
        return ""
    finding = view.held[0].finding
    cards = counted(len(view.held), "timecard is", "timecards are")
    return f"{cards} held; {finding.timecard}: {finding.text}. {finding.action}"


def show_run(view: RunView) -> None:
    """Show a run: counts per state, each entry that is not confirmed, and the cards that turned white."""
    counts = ", ".join(f"{number} {state}" for state, number in view.counts.items()) or "none"
    say(f"Run {view.id} of plan {view.plan}: {view.state}. Entries: {counts}.")
    say(f"Timecards turned white: {len(view.white)}.")
    rest = [one for one in view.entries if one.state != "confirmed"]
    if rest:
        table(
            "Entries that are not confirmed",
            ("nr", "employee", "code", "amount", "state", "why", "what to do"),
            [(o.number, o.name, o.code, amount(o.amount), o.state, o.reason, o.action) for o in rest],
            ("nr", "amount"),
        )
    if view.in_part:
        say(f"Confirmed in part only: {', '.join(view.in_part)}.")


def unfinished(view: RunView) -> str:
    """Return in one sentence why a run is not done and what to do; empty where it is."""
    if view.state == "done":
        return ""
    stuck = [one for one in view.entries if one.reason]
    why = view.paused or (stuck[0].reason if stuck else "it was not carried out to the end")
    action = stuck[0].action if stuck and stuck[0].action else f"Then go on with `hub export run {view.plan}`."
    return f"Run {view.id} is {view.state}: {why.rstrip('.')}. {action}"
