"""Names for made-up people, drawn from short lists; nobody that exists is meant."""

from __future__ import annotations

import random
import unicodedata
from dataclasses import dataclass

FIRST = (
    *("Amber", "Bas", "Celine", "Daan", "Eline", "Floris", "Guusje", "Hidde", "Iris", "Joris", "José", "Kyra", "Lars"),
    *("Mila", "Noël", "Noud", "Olivia", "Pim", "Quinty", "Renée", "Ruben", "Sanne", "Tijn", "Ula", "Vera", "Wout"),
    *("Yara", "Zoë"),
)
LAST = (
    ("", "Appelboom"),
    ("", "Bakkersma"),
    ("de", "Lindelaar"),
    ("de", "Waard"),
    ("den", "Duinhof"),
    ("", "Eikenstein"),
    ("van", "Fluitenberg"),
    ("van", "Grachtwijk"),
    ("van de", "Heidezoom"),
    ("van den", "Iepenburg"),
    ("van der", "Kaasbrug"),
    ("van der", "Molenkolk"),
    ("van 't", "Noordveld"),
    ("", "Oosterkade"),
    ("ter", "Polderman"),
    ("in 't", "Rietland"),
    ("", "Schelpenaar"),
    ("", "Terrasma"),
    ("op den", "Veldhoek"),
    ("", "Wafelstra"),
)


@dataclass(frozen=True)
class Name:
    """A name in the order in which it is said."""

    first: str
    prefix: str
    last: str

    def __str__(self) -> str:
        return " ".join(part for part in (self.first, self.prefix, self.last) if part)

    def address(self, number: int) -> str:
        """Return an e-mail address that reaches nobody: `voornaam.achternaam.N@example.test`."""
        plain = unicodedata.normalize("NFKD", f"{self.first}.{self.last}".lower()).encode("ascii", "ignore").decode()
        return f"{plain}.{number}@example.test"


def draw(chance: random.Random) -> Name:
    """Return the next name."""
    prefix, last = chance.choice(LAST)
    return Name(chance.choice(FIRST), prefix, last)
