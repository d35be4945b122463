"""The library that a workshop's service serves: made from a theme and a seed, the same on every run.

No clock, no file, no global random state: `now` is given, and two worlds of equal parameters are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from random import Random
from types import MappingProxyType

from flask_magic.errors import FlaskMagicError, did_you_mean

__all__ = ["DANGERS", "THEMES", "Item", "Theme", "World", "WorldError"]


class WorldError(FlaskMagicError):
    """A parameter from which no world can be made."""


@dataclass(frozen=True)
class Theme:
    """What a library lends: the word for one and for many, and the kinds with their names."""

    noun: str
    plural: str
    names: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Item:
    """One thing on the shelf. `due` is None where it is in; `danger` says what is odd about its name, "" if nothing."""

    number: int
    name: str
    kind: str
    due: date | None
    late: bool
    danger: str = ""

    def data(self) -> dict[str, int | str | None]:
        """What the service tells of it, ready for JSON.

        >>> Item(7, "claw hammer", "hand", date(2026, 3, 9), False).data()
        {'number': 7, 'name': 'claw hammer', 'kind': 'hand', 'due': '2026-03-09'}
        """
        due = self.due.isoformat() if self.due else None
        return {"number": self.number, "name": self.name, "kind": self.kind, "due": due}


THEMES: Mapping[str, Theme] = MappingProxyType(
    {
        "tools": Theme(
            "tool",
            "tools",
            {
                "hand": ("claw hammer", "hand plane", "pipe wrench", "wood chisel"),
                "power": ("cordless drill", "belt sander", "jigsaw", "heat gun"),
                "garden": ("hedge shears", "leaf rake", "post digger", "pruning saw"),
            },
        ),
        "books": Theme(
            "book",
            "books",
            {
                "novels": ("Middlemarch", "Emma", "Dracula", "The Moonstone"),
                "travel": ("By Rail to Trieste", "Islands in Winter", "The Slow Road", "Two Weeks on Foot"),
                "cooking": ("Bread at Home", "One Pot", "Pickles and Jam", "Soup for Twelve"),
            },
        ),
        "plants": Theme(
            "plant",
            "plants",
            {
                "herbs": ("basil", "lemon thyme", "sage", "flat parsley"),
                "shrubs": ("box", "lavender", "dog rose", "witch hazel"),
                "trees": ("crab apple", "fig", "bay", "dwarf maple"),
            },
        ),
    }
)

#: Names that break a careless page, by what they attack; each is made of a harmless name and a number.
DANGERS: Mapping[str, Callable[[str, int], str]] = MappingProxyType(
    {
        "markup": lambda name, n: f"{name} <script>alert({n})</script>",
        "image": lambda name, n: f'{name}"><img src=x onerror=alert({n})>',
        "attribute": lambda name, n: f"{name} onmouseover=alert({n}) '",
        "template": lambda name, n: f"{name} {{{{ {n} * 7 }}}}",
        "entity": lambda name, n: f"{name} &amp; {n} &lt;parts&gt;",
        "path": lambda name, n: f"../../etc/{n}/{name}",
        "emoji": lambda name, n: f"{name} \N{FIRE}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{WRENCH} {n}",
        "direction": lambda name, n: f"{name} \N{RIGHT-TO-LEFT OVERRIDE}fdp.{n} \N{HEBREW LETTER ALEF}",
    }
)

#: First names of members.
MEMBERS = (
    "Ada", "Alan", "Barbara", "Dorothy", "Edsger", "Frances", "Grace", "Hedy", "Jean", "Katherine", "Tim", "Zoë",
)  # fmt: skip

FEWEST = len(DANGERS) + 4
MOST = 500


@dataclass(frozen=True)
class World:
    """A neighbourhood library: `theme` (tools, books or plants), `seed`, how many items, and the time it is there.

    Every world holds each danger of `DANGERS` once, at a place that the seed decides, and at least one item that is
    in, one that is out, and one that is late. Raises WorldError, naming the parameter, where a value is of no use.

    >>> world = World("tools", seed=7, n_items=16, now="2026-03-02T09:00:00")
    >>> world.plural, len(world.items), world.today.isoformat()
    ('tools', 16, '2026-03-02')
    >>> world.item(world.missing) is None
    True
    """

    theme: str
    seed: int
    n_items: int
    now: str

    def __post_init__(self) -> None:
        if self.theme not in THEMES:
            hint = did_you_mean(str(self.theme), THEMES) or f"There are: {', '.join(THEMES)}."
            raise WorldError(f"theme is {self.theme!r}, and there is no such library.", todo=hint)
        for name in ("seed", "n_items"):
            value = getattr(self, name)
            if type(value) is not int:
                raise WorldError(f"{name} is {value!r}, and has to be a whole number.", todo=f"Write: -p {name} 16")
        if not FEWEST <= self.n_items <= MOST:
            raise WorldError(
                f"n_items is {self.n_items}, and has to be from {FEWEST} to {MOST}.",
                why=f"{len(DANGERS)} of the items have odd names, and some others have to be there too.",
            )
        try:
            datetime.fromisoformat(self.now)
        except (TypeError, ValueError):
            raise WorldError(
                f"now is {self.now!r}, and has to be a time as ISO text.", todo="Write: 2026-03-02T09:00:00"
            ) from None

    @property
    def noun(self) -> str:
        """The word for one item: `tool`."""
        return THEMES[self.theme].noun

    @property
    def plural(self) -> str:
        """The word for the items: `tools`."""
        return THEMES[self.theme].plural

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of things lent here; each has an item."""
        return tuple(THEMES[self.theme].names)

    @property
    def today(self) -> date:
        """The day of `now`."""
        return datetime.fromisoformat(self.now).date()

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """All items, in the order of their numbers."""
        # A text as seed: the same sequence for every Python, and another one for each theme.
        random = Random(f"{self.theme}/{self.seed}")
        numbers = sorted(random.sample(range(10, 10 * MOST), self.n_items))
        names = self._names(random)
        dangers = dict(zip(random.sample(range(self.n_items), len(DANGERS)), DANGERS, strict=True))
        dues = [None, 3, -3] + [random.choice((None, -5, -1, 0, 2, 9)) for _ in range(self.n_items - 3)]
        random.shuffle(dues)
        made = []
        for place, number in enumerate(numbers):
            kind, name = names[place]
            danger = dangers.get(place, "")
            if danger:
                name = DANGERS[danger](name, random.randrange(100, 1000))
            days = dues[place]
            due = None if days is None else self.today + timedelta(days=days)
            made.append(Item(number, name, kind, due, late=due is not None and due < self.today, danger=danger))
        return tuple(made)

    @cached_property
    def missing(self) -> int:
        """A number that no item has."""
        taken = {item.number for item in self.items}
        return next(number for number in range(10 + self.seed % 90, 10 * MOST) if number not in taken)

    def item(self, number: int) -> Item | None:
        """The item of this number, or None."""
        return next((item for item in self.items if item.number == number), None)

    def members(self, count: int) -> tuple[str, ...]:
        """The names of as many members, each once; the first is odd, and what breaks a careless query is in it.

        >>> World("tools", seed=7, n_items=16, now="2026-03-02").members(3)
        ("O'Neill'); DROP TABLE loan;--", 'Ada', 'Hedy')

        Raises WorldError for fewer than 3 or more than 100.
        """
        if type(count) is not int or not 3 <= count <= 100:
            raise WorldError(f"n_users is {count!r}, and has to be a whole number from 3 to 100.")
        random = Random(f"members/{self.seed}")
        names = random.sample(MEMBERS, len(MEMBERS))
        rounds = range(1, 2 + count // len(names))
        plain = [f"{name} {number}" if number > 1 else name for number in rounds for name in names]
        return ("O'Neill'); DROP TABLE loan;--", *plain[: count - 1])

    def _names(self, random: Random) -> list[tuple[str, str]]:
        """As many kinds and names as there are items, each name once: the second claw hammer is `claw hammer 2`."""
        stock = [(kind, name) for kind, names in THEMES[self.theme].names.items() for name in names]
        rounds = -(-self.n_items // len(stock))
        copies = [(kind, f"{name} {n}" if n > 1 else name) for n in range(1, rounds + 1) for kind, name in stock]
        chosen = copies[: self.n_items]
        random.shuffle(chosen)
        return chosen
