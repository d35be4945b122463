"""A notebook of everything that has spoilt a page before: the site's tests add it to the real ones."""

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

# Where the page stands in the site.
PAGE = "notebooks/99-tests/01-traps"

PROSE = """\
# Traps
*A page that no reader sees.*

In `app.py` stands a rule, `/tools/<int:tool_id>`; a template says `{{ tool.name }}` and `{% if tool %}`.
A file named app.py is not a link, nor is jwt.io. From $5 to $50 in $HOME is no formula.
An address may be long:
`/members/annabel-montgomery-featherstonehaugh/loans/2026/0042/tools/angle-grinder/reviews`.

| converter | takes | refuses | an example that is somewhat longer than the others |
|---|---|---|---|
| `int` | digits | a sign, letters, a point | `/stock/<int(signed=True):change>` |
| `path` | everything, slashes too | nothing at all | `/manuals/<path:page>` |

- [x] a task that is done

```mermaid
sequenceDiagram
    participant B as Browser
    participant F as Flask
    participant V as View
    B->>F: GET /tools/7
    F->>V: tool(tool_id=7)
    V-->>F: {"tool_id": 7}
    F-->>B: 200 OK
```

```mermaid
flowchart LR
    A[/tools/7/] --> M{URL map} -- int: 7 --> V[tool]
    M -- no rule --> N[404 NOT FOUND]
```
"""

SOLUTION = """\
<details><summary>Solution</summary>

```python
%%flask_route /loans/<int(fixed_digits=4):year>
def loan(year):
    return {"year": year}
```

The length belongs to the **rule**.

</details>
"""

TABLE = """\
<table><thead><tr><th>Methods</th><th>Rule</th><th>Endpoint</th></tr></thead>
<tbody>
<tr><td>GET, HEAD, OPTIONS</td><td>/tools/&lt;int:tool_id&gt;/reviews/&lt;int:review_id&gt;</td>
<td>review</td></tr>
<tr><td>GET, HEAD, OPTIONS, POST, PUT, PATCH, DELETE</td><td>/members/&lt;path:page&gt;</td>
<td>members.profile</td></tr>
</tbody></table>"""

DRAWING = """\
<svg viewBox="0 0 900 120" width="900" height="120" role="img" aria-label="a request's way">
<rect x="5" y="30" width="180" height="60" fill="none" stroke="currentColor"/>
<text x="30" y="65" fill="currentColor">request in, response out</text></svg>"""

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

# Every colour that a terminal has, plain and bold: all must be readable on both themes.
COLOURS = "".join(f"\x1b[{code}mcolour {code} \x1b[1;{code}mbold\x1b[0m\n" for code in range(30, 38))


def _code(source: str, *outputs: NotebookNode, tags: tuple[str, ...] = ()) -> NotebookNode:
    return new_code_cell(source, execution_count=1, outputs=list(outputs), metadata={"tags": list(tags)})


def _display(**forms: str) -> NotebookNode:
    return new_output("display_data", {kind.replace("_", "/"): text for kind, text in forms.items()})


def traps() -> NotebookNode:
    """Return the notebook, outputs stored."""
    frames = ["\x1b[31mTypeError\x1b[39m", "Cell \x1b[32mIn[4]\x1b[39m", "member() got \x1b[1;31m'id'\x1b[0m"]
    error = new_output("error", ename="TypeError", evalue="member() got 'id'", traceback=frames)
    two = new_output("execute_result", {"text/plain": "2"}, execution_count=1)
    style = _display(text_plain="", text_html="<style>.nothing { color: red }</style>")
    check = _display(text_plain="☐ loan", text_html="<p>☐ <b>loan</b></p>")
    check.data["application/vnd.flask-magic.check+json"] = {"name": "loan", "state": "open"}
    printed = new_output("stream", name="stdout", text="plain words " + "and a very long line " * 12)
    cells = [
        new_markdown_cell(PROSE),
        _code("%load_ext flask_magic", style),
        _code('print("plain words")  # ' + "a comment that goes on and on " * 6, printed),
        _code("%flask_routes", _display(text_plain="Methods Rule Endpoint", text_html=TABLE)),
        _code("%http /members/1", error, tags=("raises-exception",)),
        _code("%flask_trace", _display(text_plain="a request's way", text_html=DRAWING)),
        _code("%http /pixel.png", _display(text_plain="an image", image_png=PIXEL)),
        _code("r = %http /tools?q=5$ 'drill\nr.status_code"),
        _code('%%http\nGET /tools?q={{tool}}\nHTTP 200\n[Asserts]\njsonpath "$.id" == 7'),
        _code("log", new_output("stream", name="stderr", text="WARNING: a word on stderr\n")),
        _code("terminal", new_output("stream", name="stdout", text=COLOURS)),
        new_markdown_cell("## Predict\nWhat will it be?"),
        _code("1 + 1", two, tags=("hide-output",)),
        _code("%%flask_check loan\nassert True", check, tags=("hide-input",)),
        new_markdown_cell(SOLUTION),
    ]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = new_notebook(cells=cells, metadata=kernel)
    nbformat.validate(notebook)
    return notebook
