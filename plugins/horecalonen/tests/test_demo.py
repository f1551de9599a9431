"""The demonstration and the README: both end with a file, its receipt and white timecards."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from hub.testing.shell import HUB, environment

PROVIDER = "horecalonen"
README = Path(__file__).parents[1] / "README.md"


@pytest.fixture(scope="module")
def outcome() -> dict[str, Any]:
    """What `hub demo --provider … --json` prints."""
    command = [HUB, "demo", "--provider", PROVIDER, "--json"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    found: dict[str, Any] = json.loads(printed.stdout)
    return found


def test_the_file_holds_exactly_the_rows_that_were_worked_out_by_hand(outcome: dict[str, Any]) -> None:
    """Three cards of 7 h 20 make 22.00; the night in which the clock went back is nine hours, less half an hour."""
    (file,) = outcome["files"]
    dates = ["01-10-2026", "31-10-2026"]
    people = {"J": ["123456782", "Jasmijn Overweg"], "T": ["111222333", "Tijmen de Beekhof"]}
    people["N"] = ["012345672", "Noor van Duinwijk"]
    expected = [
        ("J", "dagen", "3,00"),
        ("J", "maaltijden", "2,00"),
        ("J", "toeslag zondag 50%", "7,33"),
        ("J", "uren", "22,00"),
        ("T", "dagen", "2,00"),
        ("T", "maaltijden", "1,00"),
        ("T", "reiskosten", "9,20"),
        ("T", "uren", "16,00"),
        ("N", "dagen", "1,00"),
        ("N", "toeslag zondag 50%", "3,00"),
        ("N", "uren", "8,50"),
    ]
    assert file["rows"][0] == ["BSN", "Naam", "Van", "Tot en met", "Code", "Aantal"]
    assert file["rows"][1:] == [[*people[who], *dates, code, amount] for who, code, amount in expected]
    assert (file["receipt"]["rows"], file["receipt"]["layout_status"]) == (11, "unverified")


def test_every_timecard_is_white_or_says_why_not(outcome: dict[str, Any]) -> None:
    """Six of nine: one waits for a BSN, one for its approval, and a freelancer's never goes."""
    reasons = {one["timecard"]: one["reason"] for one in outcome["timecards_left"]}
    assert outcome["timecards_exported"] == 6
    assert reasons == {
        "HT-07": "written, not approved",
        "HT-08": "Horecalonen needs the BSN of H-04, and there is none",
        "HT-09": "freelance is not exported",
    }


def test_the_readme_ends_with_a_white_timecard_and_a_file_with_its_receipt(tmp_path: Path) -> None:
    """Executed as it is written, in an empty folder."""
    (block,) = re.findall(r"^```sh\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)
    path = f"{Path(HUB).parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["bash", "-ec", block], cwd=tmp_path, env=environment(PATH=path), capture_output=True, text=True, timeout=100
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"T-1 .* 510 .* white", done.stdout)
    names = sorted(one.name for one in tmp_path.glob(f"{PROVIDER}-*"))
    extension = "xlsx" if PROVIDER == "connexie" else "csv"
    assert names == [f"{PROVIDER}-2026-10-01-2026-10-31-run1-v1.{extension}{more}" for more in ("", ".receipt.json")]
