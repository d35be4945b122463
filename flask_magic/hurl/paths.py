"""JSONPath, XPath and regular expressions; the libraries are imported when one is used."""

from __future__ import annotations

import json
import re
from importlib import import_module
from typing import Any

from ..errors import HurlRunError
from .values import NOTHING, EvaluationError, Nodes

__all__ = ["group_of", "jsonpath", "xpath"]


def _library(name: str, what: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise HurlRunError(f"{what} needs the package {name}.", todo="pip install 'flask-magic[hurl]'") from None


def group_of(found: re.Match[str] | None) -> Any:
    """The first group of a match, which is what Hurl takes."""
    if found is None:
        return NOTHING
    if not found.re.groups:
        raise EvaluationError("the regular expression has no group; put ( ) around what is wanted")
    group = found[1]
    return NOTHING if group is None else group


def jsonpath(path: str, value: Any) -> Any:
    """What a JSONPath finds in a JSON text or in data. As in Hurl a single result is itself, several are a list.

    >>> jsonpath("$.tools[0].id", '{"tools": [{"id": 7}]}'), jsonpath("$..id", [{"id": 7}, {"id": 8}])
    (7, [7, 8])

    Raises EvaluationError for a path or a text that cannot be read, HurlRunError without the library.
    """
    library = _library("jsonpath", "JSONPath")
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise EvaluationError("the text is not JSON") from None
    elif not isinstance(value, (dict, list)):
        raise EvaluationError("JSONPath looks into JSON text, objects and lists")
    try:
        found = library.findall(path, value)
    except (library.JSONPathError, RecursionError) as error:
        raise EvaluationError(f"JSONPath {path!r}: {str(error).partition(chr(10))[0]}") from None
    return found if len(found) > 1 else found[0] if found else NOTHING


def xpath(expression: str, text: Any, *, html: bool | None = None) -> Any:
    """What an XPath 1.0 expression finds: the texts of nodes, or a string, a number, a boolean.

    >>> xpath("string(//h1)", "<h1>Tools</h1>", html=True), xpath("//li", "<ul><li>a<li>b</ul>", html=True)
    ('Tools', ['a', 'b'])

    `html` None: XML if it can be read as such. Raises EvaluationError, HurlRunError without the libraries.
    """
    library = _library("elementpath", "XPath")
    if not isinstance(text, str):
        raise EvaluationError("XPath looks into text")
    root, namespaces = _document(text, html)
    try:
        selected = library.select(root, expression, namespaces=namespaces, parser=library.XPath1Parser)
    except (library.ElementPathError, RecursionError) as error:
        raise EvaluationError(f"XPath {expression!r}: {error}") from None
    if not isinstance(selected, list):
        whole = isinstance(selected, float) and selected.is_integer()
        return int(selected) if whole else selected
    return Nodes("".join(node.itertext()) if hasattr(node, "itertext") else str(node) for node in selected)


def _document(text: str, html: bool | None) -> tuple[Any, dict[str, str]]:
    from xml.etree import ElementTree

    if not html:
        try:
            root = ElementTree.ElementTree(ElementTree.fromstring(text.encode()))
            return root, _namespaces(text)
        except (ElementTree.ParseError, ValueError) as error:
            if html is False:
                raise EvaluationError(f"the body is not XML: {error}") from None
    library = _library("html5lib", "XPath in HTML")
    return ElementTree.ElementTree(library.parse(text, treebuilder="etree", namespaceHTMLElements=False)), {}


def _namespaces(text: str) -> dict[str, str]:
    """The document's namespaces; the one without a prefix is `_`, as in Hurl."""
    import io
    from xml.etree import ElementTree

    found: dict[str, str] = {}
    for _, (prefix, uri) in ElementTree.iterparse(io.BytesIO(text.encode()), ["start-ns"]):
        found.setdefault(prefix or "_", uri)
    return found
