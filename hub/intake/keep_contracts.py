"""Storing the contracts of team members: a list in the file takes the place of all that the member had."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import delete
from sqlmodel import col, select

from hub.intake.contracts import HostContract
from hub.intake.members import Member
from hub.store.people import MemberContract, TeamMember
from hub.store.session import CompanySession

Contracts = Mapping[str, tuple[HostContract, ...]]
"""Contracts by the id of their member, those of one member in the order of their starts."""


def held_contracts(session: CompanySession, members: Collection[str] | None = None) -> Contracts:
    """Return the contracts that are held of these members, or of all; a member without any is not in it."""
    held = defaultdict(list)
    of_these = () if members is None else (col(MemberContract.member).in_(members),)
    for row in session.all(MemberContract, *of_these):
        held[row.member].append(HostContract(**row.model_dump(exclude={"company_id", "member"})))
    return {member: tuple(contracts) for member, contracts in held.items()}


def told_contracts(members: Iterable[Member]) -> Contracts:
    """Return the contracts of those members whose file says something of them, be it that there are none."""
    told = {one.id: one.contracts for one in members if one.contracts is not None}
    return {member: tuple(sorted(contracts, key=lambda one: one.start)) for member, contracts in told.items()}


def hold_members(session: CompanySession, members: Collection[str]) -> None:
    """Keep other transactions from replacing the contracts of these members until this one ends.

    Without it both would take the same old ones away and put their own beside each other. SQLite has one writer at a
    time and ignores the lock.
    """
    these = select(TeamMember.id).where(col(TeamMember.id).in_(members)).order_by(TeamMember.id)
    session.exec(these.with_for_update(key_share=True)).all()


def replace_contracts(session: CompanySession, contracts: Contracts) -> None:
    """Put these in the place of all contracts of the members that it names; the members must be stored."""
    if contracts:
        session.execute(delete(MemberContract).where(col(MemberContract.member).in_(contracts)))
    rows = ({**one.model_dump(), "member": member} for member, each in contracts.items() for one in each)
    session.insert(MemberContract, rows)
