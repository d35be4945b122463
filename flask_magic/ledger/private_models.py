"""The names of SQLAlchemy that withdrawing a model needs, some of them private, in one place.

SQLAlchemy is imported only when a notebook has imported it: nothing here is called before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = [
    "dispose",
    "hide",
    "is_model",
    "is_table",
    "metadata_of",
    "metadatas",
    "named_classes",
    "refers",
    "show",
    "table_of",
]


def is_model(value: Any) -> bool:
    """Is this a mapped class of the notebook?"""
    return isinstance(value, type) and "__mapper__" in vars(value) and value.__module__ == "__main__"


def is_table(value: Any) -> bool:
    """Is this a table object?"""
    from sqlalchemy import Table

    return isinstance(value, Table)


def table_of(made: Any) -> Any:
    """The table of a model or a table; None for a model that shares its parent's."""
    return vars(made).get("__table__") if isinstance(made, type) else made


def metadata_of(made: Any) -> Any:
    """The collection of tables that a model or a table belongs to."""
    return made.metadata


def metadatas(namespace: Mapping[str, Any]) -> list[Any]:
    """The collections of tables that the notebook's bases and databases hold."""
    from sqlalchemy import MetaData

    found: dict[int, Any] = {}
    for value in list(namespace.values()):
        if is_model(value) or is_table(value):
            continue  # they hold on to theirs also when the base has been made anew
        held = getattr(value, "metadatas", None) if type(value).__name__ == "SQLAlchemy" else None
        candidates = list(held.values()) if isinstance(held, dict) else [getattr(_base(value), "metadata", None)]
        found |= {id(one): one for one in candidates if isinstance(one, MetaData)}
    return list(found.values())


def _base(value: Any) -> Any:
    """A declarative base: the value itself, or the one of a Flask-SQLAlchemy database; None for anything else."""
    base = getattr(value, "Model", None) if type(value).__name__ == "SQLAlchemy" else value
    return base if isinstance(base, type) else None


def named_classes(namespace: Mapping[str, Any]) -> list[tuple[Any, set[type]]]:
    """Each registry of the notebook's bases, with the classes that relationships find in it by name."""
    from sqlalchemy.orm import registry

    found: dict[int, Any] = {}
    for value in list(namespace.values()):
        held = getattr(_base(value), "registry", None)
        if isinstance(held, registry):
            found[id(held)] = held
    return [(one, {cls for cls in one._class_registry.values() if isinstance(cls, type)}) for one in found.values()]


def refers(made: Any, classes: list[type], tables: set[int]) -> bool:
    """Does a model or table hold on to one of these: by foreign key, relationship, or as a subclass?"""
    table = table_of(made)
    if table is not None and any(_target(key) in tables for key in table.foreign_keys):
        return True
    if not isinstance(made, type):
        return _is_secondary(made, classes)
    if any(issubclass(made, cls) for cls in classes):
        return True
    return any(made in _related(cls) for cls in classes) or any(cls in _related(made) for cls in classes)


def _target(key: Any) -> int | None:
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return id(key.column.table)
    except SQLAlchemyError:  # what it refers to is not defined yet
        return None


def _is_secondary(table: Any, classes: list[type]) -> bool:
    return any(relationship.secondary is table for cls in classes for relationship in _relationships(cls))


def _relationships(cls: type) -> list[Any]:
    from sqlalchemy import inspect
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return list(inspect(cls).relationships)
    except SQLAlchemyError:  # a related class is not defined yet
        return []


def _related(cls: type) -> list[type]:
    relationships = _relationships(cls)
    if relationships:
        return [relationship.mapper.class_ for relationship in relationships]
    # Where no model of the notebook can be configured, one being wrong, relationships still have what was written.
    from sqlalchemy.orm import RelationshipProperty

    mapper: Any = cls.__mapper__  # type: ignore[attr-defined]
    written = [one.argument for one in mapper._props.values() if isinstance(one, RelationshipProperty)]
    known = mapper.registry._class_registry
    found = [known.get(one) if isinstance(one, str) else one for one in written]
    return [one for one in found if isinstance(one, type)]


def hide(made: Any) -> None:
    """Take a model's or a table's names away, so that they can be defined anew; `show` brings it back."""
    table = table_of(made)
    if table is not None:
        table.metadata.remove(table)
    if isinstance(made, type):
        from sqlalchemy.orm.instrumentation import manager_of_class

        made.registry._dispose_cls(made)  # type: ignore[attr-defined]
        made.registry._managers.pop(manager_of_class(made), None)  # type: ignore[attr-defined]
        mapper: Any = made.__mapper__  # type: ignore[attr-defined]
        if mapper.polymorphic_map.get(mapper.polymorphic_identity) is mapper:
            del mapper.polymorphic_map[mapper.polymorphic_identity]


def show(made: Any) -> None:
    """Give a hidden model or table its names back."""
    table = table_of(made)
    if table is not None:
        table.metadata._add_table(table.name, table.schema, table)
    if isinstance(made, type):
        from sqlalchemy.orm import clsregistry
        from sqlalchemy.orm.instrumentation import manager_of_class

        clsregistry._add_class(made.__name__, made, made.registry._class_registry)  # type: ignore[attr-defined]
        made.registry._managers[manager_of_class(made)] = True  # type: ignore[attr-defined]
        mapper: Any = made.__mapper__  # type: ignore[attr-defined]
        if mapper.polymorphic_identity is not None:
            mapper.polymorphic_map[mapper.polymorphic_identity] = mapper


def dispose(made: Any) -> None:
    """Be done with a hidden model: it can be neither used nor brought back."""
    if isinstance(made, type):
        made.__mapper__._set_dispose_flags()  # type: ignore[attr-defined]
