"""Team members: uploads, lists by page, and which employees of payroll they are."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from hub.api.callers import Reads, Staffs
from hub.api.names import EmployeeId, MemberId, ProviderName
from hub.api.pages import CSV, Listed, Wants
from hub.api.shapes import Kept, Page, Word
from hub.api.shown import ConflictShown, EmployeeShown, MemberLinks, MemberShown
from hub.api.uploads import Strict, Uploaded, body_of, kept_of
from hub.intake.members import read_members
from hub.models import ContractType, Model

router = APIRouter()

OF = "/companies/{company}/connections/{provider}"
BODY = body_of("id;name;contract_type\nm1;Robin;zero_hours\n", {"id": "m1", "name": "Robin", "venue": "terras"})


class Linked(Model):
    """Which team member an employee is."""

    member: Word = Field(min_length=1, examples=["m1"])


class KeptFields(Model):
    """Which fields of a team member a sync leaves to the host."""

    fields: tuple[Literal["name", "email", "contract_type"], ...] = Field(max_length=3, examples=[["email"]])


@router.post("/companies/{company}/members", tags=["people"], openapi_extra=BODY)
async def import_members(asked: Staffs, file: Uploaded, strict: Strict = False) -> Kept:
    """Store team members; a BSN is encrypted on arrival and never given back."""

    def store() -> Kept:
        reading = read_members(file, strict=strict)
        return kept_of(asked.hub.import_members(asked.company, reading, actor=asked.actor), reading.errors)

    return await run_in_threadpool(store)


@router.get("/companies/{company}/members", tags=["people"], response_model=Page[MemberShown], responses=CSV)
def list_members(
    asked: Reads, wants: Wants, contract_type: ContractType | None = None, venue: Word = "", source: Word = ""
) -> Any:  # noqa: ANN401 - a page or a file
    """List the team members, by id."""
    named = {"contract_type": contract_type or "", "venue": venue, "source": source}
    found = Listed(
        MemberShown,
        lambda part: asked.hub.some_members(asked.company, part, **named),
        MemberShown.of,
        lambda one: (one.member.id,),
        (str,),
    )
    return wants.give(found)


@router.get("/companies/{company}/members/{member:path}", tags=["people"])
def show_member(member: MemberId, asked: Reads) -> MemberLinks:
    """Show a team member and the employees that it is in payroll."""
    one, rows = asked.hub.links(asked.company, member)
    return MemberLinks(member=MemberShown.of(one), employees=tuple(map(EmployeeShown.of, rows)))


IsLinked = Annotated[bool | None, Query(description="Only those who are linked, or who are not.")]


@router.get(OF + "/employees", tags=["people"], response_model=Page[EmployeeShown], responses=CSV)
def list_employees(
    provider: ProviderName, asked: Reads, wants: Wants, administration: Word = "", linked: IsLinked = None
) -> Any:  # noqa: ANN401 - a page or a file
    """List the people of payroll as they were last read, by id, with the team member that each is."""

    def ask(part: Any) -> Any:  # noqa: ANN401 - as of every list
        return asked.hub.some_employees(asked.company, provider, part, administration=administration, linked=linked)

    return wants.give(Listed(EmployeeShown, ask, EmployeeShown.of, lambda row: (row.id,), (str,)))


@router.get(OF + "/conflicts", tags=["people"])
def list_conflicts(provider: ProviderName, asked: Reads) -> tuple[ConflictShown, ...]:
    """List the employees of whom a person must say who they are, and why."""
    return tuple(map(ConflictShown.of, asked.hub.conflicts(asked.company, provider)))


@router.put(OF + "/employees/{employee:path}/link", tags=["people"])
def link(provider: ProviderName, employee: EmployeeId, new: Linked, asked: Staffs) -> Linked:
    """Settle by hand which team member an employee is."""
    asked.hub.link(asked.company, provider, employee, new.member, actor=asked.actor)
    return new


@router.delete(OF + "/employees/{employee:path}/link", status_code=204, tags=["people"])
def unlink(provider: ProviderName, employee: EmployeeId, asked: Staffs) -> None:
    """Take the link of an employee away; no sync gives it back by e-mail address."""
    asked.hub.link(asked.company, provider, employee, None, actor=asked.actor)


@router.get(OF + "/kept-with-host", tags=["people"])
def show_kept_with_host(provider: ProviderName, asked: Reads) -> KeptFields:
    """Show which fields of a team member a sync leaves to the host."""
    return KeptFields.model_validate({"fields": asked.hub.kept_with_host(asked.company, provider)})


@router.put(OF + "/kept-with-host", tags=["people"])
def keep_with_host(provider: ProviderName, new: KeptFields, asked: Staffs) -> KeptFields:
    """Choose which fields of a team member a sync leaves to the host."""
    asked.hub.keep_with_host(asked.company, provider, new.fields, actor=asked.actor)
    return new
