"""`python -m hub_nmbrs.simulator`: serve until interrupted, and say what to type to connect."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from hub import InputError
from hub_nmbrs.simulator.nmbrs import NmbrsSimulator


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the simulator; return 0 when interrupted and 2 when an argument is wrong."""
    options = _parser().parse_args(arguments)
    try:
        simulator = NmbrsSimulator(
            port=options.port,
            employees=options.employees,
            seed=options.seed,
            latency_ms=options.latency_ms,
            faults=options.fault,
        )
    except InputError as error:
        sys.stderr.write(f"{error.text}\n")
        return 2
    with simulator:
        for name, value in simulator.connect_settings().items():
            sys.stdout.write(f"{name}={value}\n")
        sys.stdout.flush()
        try:
            simulator.wait()
        except KeyboardInterrupt:
            return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m hub_nmbrs.simulator", description="A simulator of Nmbrs SOAP v3.")
    parser.add_argument("--port", type=int, default=8800, help="0 takes a free port")
    parser.add_argument("--employees", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--latency-ms", type=float, default=0)
    parser.add_argument("--fault", action="append", default=[], help="NAME@OPERATION+SKIP*COUNT; may be given again")
    return parser


if __name__ == "__main__":
    sys.exit(main())
