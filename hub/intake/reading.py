"""What reading a host's file gives: good items, wrong rows and notes. None of them ever quotes what a cell held."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import ValidationError

from hub.errors import InputError
from hub.intake.cells import Cells

MAX_ERRORS = 10_000
"""The number of wrong rows at which reading stops."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class Row:
    """One row: its known columns that are filled in."""

    line: int
    cells: Cells


@dataclass(frozen=True)
class RowError:
    """What is wrong with one row, in one sentence. `line` counts from 1; a header is line 1."""

    line: int
    reason: str


@dataclass(frozen=True)
class RowNote:
    """What was left out of a row that is otherwise good, in one sentence."""

    line: int
    text: str


@dataclass(frozen=True)
class Reading(Generic[Item]):
    """What a file held: the good items in the order of the file, the wrong rows, and what was left out."""

    good: list[Item] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    notes: list[RowNote] = field(default_factory=list)


class WrongRows(InputError):
    """Rows are wrong and therefore nothing may be stored; `errors` says which rows and why."""

    def __init__(self, text: str, errors: tuple[RowError, ...]) -> None:
        super().__init__(text)
        self.errors = errors


@dataclass
class Sieve(Generic[Item]):
    """Rows on their way into the store: going through it once yields the good items, and `errors` fill up meanwhile.

    Nothing of what went by is held but the ids, so that memory does not grow with the file. A row that is wrong, or
    that repeats the key of an earlier good one, becomes a `RowError`. `parse` may raise `InputError` or pydantic's
    `ValidationError`. At the end it raises what `collect` raises: whoever stores what came before must undo that then.
    """

    rows: Iterable[Row | RowError]
    parse: Callable[[Row], Item]
    key: Callable[[Item], str]
    strict: bool = False
    errors: list[RowError] = field(default_factory=list)

    def __iter__(self) -> Iterator[Item]:
        lines: dict[str, int] = {}
        good = 0
        for row in self.rows:
            result = row if isinstance(row, RowError) else _parsed(row, self.parse)
            if not isinstance(result, RowError):
                result = _first_of_its_key(row.line, result, self.key(result), lines)
            if isinstance(result, RowError):
                _note(result, self.errors)
            else:
                good += 1
                yield result
        _check_whole(good, self.errors, strict=self.strict)


def collect(
    rows: Iterable[Row | RowError], parse: Callable[[Row], Item], key: Callable[[Item], str], *, strict: bool
) -> Reading[Item]:
    """Parse every row; one that is wrong, or that repeats the key of an earlier good one, becomes a `RowError`.

    `parse` may raise `InputError` or pydantic's `ValidationError`. Raises `InputError` if there are no rows, and
    `WrongRows` if one is wrong and `strict` is set, or if `MAX_ERRORS` are wrong.
    """
    sieve = Sieve(rows, parse, key, strict)
    return Reading(list(sieve), sieve.errors)


def _parsed(row: Row, parse: Callable[[Row], Item]) -> Item | RowError:
    try:
        return parse(row)
    except InputError as error:
        return RowError(row.line, error.text)
    except ValidationError as error:
        return RowError(row.line, _reason(error))


def _reason(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    sentence = first["msg"].removeprefix("Value error, ")
    return f"In column {first['loc'][0]}: {sentence}" if first["loc"] else sentence


def _first_of_its_key(line: int, item: Item, key: str, lines: dict[str, int]) -> Item | RowError:
    earlier = lines.setdefault(key, line)
    if earlier != line:
        return RowError(line, f"The id is that of line {earlier} again: send each id once per file.")
    return item


def _note(error: RowError, errors: list[RowError]) -> None:
    errors.append(error)
    if len(errors) >= MAX_ERRORS:
        raise WrongRows(
            f"The first {MAX_ERRORS} wrong rows were enough to stop; nothing was stored: "
            "check that this is the right file and send it again.",
            tuple(errors),
        )


def _check_whole(good: int, errors: list[RowError], *, strict: bool) -> None:
    wrong, total = len(errors), len(errors) + good
    if total == 0:
        raise InputError("The file holds no rows: send a file with at least one.")
    if strict and wrong:
        verb = "is" if wrong == 1 else "are"
        raise WrongRows(
            f"{wrong} of {total} rows {verb} wrong; nothing was stored: correct them and send the file again.",
            tuple(errors),
        )
