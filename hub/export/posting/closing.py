"""The closing check: at the end of a run every slot is read back, and each entry is verified or has drifted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.errors import HubError
from hub.export.posting.jobs import Job
from hub.export.posting.reconcile import closing
from hub.export.posting.worker import Worker
from hub.models import PostedEntry

Rows = tuple[PostedEntry, ...]


@dataclass
class Closing:
    """The check of one slot. `before` is the slot as it was before the first attempt of each entry."""

    worker: Worker
    jobs: Sequence[Job]
    before: Mapping[int, Rows]

    def make(self) -> None:
        """Read the slot and write down what is seen. Raises `Overtaken`."""
        try:
            rows = self.worker.read(self.jobs[0].slot)
        except HubError as error:
            self.worker.stop(f"what was posted could not be read back: {error.text}")
            return
        ours = self.worker.ours_if_settled(self.jobs[0].slot)
        if ours is None:
            return  # another run is at work here: what it adds must not be taken for a double
        self.worker.journal.close(
            {job.id: closing(job, rows, self.before.get(job.id, rows), ours) for job in self.jobs}
        )
