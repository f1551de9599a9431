"""Installed distributions for tests: real folders that Python finds on its path, without an installer.

A test of what the hub does with a plugin that is broken, or in the way, needs that plugin installed. A `Site` is a
folder of such plugins: put it on `sys.path`, or on PYTHONPATH of a process. It also tells which of them were imported.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path

GOOD_PROVIDER = """
from hub import Activation, Capability, Provider, Support, Workforce, hookimpl

class P(Provider):
    name = "NAME"
    title = "Good Payroll"
    capabilities = {Capability.SYNC_WORKFORCE: Support.FULL}

    @hookimpl
    def activate(self, request):
        return Activation(administrations=())

    @hookimpl
    def sync_workforce(self, request):
        return Workforce(employees=())
"""

_NUMBERS = itertools.count()


@dataclass(frozen=True)
class Fake:
    """A distribution to write; as it stands a good provider, so that a test changes only what it is about.

    `source` is its module (NAME in it becomes the name of its entry point), `requires` its Requires-Dist, `target` what
    its entry point names in the module. An empty `metadata` leaves that file out, and so for `entry_points`; a lone
    surrogate in them becomes a byte that is no UTF-8.
    """

    source: str = GOOD_PROVIDER
    requires: tuple[str, ...] = ("payroll-hub>=0.1",)
    target: str = "P"
    group: str = "payroll_hub.providers"
    entry_points: str = "[{group}]\n{name} = {module}:{target}\n"
    metadata: str = "Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n"


@dataclass(frozen=True)
class Site:
    """A folder with distributions in it."""

    folder: Path
    modules: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, fake: Fake | None = None, distribution: str = "") -> None:
        """Write a distribution (by default `hub-NAME`) whose entry point has this name."""
        fake, distribution = fake or Fake(), distribution or f"hub-{name}"
        module = self.modules[distribution] = f"fake_distribution_{next(_NUMBERS)}"
        words = {"name": name, "module": module, "distribution": distribution}
        words |= {"target": fake.target, "group": fake.group}
        marker = f"open({str(self._marker(module))!r}, 'w').close()\n"
        (self.folder / f"{module}.py").write_text(marker + fake.source.replace("NAME", name))
        self._describe(self.folder / f"{distribution.replace('-', '_')}-1.0.dist-info", fake, words)

    def _describe(self, folder: Path, fake: Fake, words: dict[str, str]) -> None:
        needs = "".join(f"Requires-Dist: {one}\n" for one in fake.requires)
        files = {
            "METADATA": (fake.metadata.format(**words) + needs) if fake.metadata else "",
            "entry_points.txt": fake.entry_points.format(**words),
            "RECORD": f"{folder.name}/METADATA,,\n{folder.name}/entry_points.txt,,\n{folder.name}/RECORD,,\n",
        }
        folder.mkdir()
        for name, text in files.items():
            if text:
                (folder / name).write_text(text, encoding="utf-8", errors="surrogateescape")

    def _marker(self, module: str) -> Path:
        return self.folder / f"{module}.imported"

    def imported(self, distribution: str) -> bool:
        """Tell whether the module of a distribution was imported, in whatever process."""
        return self._marker(self.modules[distribution]).exists()
