"""The part of `hub.hub.Hub` that tells what happened: webhooks to host platforms, notifications to people."""

from __future__ import annotations

from collections.abc import Collection

from hub.clock import Clock
from hub.events import delivering, endpoints
from hub.events import notifications as people
from hub.events.delivering import Delivered
from hub.events.endpoints import EndpointView, FailedDelivery, Since
from hub.events.notifications import Notification, Told
from hub.events.spreading import spread
from hub.events.words import Language
from hub.process import Process
from hub.store.database import Store
from hub.store.parts import Part


class Telling:
    """What a hub can do with events. `Hub` is one of these; nothing else is.

    Of webhooks, `company` is for whom somebody acts: one company, which sees and changes its own alone, or all.
    """

    store: Store
    process: Process
    clock: Clock

    # -- webhooks -----------------------------------------------------------------------------------------------------

    def add_webhook(
        self, url: str, kinds: Collection[str] = (), company: str = "", actor: str = "host"
    ) -> tuple[int, str]:
        """Send events to an address from now on: those of a company or of all, of some kinds or of all.

        Returns its number, and the secret to verify with: it cannot be shown again. Raises `InputError` for an address
        that is not https to a public host, `Unsupported` where what signs them is not installed.
        """
        loopback = self.process.allow_loopback
        self._spread()
        return endpoints.add(self.store, url, kinds, company, actor, loopback=loopback)

    def webhooks(self, company: str = "") -> tuple[EndpointView, ...]:
        """List where events go, whether that works, and how many messages wait."""
        return endpoints.listed(self.store, company)

    def switch_webhook(self, number: int, on: bool, company: str = "", actor: str = "host") -> None:
        """Send there again, what waited included, or no more. Raises `InputError` if there is none of this number."""
        endpoints.switch(self.store, number, company, actor, on=on)

    def remove_webhook(self, number: int, company: str = "", actor: str = "host") -> None:
        """Send nothing there any more, and forget what waited. Raises `InputError` if there is none of this number."""
        endpoints.remove(self.store, number, company, actor)

    def failed_deliveries(self, number: int, company: str = "", part: Part | None = None) -> tuple[FailedDelivery, ...]:
        """List the messages that were tried and did not arrive, oldest first, or a part. Raises `InputError`."""
        return endpoints.failed(self.store, number, company, part)

    def replay_webhook(self, number: int, since: Since, company: str = "", actor: str = "host") -> int:
        """Send all from an event or a moment on once more, under the same ids; return how many. Raises `InputError`."""
        return endpoints.replay(self.store, number, since, company, actor, self.clock.moment().at)

    def deliver_due(self) -> Delivered:
        """Send what is due now, once. A worker does so every second; any number of them may."""
        return delivering.deliver_due(self.store, self.process, self.clock)

    # -- notifications ------------------------------------------------------------------------------------------------

    def notifications(
        self, company: str, language: Language | None = None, *, unread: bool = False, part: Part = people.NEWEST
    ) -> tuple[Notification, ...]:
        """List what the people of a company want to know, those that nobody has read first, then the newest."""
        with self.store.read(company) as session:
            return people.notifications(session, language, unread=unread, part=part)

    def mark_read(self, company: str, numbers: Collection[int] | None, by: str) -> int:
        """Note that a person has read notifications, or all of them; return how many were unread. `InputError`."""
        with self.store.write(company) as session:
            return people.mark_read(session, numbers, by, self.clock.moment().at)

    def told(self, company: str) -> Told:
        """Return how the people of a company are told: the language, and an address for e-mail if there is one."""
        with self.store.read(company) as session:
            return people.told_of(session)

    def tell_people(self, company: str, told: Told, actor: str = "host") -> Told:
        """Choose how the people of a company are told. Raises `InputError` for an address that is none."""
        self._spread()
        return people.tell_people(self.store, company, told, actor)

    def _spread(self) -> None:
        """Let what happened so far go to those who are there, and not to somebody who comes now."""
        spread(self.store, self.clock.moment().at)
