"""The part of `hub.hub.Hub` that keeps and removes: terms, sweeping, what is held, and how a company leaves."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hub.clock import Clock
from hub.errors import HubError, InputError
from hub.keeping import holdings, removal, sweeping, terms
from hub.keeping.removal import Confirmed, Removed
from hub.keeping.sweeping import Swept
from hub.keeping.terms import Terms
from hub.models import Model
from hub.opened import connections_of
from hub.process import Process
from hub.store.database import Store, companies
from hub.store.kept import ReceiptKept

ANSWERS_KEPT = timedelta(hours=24)
"""For how long an answer is kept under its idempotency key."""


class KeepingView(Model):
    """For how long a company's data are kept. What is before `kept_from` is deleted; `file_days` is the hub's own."""

    terms: Terms
    file_days: int
    kept_from: date | None


class SweptAll(Model):
    """What a sweep of all companies did; `problems` says of which one it could do nothing, and why."""

    companies: tuple[Swept, ...]
    problems: dict[str, str]
    answers: int
    receipts: int


class Keeping:
    """What a hub can do about what it holds. `Hub` is one of these; nothing else is."""

    store: Store
    process: Process
    clock: Clock

    def keeping(self, company: str) -> KeepingView:
        """Return for how long a company's data are kept."""
        with self.store.read(company) as session:
            kept = terms.kept_from(session)
            return KeepingView(terms=terms.terms_of(session), file_days=self.process.file_days, kept_from=kept)

    def change_keeping(self, company: str, changes: Mapping[str, int], actor: str = "host") -> KeepingView:
        """Keep a company's data longer, by the names of `Terms`. Raises `InputError` for less than the law asks."""
        with self.store.write(company) as session:
            terms.change_terms(session, changes, actor)
        return self.keeping(company)

    def sweep(self, company: str) -> Swept:
        """Delete what of a company was kept long enough. Raises `InputError` on a restored backup."""
        return sweeping.sweep(self.store, self.process, company, self._moment())

    def sweep_all(self) -> SweptAll:
        """Sweep every company, and what belongs to none; one that fails keeps no other from it."""
        with self.store.everywhere() as session:
            names = [one.id for one in companies(session)]
        done, problems = [], {}
        for name in names:
            try:
                done.append(self.sweep(name))
            except HubError as error:
                problems[name] = str(error)
        answers = removal.forget_answers(self.store, self._moment() - ANSWERS_KEPT)
        receipts = removal.forget_receipts(self.store, self._moment().date())
        return SweptAll(companies=tuple(done), problems=problems, answers=answers, receipts=receipts)

    def held(
        self, company: str, member: str = "", employee: tuple[str, str] | None = None, *, bsn: bool = False
    ) -> Iterator[str]:
        """Yield everything that is held on a company, or on a team member or an employee, as one JSON document.

        In parts, because it may be long. With `bsn` a BSN is in it: only for who is asked for it by that person.
        """
        with self.store.read(company) as session:
            about = holdings.person(session, member, employee) if member or employee else None
            yield from holdings.held(self.store, session, self._moment(), about, bsn=bsn)

    def write_held(
        self,
        company: str,
        file: Path,
        member: str = "",
        employee: tuple[str, str] | None = None,
        *,
        bsn: bool = False,
        actor: str = "host",
    ) -> None:
        """Write everything that is held into a new file that only its owner can read. Raises `InputError`."""
        with _private(file) as write:
            for part in self.held(company, member, employee, bsn=bsn):
                write(part)
        with self.store.write(company) as session:
            about = f"member {member}" if member else f"employee {employee[1]}" if employee else company
            session.audit(actor, "what is held was written out", about, bsn=bsn)

    def remove_company(self, company: str, name: str, *, even_so: bool = False, by: str = "") -> Removed:
        """Remove a company for good, confirmed by its name. Raises `InputError` while a run did not end.

        `by` is who does it. `even_so` needs the name of a person: then nobody can tell what payroll holds of that run.
        """
        done = removal.remove(self.store, company, Confirmed(name, even_so, by), self._moment())
        connections_of(self.store, self.process).forget_company(company)
        return done

    def wipe(self) -> str:
        """Write an SQLite file anew without what was deleted; return what may be left, empty if nothing is."""
        return removal.wipe(self.store)

    def receipts_kept(self, company: str = "") -> list[ReceiptKept]:
        """List the receipts that stayed of companies that were removed."""
        return removal.receipts_kept(self.store, company)

    def _moment(self) -> datetime:
        return self.clock.moment().at.astimezone(UTC)


@contextmanager
def _private(file: Path) -> Iterator[Callable[[str], int]]:
    """Make a file that was not there, for its owner only; it is gone again if it could not be finished."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise InputError(f"{file.name} cannot be made ({error.strerror}): give the name of a new file.") from None
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as opened:
            yield opened.write
    except BaseException:
        file.unlink(missing_ok=True)
        raise
