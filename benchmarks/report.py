"""What every benchmark reports: ratios, each with the goal that it must meet.

A benchmark is a module in this folder that calls `report` last. With `--json` its last line is one object,
`{"benchmark": name, "ratios": [{"name": ..., "value": ..., "goal": "<= 2.5"}]}`; without, it is a table. A ratio is
measured against a named alternative in the same run, because times alone tell more of the machine than of the code.
"""

from __future__ import annotations

import argparse
import json
import operator
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {"<=": operator.le, ">=": operator.ge}


@dataclass(frozen=True)
class Ratio:
    """How many times one thing is another; `goal` is `<= NUMBER`, `>= NUMBER`, or empty where there is none."""

    name: str
    value: float
    goal: str = ""

    @property
    def met(self) -> bool:
        """Whether the goal is met; without one it always is. Raises `ValueError` for a goal that cannot be read."""
        if not self.goal:
            return True
        comparison, _, number = self.goal.partition(" ")
        if comparison not in _COMPARISONS:
            raise ValueError(f"A goal is written as <= 2.5 or >= 2.5, not as {self.goal}.")
        return _COMPARISONS[comparison](self.value, float(number))


def wants_json(about: str | None) -> bool:
    """Read the command line of a benchmark; `about` is its module docstring, for `--help`."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="end with one line of JSON instead of a table")
    found: bool = parser.parse_args().json
    return found


def report(benchmark: str, ratios: Sequence[Ratio], *, as_json: bool, notes: Sequence[str] = ()) -> None:
    """Print what was measured. `notes` are lines for a person, such as the times behind the ratios."""
    if as_json:
        print(json.dumps({"benchmark": benchmark, "ratios": [asdict(one) for one in ratios]}))
        return
    for note in notes:
        print(note)
    print(table([(benchmark, one) for one in ratios]))


def table(rows: Sequence[tuple[str, Ratio]]) -> str:
    """Return a table of ratios by benchmark: name, value, goal, and whether it is met."""
    head = ("benchmark", "ratio", "value", "goal", "met")
    cells = [head, *((name, one.name, f"{one.value:.2f}", one.goal, _word(one)) for name, one in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in cells)


def _word(ratio: Ratio) -> str:
    if not ratio.goal:
        return ""
    return "yes" if ratio.met else "NO"
