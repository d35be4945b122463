"""Cells in any order, run again and edited: the exported app answers as the live one."""

from __future__ import annotations

import re

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from notebook_shell import Notebook

from .cells import code_of, made_by

NUMBERS = st.integers(0, 9)
NAMES = st.sampled_from("abc")

CELLS = st.one_of(
    st.builds("def help_{}():\n    return {}".format, NAMES, NUMBERS),
    st.builds("def help_{}():\n    return help_{}_{} + {}".format, NAMES, st.just("data"), NAMES, NUMBERS),
    st.builds("help_data_{} = {}".format, NAMES, NUMBERS),
    st.builds("help_data_{0} = {1}\nhelp_data_{0} += 1".format, NAMES, NUMBERS),
    st.builds("@app.get('/late/{0}')\ndef late_{0}():\n    return str(help_{1}())".format, NAMES, NAMES),
    st.builds("%%flask_route /now/{0}\ndef now_{0}(x=help_{1}()):\n    return str(x)".format, NAMES, NAMES),
    st.builds("def around_{}(view):\n    return lambda: '{}:' + view()".format, NAMES, NUMBERS),
    st.builds(
        "@app.get('/around/{0}', endpoint='around{0}')\n@around_{1}\ndef view_{0}():\n    return '{2}'".format,
        NAMES, NAMES, NUMBERS,
    ),
    st.builds("app.config['{}'] = {}".format, st.sampled_from("XY"), NUMBERS),
    st.builds("@app.after_request\ndef hook_{0}(response):\n    response.data += b'{1}'\n    return response".format,
              NAMES, NUMBERS),
    st.just("@app.get('/config')\ndef config():\n    return [app.config.get('X'), app.config.get('Y')]"),
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("12"), CELLS), min_size=3, max_size=12))
def test_the_exported_app_answers_as_the_live_one(runs: list[tuple[str, str]]) -> None:
    notebook = Notebook()
    try:
        notebook.run("from flask import Flask\napp = Flask(__name__)", "app")
        notebook.run("@app.get('/')\ndef home():\n    return 'home'", "home")
        latest: dict[str, str] = {}
        for copy, source in runs:
            match = re.search(r"def (\w+)|^([\w.\[\]']+) =", source)  # an edit of a cell keeps the name that it defines
            assert match is not None
            cell = copy + match[0]
            if notebook.attempt(source, cell)[1] is None:
                latest[cell] = source
        # What a cell that was edited since had given to others is in no cell any more, so all run once more.
        for cell, source in latest.items():
            assume(notebook.attempt(source, cell)[1] is None)
        live = notebook.ns["app"]
        exported = made_by(code_of(notebook))["app"]
        rules = sorted(rule.rule for rule in live.url_map.iter_rules())
        assert sorted(rule.rule for rule in exported.url_map.iter_rules()) == rules
        for rule in rules:
            if "<" not in rule:
                here, there = live.test_client().get(rule), exported.test_client().get(rule)
                assert (there.status_code, there.text) == (here.status_code, here.text), rule
    finally:
        notebook.close()
