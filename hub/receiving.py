"""The part of `hub.hub.Hub` that takes in long lists from a file, a batch at a time and in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from pathlib import Path

from hub.intake.keep import Kept, keep_timecards
from hub.intake.reading import RowError
from hub.intake.timecards import sift_timecards
from hub.store.companies import Company
from hub.store.database import Store


@dataclass(frozen=True)
class Received:
    """What became of a file: what storing it did, and which of its rows were wrong."""

    kept: Kept
    wrong: tuple[RowError, ...]


class Receiving:
    """What a hub can take in from a file. `Hub` is one of these; nothing else is."""

    store: Store

    def receive_timecards(
        self, company: str, file: str | Path, *, strict: bool = False, actor: str = "host"
    ) -> Received:
        """Read timecards from a CSV or JSON-lines file and store them meanwhile; memory does not grow with the file.

        The same as `read_timecards` and `import_timecards`, and raises the same: then nothing of the file is stored.
        """
        with self.store.write(company) as session:
            row = session.get(Company, company)
            new_day = time.fromisoformat(row.new_day if row else "05:00")
            cards = sift_timecards(file, new_day=new_day, strict=strict)
            kept = keep_timecards(session, cards, actor, strict=strict)
        return Received(kept, tuple(cards.errors))
