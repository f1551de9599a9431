"""Rules for providers of files: complete and exact, the same every time, harmless to open, and silent about people."""

# ruff: noqa: D401 - the docstring of a rule says what must hold

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import partial

from hub.errors import HubError, InputError
from hub.files.layout import Layout, Source
from hub.models import Kind, RenderedFile, Row
from hub.testing.canary import leaks, told
from hub.testing.conformance.bench import Bench, raised
from hub.testing.conformance.file_bench import (
    LEAST,
    NOBODY,
    PEOPLE,
    Desk,
    Formula,
    amounts_in,
    amounts_of,
    body,
    desk,
    file_rows,
    lines_of,
)
from hub.testing.conformance.rule import RENDERS, Group, NotApplicable, NotConforming, expect, rule
from hub.testing.conformance.watching import connections, logged
from hub.testing.imported_file import shown
from hub.testing.simulated_importer import IMPORTED_BEFORE, TAKEN, upload

_FORM = ("file-has-its-layout", "file-takes-the-companys-layout")
"""The rules that one stands on which reads a file by its layout."""

_ROUNDS = 12
_NO_COLUMN = "zonder-kolom"
_WIDE = (
    "\N{FULLWIDTH EQUALS SIGN}",
    "\N{FULLWIDTH PLUS SIGN}",
    "\N{FULLWIDTH HYPHEN-MINUS}",
    "\N{FULLWIDTH COMMERCIAL AT}",
)
_BEGINNINGS = ("=", "+", "-", "@", "\t=", "\r=", "\n=", " =", *_WIDE, "\N{MINUS SIGN}", "x;=", 'x"=', "x|=")
_SIGNS = ("=", "+", "-", "@", "\N{MINUS SIGN}")
_UNSEEN = ("Cc", "Cf", "Zl", "Zp", "Zs")
_NUMBER = re.compile(r"-?\d+([.,:]\d+)?")


@rule(
    "file-needs-no-network",
    "Whoever sends a file by hand has nothing to connect to, and the hub may have no way out.",
    Group.FILES,
    RENDERS,
    wire=False,
)
def file_needs_no_network(bench: Bench) -> None:
    """Activation and the making of a file open no connection and look nothing up."""
    with connections() as seen:
        opened = desk(bench)
        opened.render(_rows(opened))
    expect(not seen, f"it opened a connection to {', '.join(seen)}")


@rule(
    "file-has-its-layout",
    "Nobody may take the guess of an author for what payroll published.",
    Group.FILES,
    RENDERS,
    wire=False,
)
def file_has_its_layout(bench: Bench) -> None:
    """It ships a layout that is one also after it was stored, and says that it is verified or unverified."""
    layout = bench.provider.layout
    if layout is None:
        raise NotConforming("it ships no layout")
    expect(layout.status in ("verified", "unverified"), f"its layout is {layout.status}, not verified or unverified")
    expect(Layout.model_validate_json(layout.model_dump_json()) == layout, "its layout cannot be stored")


@rule(
    "file-takes-the-companys-layout",
    "Payroll software is set up differently everywhere; a company describes its own file.",
    Group.FILES,
    RENDERS,
    wire=False,
)
def file_takes_the_companys_layout(bench: Bench) -> None:
    """A file has the columns of the layout that was asked for, and those of its own where none was."""
    opened = desk(bench)
    for layout, asked in opened.forms():
        file = opened.render(_rows(opened, layout), asked)
        expect(file.extension == layout.format, f"a file was asked as {layout.format}, and is {file.extension}")
        header = lines_of(file, layout)[0] if layout.header else [one.header for one in layout.columns]
        wanted = [one.header for one in layout.columns]
        expect(header == wanted, f"the columns are not those of layout {layout.name}")


@rule(
    "file-is-repeatable",
    "A file that is made again must be the one that was handed over, byte for byte.",
    Group.FILES,
    RENDERS,
    wire=False,
    after=_FORM,
)
def file_is_repeatable(bench: Bench) -> None:
    """The same rows give the same bytes, also in another order and on another connection."""
    opened = desk(bench)
    for layout, asked in opened.forms():
        rows = _rows(opened, layout)
        files = [opened.render(rows, asked), opened.render(rows[::-1], asked), desk(bench).render(rows, asked)]
        expect(all(one == files[0] for one in files), f"the same rows gave another file of layout {layout.name}")


