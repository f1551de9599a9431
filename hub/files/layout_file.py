"""A layout as a TOML file: read with every problem told in words, and written so that it reads back the same."""

from __future__ import annotations

import json
import re
import stat
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, NoReturn, Self, get_args, get_origin

from pydantic import ValidationError, model_validator
from pydantic.fields import FieldInfo

from hub.errors import InputError
from hub.files.layout import DATES, ENCODINGS, Column, Grain, Layout, contradictions

MAX_BYTES = 1_000_000
"""The largest layout file that is read, in bytes."""

_COLUMNS = "each column is a line [[columns]] with its keys below it; write 1 to 200 of them"
_HINTS = {
    "name": 'write 1 to 60 lower-case letters, digits, ".", "-" or "_" between quotes, such as "horecalonen"',
    "version": 'write 1 to 20 letters, digits, ".", "-" or "_" between quotes, such as "1"',
    "sheet": "write 1 to 31 characters between quotes, none of them [ ] : * ? / \\ '",
    "columns": _COLUMNS,
}
_LISTS: dict[str, Sequence[str]] = {"encoding": ENCODINGS, "date_format": tuple(DATES)}
_CSV_ONLY = ("delimiter", "encoding", "bom", "line_end", "quotes")
_GRAINS = {
    Grain.PERSON_PERIOD: "person and period",
    Grain.PERSON_DAY: "person and day",
    Grain.PERSON_CODE: "person and code",
}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a layout: where (`column 3, source`), and what to do about it."""

    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.text}."


class WrongLayout(InputError):
    """A layout cannot be used; `problems` has everything that is wrong with it, and so has the text."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(("The layout is not right:", *map(str, problems))))
        self.problems = tuple(problems)


class _Unchecked(Layout):
    """A layout whose fields are right one by one, but may contradict each other."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        return self


def read_layout(path: Path) -> Layout:
    """Return the layout in a TOML file.

    Raises `InputError` if the file cannot be read, is over `MAX_BYTES` or is no UTF-8 text, and `WrongLayout` with
    every problem if it is no TOML or no layout.
    """
    text = _text(path)
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        where = re.search(r"line \d+", str(error))
        problem = Problem(where[0] if where else "the last line", "this is not TOML: check its quotes, brackets and =")
    else:
        return layout_of(data)
    raise WrongLayout([problem])


def layout_of(data: Mapping[str, Any]) -> Layout:
    """Return the layout with these fields; `WrongLayout` with every problem. No value is quoted in it."""
    try:
        return Layout.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
    wrong = {one["loc"][0] for one in found if one["loc"]}
    # A column that is wrong is not counted, so that pydantic may find too few of them; that is no problem of its own.
    echo = ("columns",) if any(len(one["loc"]) > 1 for one in found) else ()
    problems = [_problem(one["loc"], one["type"], one["msg"]) for one in found if one["loc"] not in ((), echo)]
    raise WrongLayout([*problems, *_contradictions({key: one for key, one in data.items() if key not in wrong})])


def write_layout(layout: Layout, notes: Sequence[str] = ()) -> str:
    """Return a layout as TOML, with notes as comments above it; `read_layout` gives the same layout back.

    What does not apply to the format and is as it is by default, is left out.
    """
    skipped = _CSV_ONLY if layout.format == "xlsx" else ("sheet",)
    default = {name: field.default for name, field in Layout.model_fields.items()}
    fields = layout.model_dump(mode="json", exclude={"columns"})
    kept = {key: one for key, one in fields.items() if key not in skipped or one != default[key]}
    columns = [_lines(one.model_dump(mode="json", exclude_defaults=True)) for one in layout.columns]
    comments = "".join(f"# {_one_line(note)}\n" for note in notes)
    return "\n[[columns]]\n".join((comments + _lines(kept), *columns))


def summary(layout: Layout) -> str:
    """Return what a layout is in a few words: CSV, one row per person and code, 6 columns, unverified."""
    number = len(layout.columns)
    columns = f"{number} column{'' if number == 1 else 's'}"
    return f"{layout.format.upper()}, one row per {_GRAINS[layout.grain]}, {columns}, {layout.status}"


def _text(path: Path) -> str:
    try:
        status = path.stat()
        regular, large = stat.S_ISREG(status.st_mode), status.st_size > MAX_BYTES
        raw = path.read_bytes() if regular and not large else b""
    # A path that holds a NUL byte is a ValueError.
    except (OSError, ValueError):
        regular, large, raw = True, False, None
    if not regular:
        _refuse("The path is not that of a file: give the path of a layout file (TOML).")
    if large:
        _refuse(f"The file is larger than {MAX_BYTES // 1_000_000} MB: check that this is a layout file (TOML).")
    if raw is None:
        _refuse("The layout file cannot be read: check that the path is right and that the hub may read it.")
    text = _decoded(raw)
    return _refuse("The layout file is not UTF-8 text: save it as UTF-8.") if text is None else text


def _refuse(text: str) -> NoReturn:
    raise InputError(text)


def _decoded(raw: bytes) -> str | None:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _problem(place: tuple[int | str, ...], kind: str, message: str) -> Problem:
    """Put what pydantic found into words. `place` is (field,), (columns, number) or (columns, number, field)."""
    where = [f"column {part + 1}" if isinstance(part, int) else part for part in place if part != "columns"]
    key, model = str(place[-1]), Column if len(place) > 1 else Layout
    if kind == "extra_forbidden":
        return Problem(", ".join(where), _unknown(key, model))
    if len(place) == 2:
        # The one rule of a column by itself names it by its header; its number says where it is.
        return Problem(where[0], message.rpartition(": ")[2] if kind == "value_error" else _COLUMNS)
    expected = _expected(key, model.model_fields[key])
    return Problem(", ".join(where) or key, f"this is missing; {expected}" if kind == "missing" else expected)


def _unknown(key: str, model: type[Column | Layout]) -> str:
    if model is Column and key in Layout.model_fields:
        return "this belongs to the layout, not to a column: move it above the first [[columns]]"
    known = [*model.model_fields]
    near = get_close_matches(key.lower().replace("-", "_"), known, 1)
    return f"no such key; did you mean {near[0]}?" if near else f"no such key; choose from {', '.join(known)}"


def _expected(key: str, field: FieldInfo) -> str:
    """Return what may be written for a field."""
    kind = field.annotation
    if kind is bool:
        return "write true or false, without quotes"
    choices = _LISTS.get(key, get_args(kind) if get_origin(kind) is Literal else ())
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        choices = [*kind]
    if choices:
        return f"choose from {', '.join(_quoted(one) for one in choices)}"
    return _HINTS.get(key, "write a text between quotes")


def _contradictions(good: Mapping[str, Any]) -> list[Problem]:
    """Return what contradicts itself in the fields that are right one by one, if grain and columns are among them."""
    known = {key: one for key, one in good.items() if key in Layout.model_fields}
    try:
        layout = _Unchecked.model_validate({"name": "any", "version": "1", **known})
    except ValidationError:
        return []
    return [Problem("layout", text) for text in contradictions(layout)]


def _lines(fields: Mapping[str, Any]) -> str:
    return "".join(f"{key} = {_value(one)}\n" for key, one in fields.items())


def _value(value: str | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else _quoted(value)


def _quoted(text: str) -> str:
    """Return a text as TOML: the escapes of JSON are TOML's, but JSON leaves the delete character as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)
