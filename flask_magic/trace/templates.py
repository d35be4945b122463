"""Templates as they are rendered: who extends, includes and imports whom, and the blocks.

A traced template is a copy of the compiled one, whose functions tell when they run.
"""

from __future__ import annotations

import posixpath
import sys
from collections.abc import Callable, Iterator
from types import MethodType
from typing import Any

import jinja2

from .events import Event, now
from .functions import caller
from .patches import Patch
from .recorder import At, Phase, enter, here, note, raised, span

__all__ = ["PATCHES", "template_patches"]

PATCHES = ("get_template", "select_template", "get_or_select_template", "from_string")


def template_patches() -> list[Patch]:
    """What is replaced while requests are traced. It is the class's, for an environment may be copied with all it has
    (`overlay`), and an app's may be made only now.
    """
    return [Patch(jinja2.Environment, name, _giving) for name in PATCHES]


def _giving(plain: Callable[..., Any]) -> Callable[..., Any]:
    def watched(*args: Any, **kwargs: Any) -> Any:
        template = plain(*args, **kwargs)
        if here() is None or isinstance(template.root_render_func, _Telling):
            return template
        return _traced(template, _asking())

    return watched


def _asking() -> str | None:
    """The name of the template whose code asks for another one right now, if one does."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_globals.get("__name__") in _PASSED:
        frame = frame.f_back
    template = frame.f_globals.get("__jinja_template__")
    return None if template is None else template.name or "the template string"


_PASSED = frozenset({"jinja2.environment", Patch.__module__})


def _traced(template: Any, asking: str | None) -> Any:
    name = template.name or "template string"
    root = _Telling(template.root_render_func, "template", name, _how(asking, "extends"), _scope(template))
    shadow = object.__new__(type(template))
    vars(shadow).update(vars(template))

    # How the asking template uses it says what it is to it; a parent is used by its root function alone.
    def new_context(*args: Any, **kwargs: Any) -> Any:
        root.says = _how(asking, "includes")
        return MethodType(type(template).new_context, shadow)(*args, **kwargs)

    def make_module(*args: Any, **kwargs: Any) -> Any:
        return _as_module(template, _how(asking, "imports"), lambda: template.make_module(*args, **kwargs))

    def default_module(context: Any = None) -> Any:
        relation = "includes" if context is None else "imports"  # included without context
        return _as_module(template, _how(asking, relation), lambda: template._get_default_module(context))

    vars(shadow).update(
        root_render_func=root,
        blocks={block: _Telling(render, "block", block, f"of {name}") for block, render in template.blocks.items()},
        new_context=new_context,
        make_module=make_module,
        _get_default_module=default_module,
    )
    return shadow


def _how(asking: str | None, relation: str) -> str:
    return "" if asking is None else f"which {asking} {relation}"


def _scope(template: Any) -> str:
    """The blueprint whose folder the template came from; empty: the app's, or no folder.

    Flask asks the app's folder first, then those of the blueprints in the order of their registrations.
    """
    app = getattr(template.environment, "app", None)
    if app is None or template.name is None:
        return ""
    for scope, owner in (("", app), *app.blueprints.items()):
        folders = getattr(owner.jinja_loader, "searchpath", ())
        if any(template.filename == posixpath.join(folder, template.name) for folder in folders):
            return str(scope)
    return ""


def _as_module(template: Any, how: str, make: Callable[[], Any]) -> Any:
    """The plain template's module, which it keeps: told each time, made once."""
    at = here()
    if at is None:
        return make()
    name, scope = template.name or "template string", _scope(template)
    with span(at, "template", name, scope=scope, place="" if how else caller()) as event:
        event.says = how
        return make()


class _Telling:
    """A template's render function, or a block's, that tells when it runs. It equals the function that it stands for,
    because `super()` looks that one up among the blocks.
    """

    def __init__(self, render: Callable[..., Any], kind: str, name: str, says: str, scope: str = "") -> None:
        self.render = render
        self.kind = kind
        self.name = name
        self.says = says
        self.scope = scope

    def __eq__(self, other: object) -> bool:
        return other is self or other is self.render or (isinstance(other, _Telling) and other.render is self.render)

    def __hash__(self) -> int:
        return hash(self.render)

    def __call__(self, context: Any, *args: Any, **kwargs: Any) -> Any:
        at = here()
        pieces = self.render(context, *args, **kwargs)
        if at is None or not isinstance(pieces, Iterator):
            return pieces
        return self._telling(at, pieces)

    def _telling(self, at: At, pieces: Iterator[str]) -> Iterator[str]:
        place = caller() if not self.says else ""
        event = note(at, self.kind, self.name, says=self.says, scope=self.scope, place=place, seconds=0.0)
        try:
            while True:
                started = now()
                try:
                    piece = _next_within(at, event, pieces)
                except BaseException as error:
                    raised(event, error)
                    raise
                finally:
                    event.seconds = (event.seconds or 0.0) + now() - started
                if piece is _END:
                    return
                yield piece
        finally:
            pieces.close()  # type: ignore[attr-defined]


_END: Any = object()


def _next_within(at: At, event: Event, pieces: Iterator[str]) -> str:
    """The next piece. Between two pieces of a streamed template other things happen, which are not the template's."""
    place = here()
    if place is None or place.parent is not at.parent:
        return next(pieces, _END)
    with enter(place, parent=event, phase=Phase("function")):
        return next(pieces, _END)