@rule(
    "file-accounts-for-every-row",
    "Whoever is left out of the file is not paid.",
    Group.FILES,
    RENDERS,
    wire=False,
    after=_FORM,
)
def file_accounts_for_every_row(bench: Bench) -> None:
    """Everybody is in the file with each date, code and cost centre that its layout tells, and nobody else."""
    for wanted, found in _read_again(bench, least=1):
        expect(found.keys() == wanted.keys(), "what was given and what is in the file is not about the same people")


@rule(
    "file-sums-are-exact",
    "Hundredths that go wrong by one are wages that are wrong.",
    Group.FILES,
    RENDERS,
    wire=False,
    after=(*_FORM, "file-accounts-for-every-row"),
)
def file_sums_are_exact(bench: Bench) -> None:
    """Whatever the rows are, the file adds up to just what they do, by person, date, code and cost centre."""
    for wanted, found in _read_again(bench, least=LEAST):
        expect(found == wanted, f"the rows add up to {wanted.total()} hundredths, and the file to {found.total()}")


def _read_again(bench: Bench, least: int) -> Iterator[tuple[Counter[tuple[str, ...]], Counter[tuple[str, ...]]]]:
    """Yield what random rows add up to, and what a file of them does."""
    opened = desk(bench)
    for layout, asked in opened.forms():
        for seed in range(_ROUNDS):
            rows = file_rows(opened.codes(layout), layout, seed, 1 + 3 * seed, least)
            yield amounts_of(rows, layout), amounts_in(opened.render(rows, asked), layout)


# -- what may not be in a file ----------------------------------------------------------------------------------------


@rule(
    "file-holds-no-formula",
    "A name such as =1+1 would be carried out on the machine of whoever opens the file.",
    Group.FILES,
    RENDERS,
    wire=False,
    after=_FORM,
)
def file_holds_no_formula(bench: Bench) -> None:
    """No name, code or cost centre becomes a formula or breaks a line, whatever it begins with."""
    opened = desk(bench)
    for layout, asked in opened.forms():
        for beginning in _BEGINNINGS:
            file = opened.render([_hostile(row, layout, beginning) for row in _rows(opened, layout)], asked)
            formulas = _formulas(file, layout)
            expect(not formulas, f"a text that begins with {beginning!r} is a formula in the file")


def _hostile(row: Row, layout: Layout, beginning: str) -> Row:
    """Return a row whose texts begin with something; a code only where its column does not depend on it."""
    code = f"{beginning}{row.code}" if layout.codes is None else row.code
    named = {"name": f"{beginning}1+1{row.name}", "cost_centre": f"{beginning}1+1", "code": code}
    return row.model_copy(update=named)


def _formulas(file: RenderedFile, layout: Layout) -> list[str]:
    """Return the cells that a spreadsheet takes for a formula: in a CSV file, whatever looks like one."""
    texts = [cell for line in body(file, layout) for cell in line if isinstance(cell, str)]
    if layout.format == "xlsx":
        return [text for text in texts if isinstance(text, Formula)]
    return [text for text in texts if _looks_like_one(text) and not _NUMBER.fullmatch(text)]


def _looks_like_one(text: str) -> bool:
    """Tell whether the first character that can be seen begins a formula, in whatever width."""
    first = next((one for one in text if unicodedata.category(one) not in _UNSEEN), "")
    return unicodedata.normalize("NFKC", first)[:1] in _SIGNS


# -- what is refused --------------------------------------------------------------------------------------------------


@rule(
    "file-needs-every-bsn",
    "Payroll rejects a whole file for one person whom it does not know, or books on another one.",
    Group.FILES,
    RENDERS,
    wire=False,
)
def file_needs_every_bsn(bench: Bench) -> None:
    """Where it needs a BSN, a person without one raises `InputError` with the id, and without the name."""
    if not bench.provider.needs_bsn:
        raise NotApplicable("it needs no BSN")
    opened = desk(bench)
    rows = [row.model_copy(update={"bsn": None}) if row.employee == NOBODY else row for row in _rows(opened)]
    error = raised(lambda: opened.render(rows), "a file with a person without a BSN")
    expect(isinstance(error, InputError), f"a missing BSN raises {type(error).__name__} instead of InputError")
    expect(NOBODY in error.text, "the error does not tell the id of who has no BSN")
    expect(PEOPLE[NOBODY][0] not in told(error), "the error tells the name of who has no BSN")


