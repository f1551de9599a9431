"""The page of a simulated importer: a form for the file, what came before, and what was paid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from hub.files.layout import Layout

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>{title}</title>
<style>body {{ font-family: sans-serif; margin: 2em }} td, th {{ padding: .2em .8em; text-align: left }}</style>
<h1>{title}</h1>
<p>A simulator on this machine, no payroll. Its layout is <strong>{status}</strong>.</p>
<form method="post" action="/import" enctype="multipart/form-data">
<input type="file" name="file" required> <button>Import / Inlezen</button>
</form>
<h2>Files</h2>
{files}
<h2>Paid</h2>
{paid}
</html>
"""


def page(layout: Layout, held: Mapping[str, Any], came: str = "") -> str:
    """Return the page, as HTML, of what an importer holds; `came` is the name of the file that was just uploaded."""
    files = [(one["name"], one["outcome"], one["rows"], "; ".join(one["wrong"])) for one in held["imports"]]
    paid = [(one["who"], one["name"], one["code"], one["amount"], one["unit"]) for one in held["paid"]]
    told = f"<p>{escape(came)}: {escape(files[-1][1])}</p>\n" if came else ""
    return _PAGE.format(
        title=f"Import of {escape(layout.name)}",
        status=layout.status,
        files=told + _table(("file", "outcome", "rows", "wrong"), files),
        paid=_table(("who", "name", "code", "amount", "unit"), paid),
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    head = "".join(f"<th>{one}</th>" for one in heads)
    body = "".join(f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>\n" for row in rows)
    return f"<table>\n<tr>{head}</tr>\n{body}</table>"
