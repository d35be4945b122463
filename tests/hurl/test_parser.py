"""Hurl's text: what is read, how mistakes are told, and that what is printed reads the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_magic.errors import HurlSyntaxError
from flask_magic.hurl.expressions import FILTERS, PREDICATES, QUERIES
from flask_magic.hurl.functions import FUNCTIONS
from flask_magic.hurl.parser import parse
from flask_magic.hurl.printer import print_file
from flask_magic.hurl.tree import (
    BytesValue,
    Entry,
    FileField,
    FileValue,
    Filter,
    JsonBody,
    KeyValue,
    Literal,
    MultiLine,
    Placeholder,
    Position,
    Quoted,
    Regex,
    Template,
    XmlBody,
)

EVERYTHING = r"""# a comment
POST http://localhost:8000/tools/{{id}}?page=2   # behind the URL
Accept: text/html
X-Escaped: a \# b \u{e9}
[QueryStringParams]
q: claw hammer
[Cookies]
theme: dark
[BasicAuth]
ada: l ovelace
[Options]
location: true
retry: {{times}}
retry-interval: 300ms
variable: host=localhost
[MultipartFormData]
name: drill
photo: file,a b.png; image/png
text: file,a.txt;

HTTP/1.1 201 # made
Content-Type: application/json
[Captures]
id: jsonpath "$.id" toInt redact
csrf-token: xpath "string(//meta[@name='csrf']/@content)"
[Asserts]
jsonpath "$.tools[*]" nth 2 not == {{x}}
header "Location" matches /^\/tools\/\d+$/
body contains "a \"quoted\" \\ text"
bytes startsWith hex,ef bb bf;
sha256 == base64,AAEC;
jsonpath "$.price" >= 1.5e3
body == `one {{x}} line`
variable "x" == null
body == file,expected.txt;
{
  "id": {{id}}, "name": "a {{name}} b", "list": [1, {"a": true}]
}

GET /two
[Form]
a: b
HTTP *
<a xmlns="x"><b/> text</a>

GRAPH /three
```graphql
{ tools(first: $n) { name } }
variables { "n": {{n}} }
```
HTTP
```json,escape
{"a": "\u{41}"}
```

