"""Webhooks and notifications: where events go, what did not arrive, and what people want to know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import AwareDatetime, Field

from hub.access import Scope
from hub.api.callers import Asked, Reads, Sets, of_company, of_platform
from hub.api.pages import CSV, Listed, Wants, numbered
from hub.api.shapes import Page, Switched, Word
from hub.events.endpoints import EndpointView, FailedDelivery, Since
from hub.events.kinds import EventKind
from hub.events.notifications import Notification, Told, place_of
from hub.events.words import Language
from hub.models import Model
from hub.store.parts import Part

router = APIRouter()

LARGEST = 2**63 - 1
OneWebhook = Annotated[int, Path(ge=1, le=LARGEST, description="The number of the webhook.", examples=[1])]
EventNumber = Annotated[int, Field(ge=1, le=LARGEST, examples=[1])]


class NewWebhook(Model):
    """An address to send events to: https on port 443 of a public host. Without `kinds` it hears of all kinds."""

    url: str = Field(max_length=2000, examples=["https://planning.example.org/webhooks/payroll"])
    kinds: tuple[EventKind, ...] = ()


class WebhookMade(Model):
    """A webhook; its secret is shown this once."""

    id: int
    secret: str


class From(Model):
    """From where to send again: the number of an event (that of `webhook-id`), or a moment; one of the two."""

    event: EventNumber | None = None
    at: AwareDatetime | None = None


class Replayed(Model):
    """How many messages are to be sent again."""

    messages: int


class Read(Model):
    """The notifications that a person has read, all of them if none is named; who, or else Hub-Actor says it."""

    numbers: tuple[EventNumber, ...] | None = Field(default=None, max_length=1000)
    by: Word = Field(default="", examples=["Robin"])


class ReadNow(Model):
    """How many were unread until now."""

    read: int


def _add_webhooks(prefix: str, called: str, asks: Callable[[Scope], Callable[..., Asked]]) -> None:
    """Add the operations on webhooks, for the whole platform or for one company."""
    reads, sets = Depends(asks(Scope.READ)), Depends(asks(Scope.SETTINGS))
    one = f"{prefix}/webhooks/{{webhook}}"

    def list_webhooks(asked: Asked = reads) -> tuple[EndpointView, ...]:
        """List where events go, whether that works, and how many messages wait. Nothing secret."""
        return asked.hub.webhooks(asked.company)

    def add_webhook(new: NewWebhook, response: Response, asked: Asked = sets) -> WebhookMade:
        """Send events to an address from now on."""
        response.headers["Cache-Control"] = "no-store"
        number, secret = asked.hub.add_webhook(new.url, new.kinds, asked.company, actor=asked.actor)
        return WebhookMade(id=number, secret=secret)

    def switch_webhook(webhook: OneWebhook, new: Switched, asked: Asked = sets) -> Switched:
        """Send there again, what waited included, or no more."""
        asked.hub.switch_webhook(webhook, new.active, asked.company, actor=asked.actor)
        return new

    def remove_webhook(webhook: OneWebhook, asked: Asked = sets) -> None:
        """Send nothing there any more, and forget what waited."""
        asked.hub.remove_webhook(webhook, asked.company, actor=asked.actor)

    def replay_webhook(webhook: OneWebhook, since: From, asked: Asked = sets) -> Replayed:
        """Send events once more, under the same ids, whether they arrived or not."""
        found = asked.hub.replay_webhook(webhook, Since(since.event, since.at), asked.company, actor=asked.actor)
        return Replayed(messages=found)

    def list_failed(webhook: OneWebhook, wants: Wants, asked: Asked = reads) -> Any:  # noqa: ANN401 - a page or a file
        """List the messages that were tried and did not arrive, oldest first."""

        def ask(part: Part) -> Sequence[FailedDelivery]:
            return asked.hub.failed_deliveries(webhook, asked.company, part)

        return wants.give(numbered(FailedDelivery, ask, "event"))

    def add(method: str, path: str, endpoint: Callable[..., object], status: int = 200, **more: Any) -> None:  # noqa: ANN401 - FastAPI's own
        name = f"{endpoint.__name__}{called}"
        router.add_api_route(path, endpoint, methods=[method], status_code=status, name=name, tags=["webhooks"], **more)

    add("GET", f"{prefix}/webhooks", list_webhooks)
    add("POST", f"{prefix}/webhooks", add_webhook, 201)
    add("PUT", one, switch_webhook)
    add("DELETE", one, remove_webhook, 204)
    add("POST", f"{one}/replay", replay_webhook)
    add("GET", f"{one}/failed", list_failed, response_model=Page[FailedDelivery], responses=CSV)


_add_webhooks("", "", of_platform)
_add_webhooks("/companies/{company}", "_of_company", of_company)


@router.get(
    "/companies/{company}/notifications", tags=["notifications"], response_model=Page[Notification], responses=CSV
)
def list_notifications(
    asked: Reads,
    wants: Wants,
    unread: Annotated[bool, Query(description="Only what nobody has read.")] = False,
    language: Annotated[Language | None, Query(description="Without it, the company's.")] = None,
) -> Any:  # noqa: ANN401 - a page or a file
    """List notifications, unread ones first, then the newest: what happened, what to do next, the file to fetch."""

    def ask(part: Part) -> Sequence[Notification]:
        return asked.hub.notifications(asked.company, language, unread=unread, part=part)

    return wants.give(Listed(Notification, ask, lambda one: one, place_of, (int, int)))


@router.post("/companies/{company}/notifications/read", tags=["notifications"])
def mark_read(told: Read, asked: Reads) -> ReadNow:
    """Note that a person has read notifications."""
    return ReadNow(read=asked.hub.mark_read(asked.company, told.numbers, asked.named(told.by)))


@router.get("/companies/{company}/told", tags=["notifications"])
def show_told(asked: Reads) -> Told:
    """Show how the people of a company are told."""
    return asked.hub.told(asked.company)


@router.put("/companies/{company}/told", tags=["notifications"])
def tell_people(new: Told, asked: Sets) -> Told:
    """Choose how the people of a company are told: the language, and an address for e-mail."""
    return asked.hub.tell_people(asked.company, new, actor=asked.actor)
