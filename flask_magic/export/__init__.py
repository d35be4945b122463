"""A notebook as a project: what its app needs of the cells, laid out as Flask's documentation recommends, with tests.

The way of an export, one module a step: `subject` (which app), `sources` and `statements` (the cells, taken apart),
`registrations` with `keys`, `dependencies` and `ordering` (what is kept), `single` or `package` with `rendering` (the
modules), `files`, `configuration` (no secrets), `requests` and `exercises` (what may be a test), `trying` with `trial`
(what holds), `suite` and `documents` (tests, README.md, pyproject.toml), `formatting`, `writing`. `exporting` calls
them in order.
"""

from .exporting import Exported, export

__all__ = ["Exported", "export"]