GET ?q=1
`body`
HTTP/2 204
base64,AAEC;
"""


def only(text: str) -> Entry:
    (entry,) = parse(text).entries
    return entry


def test_every_kind_of_line_is_read_and_prints_to_the_same() -> None:
    file = parse(EVERYTHING)
    assert [entry.request.method for entry in file.entries] == ["POST", "GET", "GRAPH", "GET"]
    first, second, third, fourth = file.entries
    assert first.request.url.parts == ("http://localhost:8000/tools/", Placeholder("id"), "?page=2")
    assert first.request.headers[1].value.parts == ("a # b é",)
    assert first.request.basic_auth is not None
    assert first.request.basic_auth.value.parts == ("l ovelace",)
    assert first.request.multipart[1] == FileField(
        Template(("photo",)), Template(("a b.png",)), Template(("image/png",))
    )
    assert first.response is not None
    assert (first.response.version, first.response.status) == ("1.1", 201)
    assert first.response.captures[0].redact
    asserts = first.response.asserts
    assert asserts[0].predicate.negated
    assert asserts[0].filters[0].arguments == (Literal(2),)
    assert asserts[1].predicate.argument == Regex(r"^/tools/\d+$")
    assert asserts[2].predicate.argument == Quoted(Template(('a "quoted" \\ text',)))
    assert asserts[3].predicate.argument == BytesValue(b"\xef\xbb\xbf", "hex")
    assert asserts[5].predicate.argument == Literal(1500.0)
    assert isinstance(first.response.body, JsonBody)
    assert first.response.body.text.parts[1] == Placeholder("id", quoted=False)
    assert first.response.body.text.parts[3] == Placeholder("name", quoted=True)
    assert second.response is not None
    assert second.response.body == XmlBody('<a xmlns="x"><b/> text</a>')
    assert second.response.status is None
    assert isinstance(third.request.body, MultiLine)
    assert third.request.body.variables is not None
    assert third.response is not None
    assert third.response.body == MultiLine(Template(('{"a": "A"}\n',)), "json", ("escape",))
    assert fourth.request.body == Quoted(Template(("body",)), "`")
    assert parse(print_file(file)) == file


def test_empty_sections_make_no_body() -> None:
    entry = only("GET /\n[Options]\n[Query]\n[FormParams]\n[MultipartFormData]\n[Cookies]\nHTTP 200\n`Hello`")
    assert entry.request == only("GET /").request


def test_lines_and_columns_are_kept() -> None:
    entry = only("\n\nGET /a\nHTTP 200\n[Asserts]\n  status == 200")
    assert entry.response is not None
    assert entry.response.asserts[0].at == Position(6, 3)
    assert entry.response.asserts[0].predicate.at == Position(6, 10)


def test_line_ends_and_a_byte_order_mark_are_no_matter() -> None:
    assert parse("\ufeffGET /a\r\nHTTP 200\r\n") == parse("GET /a\nHTTP 200\n")


@pytest.mark.parametrize("name", ["Query", "Form", "Cookies", "Multipart"])
def test_a_section_may_be_empty_and_stand_in_any_order(name: str) -> None:
    one = only(f"GET /\n[Options]\nretry: 1\n[{name}]\na: b")
    other = only(f"GET /\n[{name}]\na: b\n[Options]\nretry: 1")
    assert one == other
    assert only(f"GET /\n[{name}]\n").request.options == ()


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("get /x", (1, 1), "get is not a method of HTTP. Did you mean 'GET'?"),
        ("GTE /x", (1, 1), "Did you mean 'GET'?"),
        ("GET tools", (1, 5), "'tools' is not a URL"),
        ("GET ", (1, 1), "GET"),
        ("HTTP 200", (1, 1), "no request before"),
        ("GET /\nHTTPS 200", (2, 1), "HTTPS"),
        ("GET /\nHTTP/1.2 200", (2, 1), "The version is"),
        ("GET /\nHTTP 20", (2, 6), "three digits"),
        ("GET /\nHTTP 200 OK", (2, 10), "Leave the phrase out"),
        ("GET /\n[Assert]\n", (2, 1), "There is no section [Assert]"),
        ("GET /\nHTTP 200\n[Assert]\n", (3, 1), "Did you mean 'Asserts'?"),
        ("GET /\n[Asserts]\n", (2, 1), "[Asserts] does not belong to a request"),
        ("GET /\n[Form]\na: b\n[FormParams]\nc: d", (4, 1), "twice"),
        ("GET /\n[Form]\na: b\n`x`", (1, 1), "two: form and body"),
        ("GET /\n`x`\n[Query]\na: b", (3, 1), "A section comes before the body"),
        ("GET /\n`x", (2, 1), "backtick"),
        ("GET /\n```\nx", (2, 1), "closing ```"),
        ("GET /\n```jsn\nx\n```", (2, 4), "Did you mean 'json'?"),
        ('GET /\n{"a": }', (2, 7), "This is not JSON"),
        ('GET /\n{"a": [1}', (2, 1), "has no end"),
        ("GET /\n<a><b></a>", (2, 1), "This is not XML"),
        ("GET /\n<a>", (2, 1), "has no end"),
        ("GET /\nhex,0g;", (2, 1), "This is not hex"),
        ("GET /\nfile,a", (2, 1), "not closed by ;"),
        ("GET /{{", (1, 8), "A variable's name is missing"),
        ("GET /{{a", (1, 6), "not closed by }}"),
        ("GET /{{a toint}}", (1, 10), "Did you mean 'toInt'?"),
        ("GET /{{newUuidd}}{{getenv \"A\"}}", (1, 20), "Did you mean 'getEnv'?"),
        ("GET /{{randomInt 6 1}}", (1, 8), "second number"),
        ("GET /{{randomString x}}", (1, 21), "needs a whole number"),
        ("GET /{{getEnv}}", (1, 14), "getEnv needs"),
        ("GET /\nA: \\q", (2, 4), "This escape is not known"),
        ("GET /\nA: \\u{d800}", (2, 4), "hexadecimal"),
        ("GET /\n[Options]\nretyr: 1", (3, 1), "Did you mean 'retry'?"),
        ("GET /\n[Options]\ninsecure: true", (3, 1), "The option insecure is not implemented. The request"),
        ("GET /\n[BasicAuth]\n", (2, 1), "holds one line"),
        ("GET /\nHTTP 200\n[Captures]\na: stats", (4, 4), "Did you mean 'status'?"),
        ("GET /\nHTTP 200\n[Captures]\na: status toint", (4, 11), "Did you mean 'toInt'?"),
        ("GET /\nHTTP 200\n[Asserts]\nstatus", (4, 7), "A predicate is missing"),
        ("GET /\nHTTP 200\n[Asserts]\nstatus = 200", (4, 8), "neither a filter nor a predicate"),
        ("GET /\nHTTP 200\n[Asserts]\nstatus ==", (4, 10), "A value is missing"),
        ("GET /\nHTTP 200\n[Asserts]\nbody == drill", (4, 9), "Text needs quotes"),
        ("GET /\nHTTP 200\n[Asserts]\nbody matches /(/", (4, 14), "Python does not read"),
        ("GET /\nHTTP 200\n[Asserts]\nheader == 1", (4, 8), "needs a string in quotes"),
        ("GET /\nHTTP 200\n[Asserts]\nbody nth 1.5 exists", (4, 10), "whole number"),
        ("GET /\nHTTP 200\n[Asserts]\nip isIpv4", (4, 1), "not implemented: a test client has no address"),
        ("GET /\nHTTP 200\n[Asserts]\ncertificate \"Issuer\" exists", (4, 1), "not implemented"),
        ("GET /\nHTTP 200\n[Asserts]\nstatus == 200 300", (4, 15), "does not belong to the line"),
    ],
)  # fmt: skip
def test_a_mistake_is_pointed_at_and_named(text: str, place: tuple[int, int], said: str) -> None:
    with pytest.raises(HurlSyntaxError) as caught:
        parse(text)
    error = caught.value
    assert said in str(error)
    assert (error.line, error.column) == place
    source, caret = error.why.split("\n")
    assert source == text.split("\n")[error.line - 1]
    assert caret.index("^") == error.column - 1


# Pieces that a text is made of, so that much of what is drawn is nearly right.
PIECES = st.sampled_from([
    *QUERIES, *FILTERS, *PREDICATES, "\n", "\n", " ", "GET /", "HTTP 200\n", "HTTP", "[Asserts]\n", "[Captures]\n",
    "[Query]\n", "[Options]\n", "[Multipart]\n", "[Form]\n", "[BasicAuth]\n", "a: b\n", "a: file,b; c\n", '"', "`",
    "```", "json", "escape", "{{", "}}", "{{x}}", "{", "}", "[", "]", "<a>", "</a>", "<a/>", "/", "\\", "#", ";",
    "hex,", "base64,", "file,", "00", "1", "-1.5e3", "true", "null", "not ", '"a"', "/b/", "variables {", "redact",
    "retry: 1\n", "graphql", "randomInt 1 6", "header: a: b\n", "A;\n", "raw", "countEquals",
    "\t", "\r", "é", "\x00", ",", ":", 'getEnv "A"', "\\u{41}", "\\#", "\\n",
])  # fmt: skip


@given(
    st.text()
    | st.lists(PIECES, max_size=30).map("".join)
    | st.lists(PIECES, max_size=20).map(lambda p: "GET /\n" + "".join(p))
)
def test_any_text_is_read_and_printed_again_or_refused(text: str) -> None:
    try:
        file = parse(text)
    except HurlSyntaxError as error:
        placed = error.line >= 1 and error.column >= 1
        assert placed, error  # noqa: PT017
    else:
        assert parse(print_file(file)) == file


NAMES = st.from_regex(r"\A[A-Za-z_][\w-]{0,5}\Z").filter(lambda name: name not in FUNCTIONS)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)


WORDS = TEXTS.map(lambda text: Quoted(Template((text,))))
FILTERED = st.sampled_from(["toInt", "first", "urlEncode"]).map(Filter) | st.builds(
    lambda old, new: Filter("replace", (old, new)), WORDS, WORDS
)
PLACEHOLDERS = (
    NAMES.map(Placeholder)
    | st.builds(lambda name, filters: Placeholder(name, (), tuple(filters)), NAMES, st.lists(FILTERED, max_size=3))
    | st.builds(lambda low, more: Placeholder("randomInt", (low, low + more)), st.integers(-9, 9), st.integers(0, 9))
    | TEXTS.map(lambda text: Placeholder("getEnv", (text,)))
)


@st.composite
def templates(draw: st.DrawFn) -> Template:
    parts: list[str | Placeholder] = []
    for part in draw(st.lists(TEXTS | PLACEHOLDERS, min_size=1, max_size=4)):
        if not (parts and isinstance(part, str) and isinstance(parts[-1], str)):
            parts.append(part)
    return Template(tuple(parts))


@given(templates(), templates(), templates())
def test_any_tree_of_texts_prints_to_what_reads_the_same(key: Template, value: Template, quoted: Template) -> None:
    from flask_magic.hurl.tree import Assert, File, Predicate, Query, Request, Response

    request = Request("POST", Template(("/",)), form=(KeyValue(key, value),), multipart=())
    asked = Assert(Query("body"), (), Predicate("==", Quoted(quoted)))
    file = File((Entry(request, Response(asserts=(asked,), body=Quoted(value, "`"))),))
    assert parse(print_file(file)) == file


@given(st.binary(max_size=20), st.sampled_from(["hex", "base64"]), TEXTS)
def test_bytes_and_files_print_to_what_reads_the_same(content: bytes, kind: str, name: str) -> None:
    from flask_magic.hurl.tree import File, Request

    url = Template(("/",))
    entries = (
        Entry(Request("GET", url, body=BytesValue(content, kind))),
        Entry(Request("GET", url, body=FileValue(Template((name,))))),
    )
    assert parse(print_file(File(entries))) == File(entries)
