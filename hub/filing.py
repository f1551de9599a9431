"""The part of `hub.hub.Hub` that hands files over: layouts, files, what payroll said of them, copies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import select

from hub.activation import open_connection
from hub.clock import Clock
from hub.export.deciding.reread import newest as newest_numbers
from hub.export.handing import copying, layouts, outcome
from hub.export.handing.handing import hand_over
from hub.export.handing.making import make_file
from hub.export.handing.stored import Receipt, content_of, delete_old, newest, receipts
from hub.export.planning.plan import PlanBody
from hub.export.scope import Scope
from hub.export.service import plan_row, run_row, set_mark
from hub.files.layout import Layout
from hub.files.whole import write_whole
from hub.models import Model, PeriodType
from hub.process import Process
from hub.registry import find
from hub.store.database import Store
from hub.store.exports import Run
from hub.store.files import File
from hub.store.session import CompanySession


class HandedOver(Model):
    """A file that was written to a folder, with its receipt beside it. `entries` were handed over by it just now."""

    file: Path
    receipt_file: Path
    receipt: Receipt
    entries: int


class Filing:
    """What a hub can do with files. `Hub` is one of these; nothing else is."""

    store: Store
    process: Process
    clock: Clock

    def layout(self, company: str, provider: str) -> Layout:
        """Return the layout of a company's files for a provider."""
        with self.store.read(company) as session:
            return layouts.layout_of(session, find(provider, self.process.providers))

    def use_layout(self, company: str, provider: str, layout: Layout, actor: str = "host") -> None:
        """Write a company's files for a provider in a layout of its own from now on. Raises `InputError`."""
        with self.store.write(company) as session:
            layouts.use_layout(session, find(provider, self.process.providers), layout, actor)

    def receipts(self, company: str, run: int) -> tuple[Receipt, ...]:
        """Return the receipts of the versions of a run's file, oldest first; the files may be deleted since.

        Raises `NotThere` if there is no such run.
        """
        with self.store.read(company) as session:
            run_row(session, run)
            return receipts(session, run)

    def fetch(self, company: str, run: int, folder: Path, actor: str = "host") -> HandedOver:
        """Write the file of a run into a folder, with its receipt, and hand it over: its timecards turn white.

        Whole or not at all: the file has its name only once the hand-over is committed. Fetched again it is the same
        file, or a new version where the layout is another by now. Raises `InputError`.
        """
        content, receipt = self._made(company, run, actor)
        handed: list[int] = []
        written = _write(folder, receipt, content, lambda: handed.append(self._hand_over(company, run, receipt, actor)))
        return HandedOver(file=written[0], receipt_file=written[1], receipt=receipt, entries=handed[0])

    def file_content(self, company: str, run: int, actor: str = "host") -> tuple[bytes, Receipt]:
        """Return the file of a run and its receipt, without handing it over: see `acknowledge`. Raises `InputError`."""
        return self._made(company, run, actor)

    def acknowledge(self, company: str, run: int, actor: str = "host") -> Receipt:
        """Hand a file over that was fetched as content: its timecards turn white. Raises `InputError`."""
        _, receipt = self._made(company, run, actor)
        self._hand_over(company, run, receipt, actor)
        return receipt

    def _made(self, company: str, run: int, actor: str) -> tuple[bytes, Receipt]:
        marked = self.store.mark.known(company)
        with self.store.read(company) as session:
            provider = plan_row(session, run_row(session, run).plan).provider
            self.store.mark.check(company, *newest_numbers(session), known=marked)
        self.delete_old_files(company)  # in a transaction of its own: a file that is too old is gone, whatever follows
        with (
            open_connection(self.store, self.process, company, provider) as connection,
            self.store.write(company) as session,
        ):
            row = run_row(session, run)
            session.exec(select(Run.id).where(Run.id == run).with_for_update()).one()  # two make one version
            body = PlanBody.model_validate(plan_row(session, row.plan).body)
            vault = self.store.vault(session)
            file = make_file(session, vault, connection, body, row, (actor, self._now_in_utc()))
            found = file or newest(session, run)
            return content_of(found, vault), Receipt.model_validate(found.receipt)

    def _hand_over(self, company: str, run: int, receipt: Receipt, actor: str) -> int:
        with self.store.read(company) as session:
            plan = plan_row(session, run_row(session, run).plan)
        provider, length = plan.provider, PeriodType(plan.body["period"]["type"])
        handed = hand_over(self.store, company, provider, run, length, self.clock, actor)
        with self.store.write(company) as session:
            row = session.need(File, f"The file of run {run}", run, receipt.version)
            row.handed_over_at, row.handed_over_to = row.handed_over_at or self._now_in_utc(), actor
            session.add(row)
        set_mark(self.store, company)
        return handed

    def file_imported(self, company: str, run: int, by: str) -> int:
        """Write down that payroll imported the file of a run; return how many entries. Raises `InputError`."""
        with self.store.write(company) as session:
            run_row(session, run)
            return outcome.imported(session, run, by)

    def file_rejected(self, company: str, run: int, by: str, reason: str) -> int:
        """Write down that payroll rejected the file of a run: its cards are green again. Raises `InputError`."""
        with self.store.write(company) as session:
            run_row(session, run)
            return outcome.rejected(session, run, by, reason)

    def copy_file(self, company: str, scope: Scope, folder: Path, actor: str = "host") -> HandedOver:
        """Write what went out before into one file again, marked as a copy; changes nothing. Raises `InputError`."""
        content, receipt = self.copy_content(company, scope, actor)
        written = _write(folder, receipt, content)
        return HandedOver(file=written[0], receipt_file=written[1], receipt=receipt, entries=0)

    def copy_content(self, company: str, scope: Scope, actor: str = "host") -> tuple[bytes, Receipt]:
        """Return the same as bytes with its receipt. Raises `InputError`."""
        with open_connection(self.store, self.process, company, scope.provider) as connection:
            with self.store.read(company) as session:
                file, receipt = copying.copy(session, self.store.vault(session), connection, scope)
            with self.store.write(company) as session:
                session.audit(actor, "file copied", receipt.file, runs=list(receipt.copy_of_runs))
        return file.content, receipt

    def delete_old_files(self, company: str) -> int:
        """Delete the content of files that were kept for HUB_FILE_DAYS days; receipts stay. Returns how many."""
        with self.store.write(company) as session:
            return self._delete_old(session)

    def _delete_old(self, session: CompanySession) -> int:
        return delete_old(session, self._now_in_utc(), self.process.file_days)

    def _now_in_utc(self) -> datetime:
        return self.clock.moment().at.astimezone(UTC)


def _write(
    folder: Path, receipt: Receipt, content: bytes, before_visible: Callable[[], None] = lambda: None
) -> tuple[Path, Path]:
    """Write a file and its receipt: both are on the disk before either has its name, and the file has it last."""
    text = receipt.model_dump_json(indent=2).encode() + b"\n"
    beside: list[Path] = []

    def write_receipt() -> None:
        beside.append(write_whole(folder, f"{receipt.file}.receipt.json", text, before_visible))

    return write_whole(folder, receipt.file, content, write_receipt), beside[0]
