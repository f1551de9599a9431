"""The dated contracts of a team member, each with the provider that runs its payroll, and reading them from a cell.

A cell holds them as text, `2026-01-01/2026-06-30 connexie zero_hours, 2026-07-01/ nmbrs`, or as a JSON list of objects.
The contract on a business date decides where an hour goes; two on one date would leave it open, so none overlap.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import AfterValidator, model_validator

from hub.errors import InputError
from hub.intake.cells import Cells
from hub.models import ContractType, Model

MOST_CONTRACTS = 100
"""The most contracts that one member may have."""

NONE = "-"
"""What a cell says of a member who has no contracts; an empty cell says nothing of them."""

_KEYS = ("start", "end", "payroll", "contract_type")
_PROVIDER = re.compile(r"[a-z][a-z0-9_-]{0,99}")
_TEXT = re.compile(r"(?P<start>[^\s/]+)/(?P<end>[^\s/]*)\s+(?P<payroll>\S+)(?:\s+(?P<contract_type>\S+))?")


def _provider(name: str) -> str:
    if not _PROVIDER.fullmatch(name):
        raise InputError(
            "The payroll is the name of a provider, such as connexie: a lower-case letter, then at most 99 lower-case "
            "letters, digits, - and _."
        )
    return name


class HostContract(Model):
    """A contract: `start` and `end` are its first and last day; without `end` it goes on.

    `payroll` names the provider that runs its payroll, which need not be installed. As text it is what a cell holds.
    Raises `InputError` if it ends before it starts, or if `payroll` cannot be a provider's name.
    """

    start: date
    end: date | None = None
    payroll: Annotated[str, AfterValidator(_provider)]
    contract_type: ContractType | None = None

    @model_validator(mode="after")
    def _ends_no_sooner_than_it_starts(self) -> Self:
        if self.end and self.end < self.start:
            raise InputError("It ends before it starts: correct its dates.")
        return self

    def __str__(self) -> str:
        return f"{self.start}/{self.end or ''} {self.payroll} {self.contract_type or ''}".rstrip()


def all_freelance(contracts: Sequence[HostContract]) -> bool:
    """Tell whether there are contracts and each of them is freelance."""
    return bool(contracts) and all(one.contract_type is ContractType.FREELANCE for one in contracts)


def check_contracts(contracts: Sequence[HostContract], whose: str) -> None:
    """Raise `InputError`, which names `whose` they are, if there are too many contracts or two of them overlap."""
    if len(contracts) > MOST_CONTRACTS:
        raise InputError(f"There are over {MOST_CONTRACTS} contracts of {whose}: send those that still matter.")
    by_start = sorted(enumerate(contracts, start=1), key=lambda numbered: numbered[1].start)
    for (one, earlier), (other, later) in pairwise(by_start):
        if earlier.end is None or later.start <= earlier.end:
            raise InputError(
                f"Contracts {min(one, other)} and {max(one, other)} of {whose} overlap: correct their dates, so that "
                "one contract at most holds on a day."
            )


def read_contracts(cell: str, whose: str) -> tuple[HostContract, ...]:
    """Return the contracts in a cell, in its order; it must not be empty.

    Raises `InputError`, which names `whose` they are and quotes nothing, if they cannot be read.
    """
    if cell == NONE:
        return ()
    items, cells_of = _items(cell, whose)
    return tuple(_contract(item, cells_of, f"contract {number} of {whose}") for number, item in enumerate(items, 1))


def _items(cell: str, whose: str) -> tuple[Sequence[Any], Callable[[Any], Cells]]:
    """Return what the cell holds of each contract, and what makes cells of it."""
    if not cell.startswith("["):
        return cell.split(","), _text_cells
    try:
        return json.loads(cell, object_pairs_hook=_each_key_once), _object_cells
    except (ValueError, RecursionError):
        raise InputError(
            f"The contracts of {whose} are no JSON list of objects with each key once: correct the list."
        ) from None


def _contract(item: object, cells_of: Callable[[Any], Cells], which: str) -> HostContract:
    try:
        cells = cells_of(item)
        return HostContract(
            start=cells.needed_day("start"),
            end=cells.day("end"),
            payroll=cells.needed("payroll"),
            contract_type=cells.choice("contract_type", ContractType) if cells.text("contract_type") else None,
        )
    except InputError as error:
        raise InputError(f"In {which}: {error.text}") from None


def _text_cells(text: str) -> Cells:
    matched = _TEXT.fullmatch(text.strip())
    if matched is None:
        raise InputError("Write it as start/end, payroll and type, such as 2026-01-01/2026-06-30 connexie zero_hours.")
    return Cells({name: value for name, value in matched.groupdict().items() if value})


def _object_cells(found: object) -> Cells:
    if not isinstance(found, dict):
        raise InputError(f"It is no object with the keys {', '.join(_KEYS)}: correct it.")
    for position, (key, value) in enumerate(found.items(), start=1):
        if key not in _KEYS:
            raise InputError(f"Key {position} is not known: the keys are {', '.join(_KEYS)}.")
        if not isinstance(value, str | None):
            raise InputError(f"Key {key} expects a text.")
    stripped = ((key, (value or "").strip()) for key, value in found.items())
    return Cells({key: value for key, value in stripped if value})


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found
