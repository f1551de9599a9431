"""Storing what was read, in one transaction: team members with their contracts, or timecards; no older revision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any, TypeVar

from sqlmodel import col

from hub.errors import InputError
from hub.intake.contracts import HostContract, all_freelance
from hub.intake.keep_contracts import held_contracts, hold_members, replace_contracts, told_contracts
from hub.intake.members import Member
from hub.intake.shapes import Deletion, Timecard
from hub.keeping.terms import kept_from
from hub.models import ContractType
from hub.store.people import TeamMember
from hub.store.people import Timecard as TimecardRow
from hub.store.session import CompanySession
from hub.vault import Place, Vault

Numbered = TypeVar("Numbered", Timecard | Deletion, Member)

BATCH = 2_000
"""Rows that are looked up in one question; databases limit how many values a question may hold."""


@dataclass
class Kept:
    """What storing did, in numbers, and the ids it refused with the reason."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


def keep_timecards(session: CompanySession, cards: Iterable[Timecard | Deletion], actor: str, *, strict: bool) -> Kept:
    """Store timecards; of a `Sieve` it holds one batch at a time, however many there are.

    One of before the day from which on the company's wage data are kept is refused: nobody could tell whether payroll
    has it. With `strict`, raises `InputError` if one is refused, and the transaction changes nothing. Raises
    `InputError` also if an id is named twice, and what reading the cards raises.
    """
    kept, first = Kept(), kept_from(session)
    for batch in _batches(_each_once(cards)):
        known = {row.id: row for row in session.all(TimecardRow, col(TimecardRow.id).in_([card.id for card in batch]))}
        fresh = [card for card in batch if _is_fresh(kept, card, known.get(card.id), first)]
        session.insert(TimecardRow, [_row(card) for card in fresh if card.id not in known])
        session.change(TimecardRow, [_row(card) for card in fresh if card.id in known])
    if strict and kept.refused:
        card, reason = kept.refused[0]
        raise InputError(f"Nothing was stored: {len(kept.refused)} timecards are refused; {card}: {reason}")
    session.audit(actor, "timecards stored", "timecards", new=kept.new, changed=kept.changed, deleted=kept.deleted)
    return kept


def _each_once(items: Iterable[Numbered]) -> Iterator[Numbered]:
    """Yield what is to be stored. Raises `InputError` at an id that was there already."""
    seen: set[str] = set()
    for item in items:
        if item.id in seen:
            raise InputError("Nothing was stored: an id is named twice; the sender must send each id once.")
        seen.add(item.id)
        yield item


def _batches(items: Iterable[Numbered]) -> Iterator[list[Numbered]]:
    items = iter(items)
    while batch := list(islice(items, BATCH)):
        yield batch


def _is_fresh(kept: Kept, card: Timecard | Deletion, row: TimecardRow | None, first: date | None) -> bool:
    """Count a card, and tell whether it is to be stored."""
    reason = _refusal(card, row, first)
    if reason:
        kept.refused.append((card.id, reason))
        return False
    if row and row.revision == card.revision:
        kept.unchanged += 1
        return False
    kept.deleted += card.deleted
    kept.new += row is None
    kept.changed += row is not None and not card.deleted
    return True


def _refusal(card: Timecard | Deletion, row: TimecardRow | None, first: date | None) -> str:
    if first and isinstance(card, Timecard) and card.date < first and (row is None or card.revision > row.revision):
        return f"the wage data of before {first} were deleted, kept long enough: correct it in payroll by hand."
    if row is None:
        return "there is no such timecard to delete." if card.deleted else ""
    if card.revision < row.revision:
        return f"revision {card.revision} is older than revision {row.revision}, which is held: send the newest."
    if card.revision == row.revision and _content(card, row):
        return f"revision {card.revision} is held already with other content: send a change with a higher revision."
    return ""


def _content(card: Timecard | Deletion, row: TimecardRow) -> bool:
    """Tell whether the content differs."""
    return any(getattr(row, name) != value for name, value in _row(card).items())


def _row(card: Timecard | Deletion) -> dict[str, Any]:
    if isinstance(card, Deletion):
        return {"id": card.id, "revision": card.revision, "deleted": True}
    return {**card.model_dump(exclude={"amounts"}), "amounts": [one.model_dump(mode="json") for one in card.amounts]}


def keep_members(session: CompanySession, vault: Vault, members: Sequence[Member], actor: str) -> Kept:
    """Store team members; a BSN is sealed before it reaches the database, and stays where none is given.

    That of a freelancer is not kept, and erased where the file or payroll says that somebody became one: the law lets
    an employer use a BSN for wage tax only. The contracts that a file gives replace all that the member had; they stay
    where it says nothing of them. Raises `InputError` if an id is named twice.
    """
    kept = Kept()
    for batch in _batches(_each_once(members)):
        _keep_members(session, vault, batch, kept)
    session.audit(actor, "members stored", "members", new=kept.new, changed=kept.changed)
    return kept


def _keep_members(session: CompanySession, vault: Vault, batch: Sequence[Member], kept: Kept) -> None:
    told = told_contracts(batch)
    hold_members(session, told)
    ids = [one.id for one in batch]
    known = {row.id: row for row in session.all(TeamMember, col(TeamMember.id).in_(ids))}
    held = held_contracts(session, ids)
    now = {**held, **told}
    rows = {one.id: _member_row(one, known.get(one.id), now.get(one.id, ()), vault) for one in batch}
    changed = [row for name, row in rows.items() if name in known and _differs(known[name], row, vault)]
    replaced = {name: contracts for name, contracts in told.items() if contracts != held.get(name, ())}
    session.insert(TeamMember, [{**_EMPTY, **row} for name, row in rows.items() if name not in known])
    session.change(TeamMember, changed)
    replace_contracts(session, replaced)
    touched = known.keys() & {*(row["id"] for row in changed), *replaced}
    kept.new += len(batch) - len(known)
    kept.changed += len(touched)
    kept.unchanged += len(known) - len(touched)


_EMPTY = {"email": "", "contract_type": None, "venue": "", "bsn": None, "source": "host"}


def _member_row(
    member: Member, held: TeamMember | None, contracts: Sequence[HostContract], vault: Vault
) -> dict[str, Any]:
    """Return what the file tells; what it leaves empty stays as it is, because payroll may have told it."""
    row = {name: value for name, value in member.model_dump(exclude={"contracts"}).items() if value}
    kind = member.contract_type or (held and held.contract_type)
    if kind == ContractType.FREELANCE or all_freelance(contracts):
        row["bsn"] = None
    elif member.bsn:
        row["bsn"] = vault.seal(bsn_place(member.id), member.bsn.get_secret_value())
    return row


def _differs(held: TeamMember, row: dict[str, Any], vault: Vault) -> bool:
    """Tell whether the row changes anything; the same BSN is sealed differently each time."""
    place = bsn_place(held.id)
    if row.get("bsn") and held.bsn and vault.open(place, row["bsn"]) == vault.open(place, held.bsn):
        row = {**row, "bsn": held.bsn}
    return any(getattr(held, name) != value for name, value in row.items())


def bsn_place(member: str) -> Place:
    """Return where the BSN of a team member lives."""
    return Place("team_member", "bsn", member)
