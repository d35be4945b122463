import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_magic.workshop.world import DANGERS, THEMES, World, WorldError

WORLD = World("tools", seed=7, n_items=16, now="2026-03-02T09:00:00")
worlds = st.builds(
    World,
    theme=st.sampled_from(sorted(THEMES)),
    seed=st.integers(),
    n_items=st.integers(12, 60),
    now=st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)).map(datetime.isoformat),
)


@given(worlds)
def test_every_world_has_what_the_checks_need(world: World) -> None:
    numbers = [item.number for item in world.items]
    names = [item.name for item in world.items]
    assert len(numbers) == world.n_items
    assert numbers == sorted(set(numbers))
    assert len(set(names)) == world.n_items
    assert sorted(item.danger for item in world.items if item.danger) == sorted(DANGERS)
    assert {item.kind for item in world.items} == set(world.kinds)
    assert {(item.due is None, item.late) for item in world.items} == {(True, False), (False, False), (False, True)}
    assert all(item.late == (item.due < world.today) for item in world.items if item.due)
    assert all(world.item(item.number) is item for item in world.items)
    assert world.missing not in numbers


@given(worlds)
def test_equal_parameters_make_equal_worlds(world: World) -> None:
    assert replace(world).items == world.items
    assert replace(world).missing == world.missing


def test_theme_seed_and_day_each_make_another_world() -> None:
    assert replace(WORLD, seed=8).items != WORLD.items
    assert {item.name for item in replace(WORLD, theme="books").items}.isdisjoint(item.name for item in WORLD.items)
    later = replace(WORLD, now="2026-03-03")
    assert [item.name for item in later.items] == [item.name for item in WORLD.items]
    assert [item.due for item in later.items] != [item.due for item in WORLD.items]


def test_a_world_is_the_same_in_every_process() -> None:
    code = "from flask_magic.workshop.world import World; print(ascii(World('tools', 7, 16, '2026-03-02').items[:3]))"
    shown = [
        subprocess.run([sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True)
        for seed in ("1", "2")
    ]
    assert shown[0].stdout == shown[1].stdout
    # Written down once: another release of Python, or another line of code, must not give a class other numbers.
    assert [(item.number, item.name) for item in WORLD.items[:3]] == [
        (85, "belt sander onmouseover=alert(491) '"),
        (235, "wood chisel 2"),
        (367, "post digger <script>alert(286)</script>"),
    ]


@pytest.mark.parametrize("danger", DANGERS)
def test_an_odd_name_keeps_the_harmless_one_and_varies_with_the_seed(danger: str) -> None:
    name, other = (DANGERS[danger]("claw hammer", n) for n in (123, 456))
    assert "claw hammer" in name
    assert name != other
    assert name == name.strip()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"theme": "toolz"}, "theme is 'toolz', and there is no such library. Did you mean 'tools'?"),
        ({"theme": 7}, "theme is 7, and there is no such library. There are: tools, books, plants."),
        ({"seed": "7"}, "seed is '7', and has to be a whole number. Write: -p seed 16"),
        ({"n_items": 16.0}, "n_items is 16.0, and has to be a whole number. Write: -p n_items 16"),
        ({"n_items": 11}, "n_items is 11, and has to be from 12 to 500."),
        ({"n_items": 501}, "n_items is 501, and has to be from 12 to 500."),
        ({"now": "monday"}, "now is 'monday', and has to be a time as ISO text. Write: 2026-03-02T09:00:00"),
        ({"now": 2026}, "now is 2026, and has to be a time as ISO text. Write: 2026-03-02T09:00:00"),
    ],
)
def test_a_parameter_of_no_use_is_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(WorldError) as caught:
        replace(WORLD, **change)
    assert str(caught.value) == message


@pytest.mark.parametrize("count", [3, 12, 13, 100])
def test_every_member_has_a_name_of_their_own(count: int) -> None:
    names = WORLD.members(count)
    assert len(set(names)) == len(names) == count
    assert "'" in names[0]
    assert names == replace(WORLD).members(count)
    assert names != replace(WORLD, seed=8).members(count)


@pytest.mark.parametrize("count", [2, 101, "3", 3.0])
def test_a_number_of_members_of_no_use_is_named(count: Any) -> None:
    with pytest.raises(WorldError, match=r"n_users is .*, and has to be a whole number from 3 to 100"):
        WORLD.members(count)
