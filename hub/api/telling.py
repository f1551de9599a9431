"""Webhooks and notifications: where events go, what did not arrive, and what people want to know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import AwareDatetime, Field

from hub.access import Scope
from hub.api.callers import Asked, Reads, Sets, of_company, of_platform
from hub.api.pages import Cursor, Limit, page
from hub.api.shapes import Page, Switched
from hub.events.endpoints import EndpointView, FailedDelivery, Since
from hub.events.kinds import EventKind
from hub.events.notifications import Notification, Told
from hub.events.words import Language
from hub.models import Model

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
    by: str = Field(default="", max_length=100, examples=["Robin"])


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

    def add_webhook(new: NewWebhook, asked: Asked = sets) -> WebhookMade:
        """Send events to an address from now on."""
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

    def list_failed(
        webhook: OneWebhook, cursor: Cursor = "", limit: Limit = 100, asked: Asked = reads
    ) -> Page[FailedDelivery]:
        """List the messages that were tried and did not arrive, oldest first."""
        return page(asked.hub.failed_deliveries(webhook, asked.company), cursor, limit)

    def add(method: str, path: str, endpoint: Callable[..., object], status: int = 200) -> None:
        name = f"{endpoint.__name__}{called}"
        router.add_api_route(path, endpoint, methods=[method], status_code=status, name=name, tags=["webhooks"])

    add("GET", f"{prefix}/webhooks", list_webhooks)
    add("POST", f"{prefix}/webhooks", add_webhook, 201)
    add("PUT", one, switch_webhook)
    add("DELETE", one, remove_webhook, 204)
    add("POST", f"{one}/replay", replay_webhook)
    add("GET", f"{one}/failed", list_failed)


_add_webhooks("", "", of_platform)
_add_webhooks("/companies/{company}", "_of_company", of_company)


@router.get("/companies/{company}/notifications", tags=["notifications"])
def list_notifications(
    asked: Reads,
    unread: Annotated[bool, Query(description="Only what nobody has read.")] = False,
    language: Annotated[Language | None, Query(description="Without it, the company's.")] = None,
    cursor: Cursor = "",
    limit: Limit = 100,
) -> Page[Notification]:
    """List the newest notifications, unread ones first: what happened, what to do next, and the file to fetch."""
    return page(asked.hub.notifications(asked.company, language, unread=unread), cursor, limit)


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
