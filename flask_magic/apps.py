"""Which Flask app a magic means."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import flask

from .errors import AppError, UnknownName, did_you_mean
from .ledger import Ledger

__all__ = ["Apps"]


class Apps:
    """Finds the app in a notebook's variables: the one named, else the one chosen, else the only one, else a new one.

    >>> apps = Apps(namespace := {}, Ledger(namespace))
    >>> apps.find() is namespace["app"]
    True
    """

    def __init__(self, namespace: dict[str, Any], ledger: Ledger) -> None:
        self.namespace = namespace
        self.ledger = ledger
        self.chosen: str | None = None

    def named(self) -> dict[str, flask.Flask]:
        """The notebook's apps by variable name, in the order of the names; an app with two names comes twice."""
        apps = [(n, v) for n, v in self.namespace.items() if issubclass(type(v), flask.Flask) and not n.startswith("_")]
        return dict(sorted(apps, key=lambda pair: pair[0]))

    def name_of(self, app: flask.Flask) -> str:
        """The variable that holds `app`, or Flask's own name for it."""
        return next((name for name, value in self.named().items() if value is app), app.name)

    def find(self, name: str | None = None) -> flask.Flask:
        """The app that is meant; one is made, and put into the notebook as `app`, where there is none.

        Raises AppError where several are there and none is chosen, UnknownName for a name that holds none.
        """
        if name is not None:
            return self._adopted(self._by_name(name))
        apps = self.named()
        if self.chosen is not None and self.chosen in apps:
            return self._adopted(apps[self.chosen])
        different = {id(app): name for name, app in apps.items()}
        if not different:
            return self.create()
        if len(different) > 1:
            names = list(different.values())
            raise AppError(
                f"The notebook has {len(names)} Flask apps, and none is chosen: {', '.join(names)}.",
                todo=f"Choose one with `%flask_app {names[0]}`, or name one with --app.",
            )
        return self._adopted(next(iter(apps.values())))

    def create(self) -> flask.Flask:
        """A new app of this notebook, as `app`. It belongs to no cell, so that re-running the first one keeps it."""
        return self._new("app", self.namespace.get("__name__", "__main__"))

    def choose(self, target: str) -> flask.Flask:
        """Choose an app by its variable, or by `module:app`, `module:create_app` or `module:create_app()`.

        Raises UnknownName for a variable that is not there, AppError for what is no app.
        """
        if ":" in target:
            name, app = self._load(target)
            self.namespace[name] = app
        else:
            name, app = target, self._by_name(target)
        self.chosen = name
        return self._adopted(app)

    def reset(self, name: str | None = None) -> flask.Flask:
        """Put a new, empty app in the place of the one that is meant."""
        old = self.find(name)
        return self._new(self.name_of(old), old.import_name)

    def _new(self, variable: str, import_name: str) -> flask.Flask:
        running, self.ledger.cell = self.ledger.cell, None
        try:
            app = self.namespace[variable] = flask.Flask(import_name)
        finally:
            self.ledger.cell = running
        return self._adopted(app)

    def _adopted(self, app: flask.Flask) -> flask.Flask:
        self.ledger.adopt(app)
        return app

    def _by_name(self, name: str) -> flask.Flask:
        if name not in self.namespace:
            raise UnknownName(f"The notebook has no variable called {name!r}.", todo=did_you_mean(name, self.named()))
        value = self.namespace[name]
        if not issubclass(type(value), flask.Flask):
            raise AppError(
                f"{name!r} is a {type(value).__name__}, not a Flask app.",
                todo=did_you_mean(name, self.named()),
            )
        app: flask.Flask = value
        return app

    def _load(self, target: str) -> tuple[str, flask.Flask]:
        module_name, _, attribute = target.partition(":")
        factory_called = attribute.endswith("()")
        attribute = attribute.removesuffix("()") or "app"
        try:
            module = importlib.import_module(module_name)
        except ModuleNotFoundError as error:
            if error.name != module_name.split(".")[0] and error.name != module_name:
                raise  # the module is there, and its own import failed: that is the reader's error to see
            raise AppError(
                f"There is no module called {module_name!r} here.",
                why=f"Python looked in the notebook's folder and {len(sys.path)} other places.",
                todo="Modules are written as in `import`: shop, or shop.web.",
            ) from None
        if not hasattr(module, attribute):
            raise AppError(
                f"The module {module_name!r} has no {attribute!r}.",
                todo=did_you_mean(attribute, vars(module)),
            )
        value = getattr(module, attribute)
        if not issubclass(type(value), flask.Flask) and callable(value):
            value, factory_called = value(), True  # an application factory
        if not issubclass(type(value), flask.Flask):
            raise AppError(
                f"{target!r} gives a {type(value).__name__}, not a Flask app.",
                todo="Name an app of the module, or a function that returns one.",
            )
        app: flask.Flask = value
        return ("app" if factory_called else attribute), app
