"""Long lists a part at a time: what comes after a place is asked of the database, never counted off in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, select

Row = TypeVar("Row", bound=SQLModel)


@dataclass(frozen=True)
class Part:
    """The next rows to give: at most `limit`, after the row with the key `after`; None is no limit, and the start."""

    limit: int | None = 100
    after: tuple[Any, ...] | None = None


ALL = Part(limit=None)


def rows_of(
    session: Session,
    table: type[Row],
    columns: tuple[Any, ...],
    part: Part,
    *conditions: Any,  # noqa: ANN401 - SQLAlchemy's own expressions
    newest_first: bool = False,
) -> list[Row]:
    """Return a part of the rows that meet the conditions, in the order of columns that together are unique."""
    conditions = (*conditions, *beyond(columns, part, newest_first=newest_first))
    order = [sa.desc(one) if newest_first else sa.asc(one) for one in columns]
    return list(session.exec(select(table).where(*conditions).order_by(*order).limit(part.limit)).all())


def beyond(columns: tuple[Any, ...], part: Part, *, newest_first: bool = False) -> tuple[Any, ...]:
    """Return the conditions that leave out what earlier parts gave."""
    if part.after is None:
        return ()
    given = sa.tuple_(*(sa.literal(value, one.type) for value, one in zip(part.after, columns, strict=True)))
    here = sa.tuple_(*columns)
    return (here < given if newest_first else here > given,)
