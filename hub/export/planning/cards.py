"""The timecards that a plan is made from, as light rows: 100,000 of them are loaded for one plan.

What the store holds was checked on arrival, so nothing is checked again here.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import String
from sqlmodel import cast, col, select

from hub.intake.shapes import Category, TimecardStatus, Unit
from hub.models import WagePeriod
from hub.store.people import Timecard
from hub.store.session import CompanySession
from hub.timecards import Amount, Card

BATCH = 5_000
"""How many cards are asked for by their ids at once; databases limit how many values a question may hold."""

_AMOUNTS = cast(col(Timecard.amounts), String)
"""The amounts as the text that they are stored as: most cards hold what another one holds."""

_COLUMNS = tuple(_AMOUNTS if name == "amounts" else getattr(Timecard, name) for name in Card._fields)


def load_cards(session: CompanySession, period: WagePeriod, posted: Collection[str]) -> list[Card]:
    """Return the cards of a period, and those of which something was `posted` in it and that lie in another now.

    The cards of the period come first; both by id. A deleted one is left out, unless something of it was posted.
    """
    in_period = _read(session, col(Timecard.date).between(period.start, period.end))
    here = [one for one in in_period if not one.deleted or one.id in posted]
    away = sorted(set(posted) - {one.id for one in here})
    return [*here, *(one for ids in _batches(away) for one in _read(session, col(Timecard.id).in_(ids)))]


def _read(session: CompanySession, condition: Any) -> Iterator[Card]:  # noqa: ANN401 - SQLAlchemy's own
    question: Any = select(*_COLUMNS)  # SQLModel has no signature for so many
    return map(_card, session.exec(question.where(condition).order_by(Timecard.id)))


def _batches(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))


def _card(row: Any) -> Card:  # noqa: ANN401 - a row of a query
    identity, revision, member, venue, day, minutes, status, category, amounts, *rest = row
    return Card(
        identity,
        revision,
        member,
        venue,
        day,
        minutes,
        _STATUS[status],
        _CATEGORY[category],
        _amounts(amounts),
        *rest,
    )


_STATUS = {one.value: one for one in TimecardStatus}
_CATEGORY = {one.value: one for one in Category}


@lru_cache(maxsize=10_000)
def _amounts(text: str) -> tuple[Amount, ...]:
    """Return the amounts of a card, the same ones for all cards that hold as much."""
    return tuple(Amount(one["component"], Unit(one["unit"]), one["amount"]) for one in json.loads(text))
