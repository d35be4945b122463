"""Tables that are not there, and objects whose session is gone."""

from __future__ import annotations

import re

import flask

from .reading import is_a

__all__ = ["advise"]

_NO_TABLE = re.compile(r"no such table: (?P<name>\S+)")
_NO_COLUMN = re.compile(r"(?:no such column: |table \S+ has no column named )(?P<name>\S+)")


def advise(error: BaseException, _app: flask.Flask | None) -> list[str]:
    """Advice on an exception of SQLAlchemy's, or of sqlite3's."""
    if is_a(error, "sqlalchemy.orm.exc.DetachedInstanceError"):
        return [
            "The object outlived its session. Read it within the same `with app.app_context():` or request, "
            "or load what is needed first, such as by `selectinload`."
        ]
    through_sqlalchemy = is_a(error, "sqlalchemy.exc.OperationalError")
    if not through_sqlalchemy and not is_a(error, "sqlite3.OperationalError"):
        return []
    message = str(getattr(error, "orig", error))
    if found := _NO_TABLE.fullmatch(message):
        if through_sqlalchemy:
            return [
                f"The database has no table {found['name']} yet: `with app.app_context(): db.create_all()`, "
                "after the models. With migrations: `flask db upgrade`."
            ]
        return [f"This database has no table {found['name']}: run its CREATE TABLE first, on the same file."]
    if through_sqlalchemy and (found := _NO_COLUMN.fullmatch(message)):
        return [
            f"The table is older than the model and has no {found['name']}. `create_all` alters no table: migrate it, "
            "or, where the data may go, `db.drop_all()` and `db.create_all()`."
        ]
    return []
