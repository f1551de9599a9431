"""Horecalonen keeps the rules for every provider of files."""

from hub.testing.conformance import ProviderConformance
from hub_horecalonen.provider import HorecalonenProvider


class TestHorecalonen(ProviderConformance):
    provider = HorecalonenProvider
