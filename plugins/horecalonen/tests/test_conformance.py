"""Horecalonen keeps the rules for every provider of files."""

from hub.testing.conformance import ProviderConformance
from hub_horecalonen.provider import HorecalonenProvider
from hub_horecalonen.simulator import HorecalonenSimulator


class TestHorecalonen(ProviderConformance):
    provider = HorecalonenProvider
    importer = HorecalonenSimulator
