"""The shape of a timecard and its rules; a broken rule is one sentence that says what to do.

The statuses, categories and components are those that the help pages of a hospitality planner describe.
"""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from hub.durations import amsterdam_clock, worked_minutes
from hub.models import Model

LARGEST_REVISION = 2_147_483_647
"""The largest revision; a time stamp in seconds fits."""

DAY_MINUTES = 24 * 60
"""The longest shift and the longest break, in minutes."""

COMPONENT = re.compile(r"meals|(?:surcharge|allowance):[a-z0-9_-]{1,50}")
"""What a component may be called, besides the worked hours themselves."""


class TimecardStatus(StrEnum):
    """How far a timecard is at the host. Only approved ones go out."""

    PLANNED = "planned"
    WRITTEN = "written"
    APPROVED = "approved"


class Category(StrEnum):
    """What the hours are. Unproductive ones include sickness, which is health data."""

    WORKED = "worked"
    LEAVE = "leave"
    UNPRODUCTIVE = "unproductive"


class Unit(StrEnum):
    """What an amount counts: whole minutes, whole pieces or whole euro cents."""

    MINUTES = "minutes"
    PIECES = "pieces"
    CENTS = "cents"


UNITS = {"surcharge": Unit.MINUTES, "meals": Unit.PIECES, "allowance": Unit.CENTS}
"""The unit of each sort of component; the sort is what comes before the colon."""


def plain(text: str) -> str:
    """Return the text; `ValueError` if it has over 100 characters, or a control or invisible one."""
    if len(text) > 100:
        raise ValueError("This text is longer than 100 characters: shorten it.")
    if any(unicodedata.category(character).startswith("C") for character in text):
        raise ValueError("This text holds a control character: remove it.")
    return text


Text = Annotated[str, AfterValidator(plain)]
"""A name of at most 100 characters without control characters; may be empty."""

Identifier = Annotated[Text, Field(min_length=1)]
"""The host's id of something: 1 to 100 characters without control characters."""

Revision = Annotated[int, Field(ge=1, le=LARGEST_REVISION)]
"""Counts the changes of a timecard, from 1; a higher one replaces a lower one."""

Moment = Annotated[AwareDatetime, AfterValidator(amsterdam_clock)]
"""A moment in whole minutes, as the clock in Amsterdam shows it, with its offset fixed."""


class ComponentAmount(Model):
    """How much of a component a timecard holds besides its hours, in the unit of that sort of component."""

    component: Annotated[str, Field(pattern=f"^(?:{COMPONENT.pattern})$")]
    unit: Unit
    amount: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _right_unit(self) -> Self:
        expected = UNITS[self.component.partition(":")[0]]
        if self.unit is not expected:
            raise ValueError(f"A component of this sort is counted in {expected}.")
        return self


class Deletion(Model):
    """The host deleted a timecard: its id and the revision that deletes it are all there is to know."""

    id: Identifier
    revision: Revision = 1
    deleted: Literal[True] = True


def _minutes(card: dict[str, Any]) -> int:
    return worked_minutes(card["start"], card["end"], card["break_minutes"])


class Timecard(Model):
    """Hours of one team member on one business date (`date`).

    `minutes` are those worked, computed from the other fields; where given, they must agree. `amounts` names each
    component at most once. Raises pydantic's `ValidationError` for a broken rule, and `InputError` for a moment with
    seconds or in a year that the hub does not know.
    """

    id: Identifier
    revision: Revision = 1
    member: Identifier
    venue: Text = ""
    date: datetime.date
    start: Moment
    end: Moment
    break_minutes: Annotated[int, Field(ge=0, le=DAY_MINUTES)] = 0
    minutes: int = Field(default_factory=_minutes)
    status: TimecardStatus
    category: Category = Category.WORKED
    amounts: tuple[ComponentAmount, ...] = ()
    deleted: bool = False

    @model_validator(mode="after")
    def _keeps_the_rules(self) -> Self:
        for broken in _broken_rules(self):
            raise ValueError(broken)
        return self


def _broken_rules(card: Timecard) -> Iterator[str]:
    """Yield a sentence for each broken rule; the first is the one to tell."""
    present = worked_minutes(card.start, card.end, 0)
    if present <= 0:
        yield "The end is not after the start: correct one of them."
    if present > DAY_MINUTES:
        yield "The timecard is longer than 24 hours: correct its start or end, or split it."
    if card.break_minutes > present:
        yield "The break is longer than the shift: correct it."
    if card.minutes != present - card.break_minutes:
        yield "The worked minutes are not the time from start to end less the break: leave them out."
    if abs((card.date - card.start.date()).days) > 1:
        yield "The business date is more than one day from the start: correct one of them."
    if any(one.unit is Unit.MINUTES and one.amount > card.minutes for one in card.amounts):
        yield "A surcharge has more minutes than were worked: correct it."
    if len({one.component for one in card.amounts}) < len(card.amounts):
        yield "A component is named twice: add its amounts up."
