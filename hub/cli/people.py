"""Commands: members, sync, link, keep."""

from __future__ import annotations

from typing import Annotated

import typer

from hub.cli.output import Company, Json, ProviderName, as_json, busy, counted, opened, say, table, waits
from hub.cli.reading import File, Strict, show_kept, told_if_wrong

Employee = Annotated[str, typer.Argument(metavar="EMPLOYEE", help="The employee's id in payroll.")]
Member = Annotated[
    str | None, typer.Argument(metavar="[MEMBER]", help="The team member's id; leave out to take the link away.")
]
Fields = Annotated[
    list[str] | None, typer.Argument(metavar="[FIELD]...", help="name, email, contract_type; none for nothing.")
]


def import_members(company: Company, file: File, strict: Strict = False, json: Json = False) -> None:
    """Take in the host's team members; a BSN is encrypted on arrival."""
    from hub.intake.members import read_members

    with opened() as hub, told_if_wrong(json):
        reading = read_members(file, strict=strict)
        kept = hub.import_members(company, reading)
    show_kept("team members", reading, kept, json)


def list_members(company: Company, json: Json = False) -> None:
    """List the team members with their contracts. No BSN is shown."""
    from hub.intake.keep_contracts import held_contracts

    columns = ("id", "name", "email", "contract_type", "venue", "source")
    with opened() as hub:
        members = hub.members(company)
        with hub.store.read(company) as session:
            contracts = held_contracts(session)
    rows = [{name: getattr(one, name) for name in columns} for one in members]
    if json:
        as_json([{**row, "contracts": contracts.get(row["id"], ())} for row in rows])
    else:
        shown = [(*row.values(), ", ".join(map(str, contracts.get(row["id"], ())))) for row in rows]
        table("Team members", (*columns, "contracts"), shown)


def sync(
    company: Company,
    provider: ProviderName,
    apply: Annotated[bool, typer.Option("--apply", help="Carry the plan out.")] = False,
    json: Json = False,
) -> None:
    """Read people and contracts from payroll and show, person by person, what applying it does."""
    from hub.workforce import Step

    with opened() as hub:
        with busy("Reading people and contracts"):
            plan = hub.plan_sync(company, provider)
        if apply:
            hub.apply_sync(company, plan)
    rows = [
        {
            "step": one.step,
            "employee": one.employee.id,
            "number": one.employee.number,
            "name": one.employee.name,
            "member": one.member,
            "why": one.why,
        }
        for one in plan.people
        if one.step is not Step.SAME
    ]
    counts = ", ".join(f"{number} {step}" for step, number in plan.counts.items()) or "nobody"
    if json:
        as_json(
            {
                "applied": apply,
                "employees": len(plan.people),
                "counts": plan.counts,
                "gone": plan.gone,
                "people": rows,
            }
        )
    else:
        columns = ("step", "employee", "number", "name", "member", "why")
        table(f"{counted(len(plan.people), 'employee')} in {provider}", columns, [tuple(row.values()) for row in rows])
        if plan.gone:
            say(f"Not in payroll any more: {', '.join(plan.gone)}.")
        say(f"{'Applied' if apply else 'Nothing was changed; apply it with --apply'}: {counts}.")
    conflicts = plan.counts.get(Step.CONFLICT, 0)
    if apply and conflicts:
        who = counted(conflicts, "employee is", "employees are")
        waits(f"{who} linked to nobody: settle each with `hub link {company} {provider} EMPLOYEE MEMBER`.")


def link(company: Company, provider: ProviderName, employee: Employee, member: Member = None) -> None:
    """Settle by hand which team member an employee is."""
    with opened() as hub:
        hub.link(company, provider, employee, member)
    say(f"Employee {employee} is {f'linked to {member}' if member else 'not linked any more'}.")


def keep(company: Company, provider: ProviderName, fields: Fields = None) -> None:
    """Choose which fields of a team member a sync leaves to the host."""
    with opened() as hub:
        hub.keep_with_host(company, provider, fields or [])
    say(f"Kept with the host: {', '.join(fields or []) or 'nothing'}.")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="The team members of the host platform.", no_args_is_help=True)
    group.command("import")(import_members)
    group.command("list")(list_members)
    app.add_typer(group, name="members")
    for command in (sync, link, keep):
        app.command()(command)
