"""All rules, in the order in which they are tried and shown."""

from __future__ import annotations

from hub.testing.conformance import (
    rules_apart,
    rules_class,
    rules_connection,
    rules_correcting,
    rules_doubt,
    rules_file,
    rules_hub,
    rules_people,
    rules_posting,
    rules_putting,
    rules_reading,
    rules_secrets,
    rules_validating,
)
from hub.testing.conformance.rule import Rule

_MODULES = (
    rules_class,
    rules_connection,
    rules_reading,
    rules_people,
    rules_validating,
    rules_posting,
    rules_putting,
    rules_doubt,
    rules_apart,
    rules_correcting,
    rules_hub,
    rules_secrets,
    rules_file,
)

RULES: tuple[Rule, ...] = tuple(one for module in _MODULES for one in vars(module).values() if isinstance(one, Rule))
"""Every rule; a module of rules that is named above adds its own, as they stand there."""
