"""A layout proposed from a provider's own sample file. Of the sample only its form is kept, never what a cell held."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path

from hub.errors import InputError
from hub.files.layout import Layout, Source
from hub.files.layout_file import layout_of
from hub.files.sample_columns import DATES, Understood, quotes_of, understand
from hub.files.sample_csv import read_csv
from hub.files.sample_table import Table
from hub.files.sample_values import Form, amounts_form, check_amounts, dates_form
from hub.files.sample_xlsx import read_xlsx
from hub.models import Model

MAX_BYTES = 10_000_000
"""The largest sample that is read, in bytes."""

_ZIP, _OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class Proposal(Model):
    """A layout with the form of a sample, what of it is a guess or must be looked at, and the headers not known."""

    layout: Layout
    notes: tuple[str, ...]
    unmatched: tuple[str, ...]


def layout_from_sample(path: Path, name: str) -> Proposal:
    """Propose a layout from a CSV or XLSX sample; it is unverified, whatever the sample is.

    Raises `InputError` if the sample cannot be read or has a form that no layout can write, and `WrongLayout` if what
    it says contradicts itself or the name is not that of a layout. Neither quotes a cell.
    """
    table = _table(path)
    found = understand(table)
    forms = [_amounts(table, found), _dates(table, found)]
    if table.form["format"] == "csv":
        quotes, notes = quotes_of(table, found.columns)
        forms.append(Form({"quotes": quotes}, tuple(notes)))
    fields = {key: one for form in forms for key, one in form.fields.items()}
    notes = [*table.notes, *found.notes, *(note for form in forms for note in form.notes)]
    return Proposal(layout=_layout(name, table, found, fields), notes=tuple(notes), unmatched=found.unmatched)


def _layout(name: str, table: Table, found: Understood, fields: Mapping[str, str | bool]) -> Layout:
    columns = tuple(column.model_dump() for column in found.columns)
    known = {"name": name, "version": "1", "grain": found.grain, "columns": columns, "totals": table.totals}
    return layout_of({**known, **table.form, **fields})


def _table(path: Path) -> Table:
    data = _bytes(path)
    if data.startswith(_OLD_OFFICE):
        raise InputError("The sample is an old .xls, or has a password: save it as .xlsx without one, or as CSV.")
    return read_xlsx(data) if data.startswith(_ZIP) else read_csv(data)


def _bytes(path: Path) -> bytes:
    try:
        status = path.stat()
        readable = stat.S_ISREG(status.st_mode)
        large = status.st_size > MAX_BYTES
        data = path.read_bytes() if readable and not large else b""
    # A path that holds a NUL byte is a ValueError.
    except (OSError, ValueError):
        readable, large, data = False, False, b""
    if not readable:
        raise InputError("The sample cannot be read: check that the path is that of a file that the hub may read.")
    if large:
        raise InputError(f"The sample is larger than {MAX_BYTES // 1_000_000} MB: shorten it.")
    return data


def _amounts(table: Table, found: Understood) -> Form:
    places = [place for place, column in enumerate(found.columns) if column.source is Source.AMOUNT]
    texts = {place: table.column(place) for place in places}
    for place, cells in texts.items():
        check_amounts(cells, place + 1)
    csv = table.form["format"] == "csv"
    fallback = "." if table.form.get("delimiter") == "," else ","
    return amounts_form([text for cells in texts.values() for text in cells], sign_matters=csv, fallback=fallback)


def _dates(table: Table, found: Understood) -> Form:
    places = [place for place, column in enumerate(found.columns) if column.source in DATES]
    return dates_form([text for place in places for text in table.column(place)]) if places else Form()
