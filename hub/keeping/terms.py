"""For how long what is kept: what the law asks, and what a company chose on top of it.

Wage data: seven years, counted from 1 January after the year that they are of (Algemene wet inzake rijksbelastingen,
art. 52). The registration of working time: at least 52 weeks (Arbeidstijdenwet, art. 4:3; Arbeidstijdenbesluit, art.
3.2:1).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlmodel import select, update

from hub.errors import InputError
from hub.export.scope import Scope
from hub.models import Model
from hub.store.companies import Company
from hub.store.session import CompanySession


class Terms(Model):
    """For how long a company's data are kept; `event_days` and `job_days` are no law's, the others' floors are."""

    wage_years: int = 7
    card_weeks: int = 52
    event_days: int = 90
    job_days: int = 30

    def wage_from(self, today: date) -> date:
        """Return the first day of the oldest year of which wage data are still kept."""
        return date(today.year - self.wage_years, 1, 1)

    def cards_from(self, today: date) -> date:
        """Return the oldest business date of which working time is still kept that payroll never got."""
        return today - timedelta(weeks=self.card_weeks)


LIMITS: Mapping[str, tuple[int, int, str]] = {
    "wage_years": (7, 20, "the law keeps wage data for 7 years after the year that they are of (AWR art. 52)"),
    "card_weeks": (52, 1040, "the law keeps working time for 52 weeks at least (Arbeidstijdenbesluit art. 3.2:1)"),
    "event_days": (7, 3650, "a message is tried for three days, and replayed after that"),
    "job_days": (1, 3650, "somebody may still ask what became of a job"),
}
"""The least and the most of each term, and why not less."""

SWEPT = "kept_from"
"""Where the settings of a company remember before which day its wage data were deleted."""


def checked(changes: Mapping[str, int]) -> dict[str, int]:
    """Return terms that a company may choose. Raises `InputError` for one that is unknown or too short by law."""
    for name, value in changes.items():
        if name not in LIMITS:
            raise InputError(f"There is no such term: choose from {', '.join(LIMITS)}.")
        least, most, why = LIMITS[name]
        if not least <= value <= most:
            raise InputError(f"{name} is a number from {least} to {most}: {why}.")
    return dict(changes)


def terms_of(session: CompanySession) -> Terms:
    """Return for how long a company's data are kept."""
    held = _held(session)
    return Terms(**{name: held[name] for name in LIMITS if name in held})


def change_terms(session: CompanySession, changes: Mapping[str, int], actor: str) -> Terms:
    """Change some terms of a company, by name, and return them all. Raises `InputError`."""
    fresh = checked(changes)
    if fresh:
        _hold(session, fresh)
        session.audit(actor, "keeping changed", session.company, **fresh)
    return terms_of(session)


def kept_from(session: CompanySession) -> date | None:
    """Return the day before which the wage data of a company were deleted; None where nothing was yet."""
    text = _held(session).get(SWEPT)
    return date.fromisoformat(text) if text else None


def remember(session: CompanySession, day: date) -> None:
    """Write down that wage data of before a day are deleted: for good, even if they are to be kept longer later."""
    known = kept_from(session)
    if known is None or known < day:
        _hold(session, {SWEPT: day.isoformat()})


def check_kept(session: CompanySession, scope: Scope) -> None:
    """Raise `InputError` for a period of which the hub does not know any more what was exported."""
    day = kept_from(session)
    if day and (scope.dates[0] < day if scope.dates else scope.year < day.year):
        raise InputError(
            f"The wage data of before {day} were deleted, kept long enough: the hub cannot tell any more what of that "
            "period was paid. Correct it in payroll by hand."
        )


def _held(session: CompanySession) -> dict[str, Any]:
    return dict(session.exec(select(Company.keeping).where(Company.id == session.company)).one() or {})


def _hold(session: CompanySession, changes: Mapping[str, object]) -> None:
    session.exec(select(Company.id).where(Company.id == session.company).with_for_update(key_share=True)).one()
    fresh = {**_held(session), **changes}
    session.exec(update(Company).where(Company.id == session.company).values(keeping=fresh))  # type: ignore[arg-type]
