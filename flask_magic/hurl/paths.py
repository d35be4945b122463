"""JSONPath, XPath and regular expressions; the libraries are imported when one is used."""

from __future__ import annotations

import json
import re
from importlib import import_module
from typing import Any

from ..errors import HurlRunError
from .values import NOTHING, EvaluationError, Matches, Nodes

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


def jsonpath(path: str, value: Any, *, coerce: bool = True) -> Any:
    """What a JSONPath finds in a JSON text or in data: a value or NOTHING; Matches where it could find several.

    Without `coerce` it is a list of what is found, whatever the path.

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
        read = _compiled(library, path)
        found = read.findall(value)
    except (library.JSONPathError, RecursionError) as error:
        raise EvaluationError(f"JSONPath {path!r}: {str(error).partition(chr(10))[0]}") from None
    if not coerce:
        return found
    single = getattr(read, "singular_query", lambda: False)()
    return Matches(found) if not single else found[0] if found else NOTHING


def _compiled(library: Any, path: str) -> Any:
    """A path that is read; `$.[0]` of older files is `$[0]`."""
    try:
        return library.compile(path)
    except library.JSONPathError:
        older = re.sub(r"(?<![.\"'])\.\[", "[", path)
        if older == path:
            raise
        return library.compile(older)


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
        read = library.XPath1Parser(namespaces=namespaces).parse(expression)
        # name() tells the prefixes of the document, where `_` is none.
        prefixes = {"" if prefix == "_" else prefix: uri for prefix, uri in namespaces.items()}
        selected = read.get_results(library.XPathContext(root, namespaces=prefixes))
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
    text = _BEHIND_BODY.sub(r"\1\2", text)
    return ElementTree.ElementTree(library.parse(text, treebuilder="etree", namespaceHTMLElements=False)), {}


# HTML 5 takes blanks behind the body for a part of it; the parser that Hurl uses does not.
_BEHIND_BODY = re.compile(r"(</body\s*>)\s*(</html\s*>)?\s*\Z", re.IGNORECASE)


def _namespaces(text: str) -> dict[str, str]:
    """The document's namespaces; the first without a prefix is `_`, as in Hurl."""
    import io
    from xml.etree import ElementTree

    found: dict[str, str] = {}
    for _, (prefix, uri) in ElementTree.iterparse(io.BytesIO(text.encode()), ["start-ns"]):
        if uri not in found.values():
            name = prefix or "_"
            found[name if name not in found else f"_{len(found)}"] = uri
    return found
