"""Reading team members from a host's file. The format, for a host's developer: docs/members.md.

The BSN is tested (the eleven test of the BKWI data register), held as a secret, and never shown: not in a repr, not in
JSON, not in an error. A freelancer's is not taken in, because the law lets an employer use it for wage tax only.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Self

from pydantic import AfterValidator, Field, SecretStr, model_validator
from stdnum.nl import bsn as bsn_rules

from hub.errors import InputError
from hub.intake.cells import Cells
from hub.intake.contracts import HostContract, all_freelance, check_contracts, read_contracts
from hub.intake.reading import Reading, Row, RowNote, collect
from hub.intake.rows import Columns, read_rows
from hub.intake.shapes import Identifier, Text
from hub.models import ContractType, Model

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]{1,180}\.[^@\s.]{2,}")
_BSN = re.compile(r"[0-9]{8,9}")
_SHOWN = re.compile(r"[A-Za-z0-9_.:-]+")

# Remarks are not taken in: they can hold anything about anybody.
_COLUMNS = Columns(
    required=("id", "name"),
    optional=("email", "contract_type", "venue", "bsn", "contracts"),
    ignored=("remarks",),
    lists=("contracts",),
)


def _email(text: str) -> str:
    if text and not _EMAIL.fullmatch(text):
        raise ValueError("This is no e-mail address: correct it or leave it empty.")
    return text.lower()


def _bsn(secret: SecretStr) -> SecretStr:
    digits = _nine_digits(secret.get_secret_value())
    if not bsn_rules.is_valid(digits):
        raise ValueError("This is no BSN, which has nine digits and passes the eleven test: correct it.")
    return SecretStr(digits)


def _nine_digits(text: str) -> str:
    """Return a BSN without spaces and dots, with the leading zero that a spreadsheet drops; empty if it is none."""
    digits = re.sub(r"[ .]", "", text)
    return digits.zfill(9) if _BSN.fullmatch(digits) else ""


class Member(Model):
    """A person in the host platform. `email` is in lower case. `bsn` has nine digits and is in no repr and no JSON.

    `contracts` is None where the file says nothing of them, and empty where it says that there are none. Raises
    pydantic's `ValidationError`, which quotes nothing, for a wrong e-mail address or BSN, a freelancer's BSN, or an id
    that is the BSN; and `InputError` for contracts that overlap or are too many.
    """

    id: Identifier
    name: Annotated[Text, Field(min_length=1)]
    email: Annotated[Text, AfterValidator(_email)] = ""
    contract_type: ContractType | None = None
    venue: Text = ""
    bsn: Annotated[SecretStr, AfterValidator(_bsn)] | None = Field(default=None, exclude=True, repr=False)
    contracts: tuple[HostContract, ...] | None = None

    @property
    def freelancer(self) -> bool:
        """Whether the file says so: by the contract type, or because every contract that it gives is freelance."""
        return self.contract_type is ContractType.FREELANCE or all_freelance(self.contracts or ())

    @model_validator(mode="after")
    def _guards_the_bsn(self) -> Self:
        if self.bsn and self.freelancer:
            raise ValueError("A freelancer's BSN may not be kept: leave it out.")
        if self.bsn and self.bsn.get_secret_value() == _nine_digits(self.id):
            raise ValueError("The id is the BSN, which may not be used as a key: send another id.")
        return self

    @model_validator(mode="after")
    def _has_one_contract_a_day(self) -> Self:
        check_contracts(self.contracts or (), _called(self))
        return self


def read_members(path: str | Path, *, strict: bool = False) -> Reading[Member]:
    """Read team members from a CSV or JSON-lines file; `notes` says whose BSN was not taken in.

    Raises `InputError` if the file as a whole cannot be read, and with `strict` also (`WrongRows`) if any row is wrong.
    """
    notes: list[RowNote] = []
    reading = collect(
        read_rows(Path(path), _COLUMNS), lambda row: _member(row, notes), lambda member: member.id, strict=strict
    )
    return replace(reading, notes=notes)


def _member(row: Row, notes: list[RowNote]) -> Member:
    member = _with_contracts(_plain(row.cells), row.cells.text("contracts"))
    bsn = row.cells.text("bsn")
    if bsn and member.freelancer:
        notes.append(RowNote(row.line, "The BSN of a freelancer is not taken in."))
    elif bsn:
        _check_bsn(bsn, member)
        return Member(**dict(member) | {"bsn": SecretStr(bsn)})
    return member


def _plain(cells: Cells) -> Member:
    """Return the member without contracts and BSN: what is wrong with those is said with the member's id."""
    return Member(
        id=cells.needed("id"),
        name=cells.needed("name"),
        email=cells.text("email"),
        contract_type=cells.choice("contract_type", ContractType) if cells.text("contract_type") else None,
        venue=cells.text("venue"),
    )


def _with_contracts(member: Member, cell: str) -> Member:
    if not cell:
        return member
    return Member(**dict(member) | {"contracts": read_contracts(cell, _called(member))})


def _check_bsn(bsn: str, member: Member) -> None:
    if not bsn_rules.is_valid(_nine_digits(bsn)):
        raise InputError(
            f"The BSN of {_called(member)} has not eight or nine digits that pass the eleven test: correct it."
        )


def _called(member: Member) -> str:
    """Name a member by id; not where the host put a BSN or an e-mail address there."""
    shown = _SHOWN.fullmatch(member.id) and not bsn_rules.is_valid(_nine_digits(member.id))
    return f"member {member.id}" if shown else "this member"
