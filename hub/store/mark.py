"""A mark outside the database of how far each company's exports came: it tells when an old backup was put back.

Kept in a small file beside an SQLite database, or where HUB_MARK_FILE says. Without one nothing is noticed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import URL

from hub.errors import InputError, SettingsError

OLDER = "The database is older than what was already sent to payroll: it was restored from a backup."
BEFORE = (
    "Of what was already sent to payroll for this company the database knows nothing: the company was here before and "
    "was removed, or the database was restored from a backup."
)


class Mark:
    """The mark of one installation: per company the last run and the last attempt that were written down."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    @classmethod
    def beside(cls, url: URL, named: str | None = None) -> Mark:
        """Return the mark of a database: in the file that is named, or beside an SQLite file."""
        if named:
            return cls(Path(named))
        is_file = url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:")
        return cls(Path(str(url.database)).with_suffix(".mark") if is_file else None)

    def known(self, company: str) -> tuple[int, int]:
        """Return how far a company came. To be asked before the database is read: another worker may go on."""
        return self._read().get(company, (0, 0))

    def check(self, company: str, run: int, attempt: int, known: tuple[int, int] | None = None) -> None:
        """Raise `InputError` if the database is older than what was sent: it was restored from a backup.

        `known` is what `known` said before the database was read; without it, what is known now.
        """
        known_run, known_attempt = known or self.known(company)
        if run < known_run or attempt < known_attempt:
            raise InputError(
                f"{BEFORE if run == attempt == 0 else OLDER} First read the open wage periods back.",
                command=f"`hub export reread {company} PROVIDER`",
            )

    def reach(self, company: str, run: int, attempt: int) -> None:
        """Add how far a company came: cheap enough to be done before every call, and it outlives the process."""
        if self._file is None:
            return
        with self._file.open("ab") as file:
            file.write(_line(company, run, attempt))

    def set(self, company: str, run: int, attempt: int) -> None:
        """Write down how far a company came, and for good: it may also be less far, once payroll was read back."""
        if self._file is None:
            return
        with _alone(self._file):
            marks = {**self._read(), company: (run, attempt)}
            beside = self._file.with_name(f"{self._file.name}.new")
            with beside.open("wb") as file:
                file.writelines(_line(name, *numbers) for name, numbers in marks.items())
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._file)

    def _read(self) -> dict[str, tuple[int, int]]:
        """Return the newest numbers per company. Raises `SettingsError` for a file that is damaged.

        A last line that was cut off by a power failure does not count.
        """
        if self._file is None or not self._file.exists():
            return {}
        marks: dict[str, tuple[int, int]] = {}
        whole = self._file.read_bytes().rpartition(b"\n")[0]
        try:
            for line in whole.splitlines():
                company, run, attempt = json.loads(line)
                known = marks.get(company, (0, 0))
                marks[company] = max(known[0], int(run)), max(known[1], int(attempt))
        except (ValueError, TypeError):
            raise SettingsError(f"{self._file.name} is damaged: the operator must restore or remove it.") from None
        return marks


def _line(company: str, run: int, attempt: int) -> bytes:
    return json.dumps([company, run, attempt]).encode() + b"\n"


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Let one process at a time change the file."""
    import fcntl

    with file.with_name(f"{file.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
