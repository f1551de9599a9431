"""Rotating keys: a new data key for every company, everything sealed anew, in one transaction per company."""

from __future__ import annotations

from sqlmodel import Session, select

from hub.activation import secret_place
from hub.events.signing import seal, unseal
from hub.export.handing.stored import file_place
from hub.intake.keep import bsn_place
from hub.process import Process
from hub.store.companies import DataKey, Secret
from hub.store.database import Store, companies
from hub.store.events import Endpoint
from hub.store.files import File
from hub.store.people import TeamMember
from hub.store.session import CompanySession
from hub.vault import MasterKey


def rotate(store: Store, process: Process) -> int:
    """Give every company a new data key and seal its values with it; return how many companies.

    Data keys that HUB_OLD_SECRET_KEY wrapped are wrapped by the hub's present key first. It can be repeated after a
    crash: each company is either done or as it was.
    """
    with store.everywhere() as session:  # first: the database opens without the old key once the companies are done
        _rewrap_endpoints(session, store.master, process.old_secret_key)
        names = [one.id for one in companies(session)]
    for name in names:
        with store.write(name) as bound:
            bound.hold_keys(alone=True)
            _rewrap(bound, store.master, process.old_secret_key)
            _seal_anew(bound, store)
            bound.audit("operator", "keys rotated", name)
    return len(names)


def _rewrap_endpoints(session: Session, master: MasterKey, old_key: str) -> None:
    """Wrap the secrets of webhooks by the hub's present key; the hosts that verify by them notice nothing."""
    for row in session.exec(select(Endpoint).with_for_update()):
        if old_key and row.secret and not master.wrapped_here(row.secret):
            secret = unseal(MasterKey.from_text(old_key, "HUB_OLD_SECRET_KEY"), row.id or 0, row.secret)
            row.secret = seal(master, row.id or 0, secret)
            session.add(row)


def _rewrap(session: CompanySession, master: MasterKey, old_key: str) -> None:
    for row in session.all(DataKey):
        if old_key and not master.wrapped_here(row.wrapped):
            plain = MasterKey.from_text(old_key, "HUB_OLD_SECRET_KEY").unwrap(session.company, row.version, row.wrapped)
            row.wrapped = master.wrap(session.company, row.version, plain)
            session.add(row)
    session.flush()


def _seal_anew(session: CompanySession, store: Store) -> None:
    old = store.vault(session)
    version = old.version + 1
    fresh = DataKey(
        company_id=session.company, version=version, wrapped=store.master.new_data_key(session.company, version)
    )
    session.add(fresh)
    session.flush()
    new = store.vault(session)
    for secret in session.all(Secret):
        place = secret_place(secret.provider, secret.name)
        secret.sealed = new.seal(place, old.open(place, secret.sealed))
        session.add(secret)
    for member in session.all(TeamMember):
        if member.bsn:
            member.bsn = new.seal(bsn_place(member.id), old.open(bsn_place(member.id), member.bsn))
            session.add(member)
    for file in session.all(File):
        if file.sealed:
            place = file_place(file.run, file.version)
            file.sealed = new.seal_bytes(place, old.open_bytes(place, file.sealed))
            session.add(file)
    session.flush()
    for key in session.all(DataKey, DataKey.version < version):
        session.delete(key)
