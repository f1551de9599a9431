"""The fixtures that the hub ships for tests."""

from hypothesis import settings

from hub.testing.fixtures import (  # noqa: F401 - pytest finds them here by name
    database_url,
    empty_database_url,
    postgres_url,
    process,
    sqlite_template,
    store,
)
from hub.testing.paper import clock, paper  # noqa: F401 - as above
from hub.testing.simulation_report import pytest_terminal_summary  # noqa: F401 - it says what the simulation found

# A busy machine is slow, not wrong: speed is measured in benchmarks, never by a test.
settings.register_profile("hub", deadline=None)
settings.load_profile("hub")
