"""Making the file of a run: its entries become `ready`, or are held where a file cannot name their person."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import col

from hub.connection import Connection
from hub.errors import InputError
from hub.events.kinds import EventKind
from hub.events.settled import OF_RUN, settle
from hub.export.handing.rows import rows_of
from hub.export.handing.sheet import Sheet
from hub.export.handing.stored import file_place, files_of, receipt_of
from hub.export.planning.plan import PlanBody
from hub.export.states import EntryState, check_entry
from hub.files.layout import Layout
from hub.models import RenderedFile, Row
from hub.store.exports import Contribution, Entry, Run
from hub.store.files import File
from hub.store.session import CompanySession
from hub.vault import Vault

IN_FILE = (EntryState.READY, EntryState.HANDED_OVER)

NOBODY = "the file needs the BSN of this person, and there is none"
FILL_IN = "Send the BSN with the team members and make a new plan."


def make_file(
    session: CompanySession, vault: Vault, connection: Connection, body: PlanBody, run: Run, by: tuple[str, datetime]
) -> File | None:
    """Return the newest file of a run, made now if there is none in the layout that is in use; `by` whom and when.

    The same run in the same layout is the same file: what was handed over is kept. One that nobody fetched yet is made
    anew where somebody in it is called otherwise by now, or has another BSN. None where nothing is left to write.
    Raises `InputError` for what the layout cannot hold; nothing is changed then.
    """
    sheet = Sheet(session, vault, connection, body.scope)
    made = files_of(session, run.id or 0)
    same = bool(made) and (made[-1].layout, made[-1].layout_version) == (sheet.layout.name, sheet.layout.version)
    entries = _entries(session, run, made)
    if same and not any(entry.state == EntryState.READY for entry in entries):
        return made[-1]
    people = sheet.people({one.employee for one in entries})
    entries = _of_people(session, entries, people)
    if not entries:
        return made[-1] if made else None
    rows = rows_of(session, entries, people)
    file = sheet.render(rows)
    if same and made[-1].receipt["sha256"] == hashlib.sha256(file.content).hexdigest():
        return made[-1]
    return _keep(session, vault, (body, run, len(made) + 1), (rows, file, sheet.layout), by)


def _entries(session: CompanySession, run: Run, made: Sequence[File]) -> list[Entry]:
    """Return what goes into the file: what is planned, or what is in the file that was made before."""
    states = IN_FILE if made else (EntryState.PLANNED,)
    return session.all(Entry, Entry.run == run.id, col(Entry.state).in_(states))


def _of_people(session: CompanySession, entries: Sequence[Entry], people: Collection[str]) -> list[Entry]:
    """Return the entries of people that the file can name; others are held, with what to do.

    Raises `InputError` where such a person is in the file that was made before.
    """
    for entry in entries:
        if entry.state == EntryState.PLANNED and entry.employee in people:
            move(session, entry, EntryState.READY)
        elif entry.state == EntryState.PLANNED:
            move(session, entry, EntryState.HELD, NOBODY, FILL_IN)
            tell_left(session, entry)
        elif entry.employee not in people:
            raise InputError(f"{entry.employee} was in this file and can no longer be named in it: {NOBODY}. {FILL_IN}")
    return [one for one in entries if one.employee in people]


def move(
    session: CompanySession, entry: Entry, new: EntryState, reason: str = "", action: str = "", actor: str = "hub"
) -> None:
    """Give an entry another state, with its audit row."""
    check_entry(EntryState(entry.state), new)
    session.audit(actor, "entry", f"entry {entry.id}", **{"from": entry.state, "to": new})
    entry.state, entry.reason, entry.action = new, reason, action
    session.add(entry)


def tell_left(session: CompanySession, entry: Entry) -> None:
    """Tell of the cards that stay because their entry does not go."""
    feeding = session.all(Contribution, Contribution.entry == entry.id, col(Contribution.goes))
    for card in sorted({one.timecard for one in feeding}):
        session.tell(EventKind.TIMECARD_LEFT, entry.provider, entry.run, timecard=card, reason=entry.state)


def _keep(
    session: CompanySession,
    vault: Vault,
    which: tuple[PlanBody, Run, int],
    what: tuple[Sequence[Row], RenderedFile, Layout],
    by: tuple[str, datetime],
) -> File:
    (body, run, version), (rows, file, layout) = which, what
    number, period = run.id or 0, body.period
    name = f"{body.scope.provider}-{period.start}-{period.end}-run{number}-v{version}.{file.extension}"
    named = {
        "file": name,
        "provider": body.scope.provider,
        "administration": body.scope.administration,
        "start": period.start,
        "end": period.end,
        "run": number,
        "version": version,
    }
    row = File(
        company_id=session.company,
        run=number,
        version=version,
        layout=layout.name,
        layout_version=layout.version,
        name=name,
        sealed=vault.seal_bytes(file_place(number, version), file.content),
        receipt=receipt_of(named, rows, file, layout).model_dump(mode="json"),
        made_at=by[1],
    )
    session.add(row)
    settle(session, session.company, *OF_RUN, run=number)
    session.tell(EventKind.FILE_READY, body.scope.provider, number, file=name, version=version, rows=file.rows)
    session.audit(by[0], "file made", name, rows=file.rows, layout=layout.name, layout_version=layout.version)
    return row
