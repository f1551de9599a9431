"""It takes an entry that it cannot ask for as one that was refused."""

from __future__ import annotations

from broken_providers.shapes import PatientPosting, PatientProvider
from hub import HubError, Pending, PostedEntry, Refused


class Broken(PatientProvider):
    class Posting(PatientPosting):
        """It takes an entry that it cannot ask for as one that was refused."""

        def resolve(self, pending: Pending) -> PostedEntry | Pending:
            try:
                return super().resolve(pending)
            except HubError:
                raise Refused("gone", "Payroll tells nothing of this row: send it again.") from None
