"""A host platform that knows the hub over HTTP only: from a new company to hours in payroll, with signed webhooks.

It needs a hub that is served and a payroll to send to; the simulator of Nmbrs will do:

    hub simulate nmbrs                                # prints endpoint, email and token
    HUB_ALLOW_LOOPBACK=1 hub serve                    # on PostgreSQL, `hub worker` beside it
    hub api-key new example --scope read,settings,workforce,hours,export
    HOST_KEY=… HOST_TOKEN=… python -m examples.host http://127.0.0.1:8700 --nmbrs ENDPOINT --email EMAIL

It ends with 0 only if payroll holds exactly what was approved and every message came, signed. It makes two companies:
do it once per database, with a simulator that was just started.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import sys
from collections.abc import Mapping
from typing import Any

import httpx

from examples.host.month import approved, compare, month_of
from examples.host.wire import Failed, Messages, Platform, check, hearing, say

PERSON = "Robin"
"""The user of the host in whose name money leaves."""

NMBRS = {"worked": "2100", "surcharge:sunday-50": "5564", "days": "days"}
HORECALONEN = {"worked": "uren", "surcharge:sunday-50": "toeslag zondag 50%", "days": "dagen"}
BSNS = {"H-01": "123456782", "H-02": "111222333", "H-03": "012345672"}
"""Made-up people, with the numbers that are published for tests."""


def export(hub: Platform, company: str, wanted: Mapping[str, Any], cards: int) -> int:
    """Plan, look, release in the name of a person, and run; return the number of the run."""
    of = f"/companies/{company}"
    plan = hub("GET", f"{of}/plans/{hub.job(f'{of}/plans', wanted)['plan']}")
    say(f"  plan {plan['id']}: {len(plan['lines'])} lines of {plan['timecards']} timecards, {plan['totals']}")
    check((plan["timecards"], plan["held"], plan["left"]) == (cards, [], []), "the plan leaves timecards behind")
    hub("POST", f"{of}/plans/{plan['id']}/release", {"by": PERSON})
    run = int(hub.job(f"{of}/plans/{plan['id']}/run")["run"])
    say(f"  run {run}: {hub('GET', f'{of}/runs/{run}')['state']}")
    return run


def by_api(hub: Platform, messages: Messages, settings: Mapping[str, str]) -> None:
    """Bring October to Nmbrs: people come from payroll, and hours go there by its API."""
    company, of = "de-linde", "/companies/de-linde"
    link = f"{of}/connections/nmbrs"
    hub("POST", "/companies", {"id": company, "name": "De Linde Horeca"})
    hub("POST", f"{of}/connections", {"provider": "nmbrs", "settings": settings})
    synced = hub.job(f"{link}/sync?apply=true")
    people = hub("GET", f"{link}/employees?administration=3101&linked=true&limit=3")["items"]
    say(f"{company} with nmbrs: {synced['counts']}")
    hub("PUT", f"{link}/venues/cafe", {"administration": "3101", "cost_centre": "KP10"})
    for component in ("worked", "surcharge:sunday-50"):
        hub("PUT", f"{link}/mapping", {"component": component, "code": NMBRS[component]})
    hub("PUT", f"{link}/administrations/3101/wage-periods", {"type": "month", "first_start": "2026-01-01"})
    cards = month_of(one["member"] for one in people)
    check(hub.upload(f"{of}/timecards", cards) == len(cards), "not every timecard was new")
    period = {"provider": "nmbrs", "administration": "3101", "year": 2026, "number": 10}
    run = export(hub, company, period, len(cards))
    state = httpx.get(f"{settings['endpoint']}/_sim/state").json()
    held = [(str(row["employee"]), str(row["code"] or row["kind"]), row["amount"]) for row in state["rows"]]
    compare(held, approved(cards, NMBRS, {one["member"]: one["id"] for one in people}))
    told(hub, messages, company, run, cards)


def by_file(hub: Platform, messages: Messages) -> None:
    """Bring October to Horecalonen: people are the host's, and hours go in a file that a person imports."""
    company, of = "de-kade", "/companies/de-kade"
    hub("POST", "/companies", {"id": company, "name": "De Kade Eetcafé"})
    hub("POST", f"{of}/connections", {"provider": "horecalonen"})
    hub("PUT", f"{of}/connections/horecalonen/mapping", _booking("surcharge:sunday-50"))
    say(f"{company} with horecalonen")
    members = [{"id": id_, "name": id_, "contract_type": "zero_hours", "bsn": bsn} for id_, bsn in BSNS.items()]
    hub.upload(f"{of}/members", members)
    cards = month_of(BSNS)
    hub.upload(f"{of}/timecards", cards)
    dates = {"provider": "horecalonen", "administration": "horecalonen", "dates": ["2026-10-01", "2026-10-31"]}
    run = export(hub, company, dates, len(cards))
    file = hub.send("GET", f"{of}/runs/{run}/file")
    receipt = hub("POST", f"{of}/runs/{run}/file/acknowledge")
    check(hashlib.sha256(file.content).hexdigest() == receipt["sha256"], "the file is not that of its receipt")
    rows = csv.DictReader(file.content.decode("utf-8-sig").splitlines(), delimiter=";")
    held = [(row["BSN"], row["Code"], row["Aantal"].replace(",", ".")) for row in rows]
    compare(held, approved(cards, HORECALONEN, BSNS))
    done = hub("POST", f"{of}/runs/{run}/outcome", {"outcome": "imported", "by": PERSON})
    say(f"  {receipt['file']} was imported: the run is {done['state']}")
    told(hub, messages, company, run, cards, "file.ready")


def _booking(component: str) -> dict[str, str]:
    return {"component": component, "code": HORECALONEN[component]}


def told(hub: Platform, messages: Messages, company: str, run: int, cards: list[dict[str, Any]], *more: str) -> None:
    """Check that every timecard is white, and that messages and notifications say what happened."""
    white = hub("GET", f"/companies/{company}/timecards?exported=true&limit=1000")["items"]
    check(len(white) == len(cards), f"{len(white)} of {len(cards)} timecards are white")
    came = messages.wait_for(company, run, {"run.finished", *more}, {card["id"] for card in cards})
    say(f"  {came} messages of run {run} came, signed and without a gap; {len(white)} timecards are white")
    for one in hub("GET", f"/companies/{company}/notifications?unread=true&language=en")["items"]:
        say(f"  notification: {one['text']} {one['action']}")
    hub("POST", f"/companies/{company}/notifications/read", {"by": PERSON})


def main() -> int:
    """Play the host; return 0 only if everything held."""
    reader = argparse.ArgumentParser(description="A host platform over HTTP. HOST_KEY and HOST_TOKEN are secrets.")
    reader.add_argument("address", help="where the hub is served")
    reader.add_argument("--nmbrs", required=True, help="the endpoint of the simulated Nmbrs")
    reader.add_argument("--email", required=True, help="the login there; its token is HOST_TOKEN")
    given = reader.parse_args()
    hub = Platform(given.address, os.environ["HOST_KEY"])
    try:
        with hearing(hub) as messages:
            by_api(hub, messages, {"endpoint": given.nmbrs, "email": given.email, "token": os.environ["HOST_TOKEN"]})
            by_file(hub, messages)
            check(messages.forged == 0, f"{messages.forged} messages were not signed as they should be")
    except (Failed, httpx.HTTPError) as error:
        sys.stderr.write(f"Failed: {error}\n")
        return 1
    say("Everything held.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