@rule(
    "file-refuses-a-code-without-a-column",
    "An amount for which the file has no place would be lost without a word.",
    Group.FILES,
    RENDERS,
    wire=False,
    after=_FORM,
)
def file_refuses_a_code_without_a_column(bench: Bench) -> None:
    """Where a layout has a column for each code, another code raises `InputError` with the code, and gives no file."""
    opened = desk(bench)
    for layout, asked in opened.forms():
        if layout.codes is not None:
            row, *others = _rows(opened, layout)
            rows = [*others, row.model_copy(update={"code": _NO_COLUMN})]
            error = raised(partial(opened.render, rows, asked), "a code without a column")
            expect(isinstance(error, InputError), f"a code without a column raises {type(error).__name__}")
            expect(_NO_COLUMN in error.text, "the error does not tell which code has no column")


@rule(
    "file-errors-name-nobody",
    "A BSN and a name belong in the file, and nowhere else.",
    Group.FILES,
    RENDERS,
    wire=False,
    after=_FORM,
)
def file_errors_name_nobody(bench: Bench) -> None:
    """No error, log, print, repr or extension of a file holds a BSN or a name, whatever is wrong with the rows."""
    opened, said = desk(bench), list[str]()
    with logged() as log:
        for layout, asked in opened.forms():
            for rows in _spoilt(_rows(opened, layout)):
                try:
                    file = opened.render(rows, asked)
                    said += [repr(file), file.extension]
                except HubError as error:
                    said.append(told(error))
    hidden = [text for one in PEOPLE.values() for text in one]
    found = leaks("\n".join([*log, *said]).encode("utf-8", "replace"), hidden)
    expect(not found, f"a BSN or a name is in a log or an error: {', '.join(found)}")


def _spoilt(rows: list[Row]) -> Iterator[list[Row]]:
    """Yield rows as they are, and with everything wrong that can be."""
    yield rows
    wrong: tuple[dict[str, object], ...] = (
        {"bsn": None},
        {"code": _NO_COLUMN},
        {"amount": -5},
        {"kind": Kind.WAGE, "minutes": None},
        {"name": f"{rows[-1].name} \ud800"},
    )
    for one in wrong:
        yield [*rows, rows[-1].model_copy(update=one)]


def _rows(opened: Desk, layout: Layout | None = None) -> list[Row]:
    layout = layout or opened.own
    return file_rows(opened.codes(layout), layout, seed=1)


# -- what takes it ----------------------------------------------------------------------------------------------------


@rule(
    "file-is-taken-by-its-simulator",
    "Whoever tests an export needs to see what payroll makes of the file, and that it notices one that comes twice.",
    Group.FILES,
    RENDERS,
    wire=False,
    after=(*_FORM, "file-accounts-for-every-row"),
)
def file_is_taken_by_its_simulator(bench: Bench) -> None:
    """Its simulator imports the file, pays everybody just what the rows add up to, and knows the file again."""
    if bench.kit.importer is None:
        raise NotApplicable("no simulator takes its file: give `importer`")
    opened = desk(bench)
    rows = _rows(opened)
    file = opened.render(rows)
    with bench.kit.importer() as importer:
        status, told = upload(importer.url, f"conformance.{file.extension}", file.content)
        expect(status == TAKEN, f"its simulator does not import the file: {'; '.join(told['wrong'])}")
        paid = Counter({(one["who"], one["code"]): one["amount"] for one in importer.state()["paid"]})
        wanted = _to_pay(rows, opened.own)
        expect(paid == wanted, f"the rows add up to {wanted.total()}, and its simulator pays {paid.total()}")
        again, _ = upload(importer.url, f"again.{file.extension}", file.content)
        expect(again == IMPORTED_BEFORE, f"its simulator answers {again} to a file that it imported before")


def _to_pay(rows: list[Row], layout: Layout) -> Counter[tuple[str, str]]:
    """Return what everybody must get by code: hundredths, or minutes where the file writes hh:mm."""
    found: Counter[tuple[str, str]] = Counter()
    for row in rows:
        who = row.bsn.get_secret_value() if row.bsn and Source.BSN in layout.sources else row.employee
        found[shown(who), row.code] += row.amount if row.minutes is None else row.minutes
    return found
