"""Replacing an attribute for a while."""

import functools
from typing import Any

import pytest

from flask_magic.trace.patches import Patch, Patches


class Door:
    """Something with a method."""

    def colour(self) -> str:
        return "red"


def dark(plain: Any) -> Any:
    return lambda *args: f"dark {plain(*args)}"


def passing(inner: Any) -> Any:
    @functools.wraps(inner)  # which copies the attributes of what it wraps, too
    def outer() -> str:
        return f"({inner()})"

    return outer


def test_an_instances_method_a_class_method_and_a_value() -> None:
    door = Door()
    registry: dict[str, int] = {}
    vars(door)["registry"] = registry

    class View(dict[str, int]):
        pass

    patches = [
        Patch(door, "colour", dark),
        Patch(Door, "colour", dark),
        Patch(door, "registry", lambda plain: View(plain)),
    ]
    for patch in patches:
        patch.install()
    assert door.colour() == "dark red"
    assert Door().colour() == "dark red"
    assert type(door.registry) is View  # type: ignore[attr-defined]
    for patch in patches:
        patch.uninstall()
    assert vars(door) == {"registry": registry}
    assert Door().colour() == "red"


def test_another_wrapper_on_top_stays_and_ours_no_longer_tells() -> None:
    door = Door()
    first, second = Patch(door, "colour", dark), Patch(door, "colour", dark)
    first.install()
    found = door.colour
    vars(door)["colour"] = top = passing(found)
    first.uninstall()
    assert door.colour is top
    assert door.colour() == "(red)"
    second.install()
    assert door.colour() == "dark (red)"
    second.uninstall()
    assert door.colour is top
    # The other one puts back what it found; the next to come or to go takes it away.
    vars(door)["colour"] = found
    second.install()
    assert door.colour() == "dark red"
    second.uninstall()
    assert vars(door) == {}


def test_two_that_go_in_the_order_in_which_they_came() -> None:
    door = Door()
    first, second = Patch(door, "colour", dark), Patch(door, "colour", dark)
    first.install()
    second.install()
    first.uninstall()
    assert door.colour() == "dark red"
    second.uninstall()
    assert vars(door) == {}


def test_an_attribute_that_is_needed_twice_is_replaced_once() -> None:
    door, patches = Door(), Patches()
    with patches.installed([Patch(door, "colour", dark)]):
        with patches.installed([Patch(door, "colour", dark)]):
            assert door.colour() == "dark red"
        assert door.colour() == "dark red"
    assert vars(door) == {}


def test_what_cannot_be_replaced_takes_back_the_others() -> None:
    door, patches = Door(), Patches()
    with pytest.raises(AttributeError), patches.installed([Patch(door, "colour", dark), Patch(door, "none", dark)]):
        pass
    assert vars(door) == {}
