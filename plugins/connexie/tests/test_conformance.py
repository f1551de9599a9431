"""Connexie keeps the rules for every provider of files."""

from hub.testing.conformance import ProviderConformance
from hub_connexie.provider import ConnexieProvider


class TestConnexie(ProviderConformance):
    provider = ConnexieProvider
