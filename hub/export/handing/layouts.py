"""Which layout a company's files have: its own, or the one that the provider ships."""

from __future__ import annotations

from sqlmodel import select

from hub.activation import connection_row
from hub.errors import InputError, Unsupported
from hub.files.layout import Layout
from hub.provider import Provider
from hub.store.files import LayoutRow
from hub.store.session import CompanySession


def layout_of(session: CompanySession, provider: type[Provider]) -> Layout:
    """Return the layout in use. Raises `Unsupported` where the provider takes no file."""
    rows = session.all(LayoutRow, LayoutRow.provider == provider.name)
    if rows:
        return Layout.model_validate(rows[-1].body)
    if provider.layout is None:
        raise Unsupported(f"{provider.title} takes no file: it needs no layout.")
    return provider.layout


def use_layout(session: CompanySession, provider: type[Provider], layout: Layout, actor: str) -> None:
    """Use a layout from now on.

    Raises `InputError` if another one went by this name and version already: then nobody could tell later which of the
    two a file was written in.
    """
    connection_row(session, provider.name)
    now = layout_of(session, provider)
    body = layout.model_dump(mode="json")
    same = LayoutRow.provider == provider.name, LayoutRow.name == layout.name, LayoutRow.version == layout.version
    held = session.exec(select(LayoutRow).where(*same)).first()
    known = held.body if held else None
    shipped = provider.layout
    if shipped and (shipped.name, shipped.version) == (layout.name, layout.version):
        known = known or shipped.model_dump(mode="json")
    if known not in (None, body):
        raise InputError(
            f"There is a layout {layout.name} {layout.version} already, and it is another: raise its version."
        )
    if now == layout:
        return
    if held:
        session.delete(held)
        session.flush()
    number = max((one.number for one in session.all(LayoutRow, LayoutRow.provider == provider.name)), default=0) + 1
    session.add(
        LayoutRow(
            company_id=session.company,
            provider=provider.name,
            number=number,
            name=layout.name,
            version=layout.version,
            body=body,
            used_by=actor,
        )
    )
    session.audit(actor, "layout used", f"{provider.name} {layout.name}", version=layout.version, status=layout.status)
