"""Rendering a file: rows, a layout and a wage period go in, its bytes come out. The same in, the same out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hub.files.layout import Layout
from hub.models import RenderedFile, Row, WagePeriod


def render(layout: Layout, rows: Sequence[Row], period: WagePeriod) -> RenderedFile:
    """Return the file of these rows; their order does not matter.

    Raises `InputError`, which never holds a name or a BSN, if the rows do not fit the layout.
    """
    from hub.files.records import records, totals

    made = records(layout, rows, period)
    lines = [*made, totals(layout, rows, made)] if layout.totals else made
    if layout.format == "xlsx":
        from hub.files.xlsx_file import write_xlsx as write
    else:
        from hub.files.csv_file import write_csv as write
    return RenderedFile(extension=layout.format, content=write(layout, lines), rows=len(made))


@dataclass(frozen=True)
class LayoutDocument:
    """The file of one wage period in a layout."""

    layout: Layout
    period: WagePeriod

    def render(self, rows: Sequence[Row]) -> RenderedFile:
        """Return the file of these rows; raises `InputError` if they do not fit the layout."""
        return render(self.layout, rows, self.period)


def problems(layout: Layout, codes: Iterable[str], negative: Iterable[str] = ()) -> tuple[str, ...]:
    """Tell ahead what `render` would refuse: codes without a column, and codes of which something is taken back.

    `codes` are the codes that will be in the file, `negative` those with a negative amount. Returns one sentence for
    each, in the order of the codes.
    """
    from hub.files.records import no_column, no_negative

    missing = [] if layout.codes is None else sorted(set(codes) - layout.codes)
    refused = [] if layout.negative else sorted(set(negative))
    return (*(no_column(layout, code) for code in missing), *(no_negative(layout, code) for code in refused))
