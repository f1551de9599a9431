"""Connexie keeps the rules for every provider of files."""

from hub.testing.conformance import ProviderConformance
from hub_connexie.provider import ConnexieProvider
from hub_connexie.simulator import ConnexieSimulator


class TestConnexie(ProviderConformance):
    provider = ConnexieProvider
    importer = ConnexieSimulator
