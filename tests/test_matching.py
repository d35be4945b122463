"""Why a URL matched, or did not; and that it is what Flask does."""

import random

import flask
import pytest

from flask_magic.ledger import Ledger
from flask_magic.matching import explain, rules_of, shown_methods, status_line

RULES = (
    "/", "/a", "/a/", "/a/b", "/a/b/", "/<x>", "/<x>/", "/a/<x>", "/a/<int:x>", "/a/<int:x>/", "/a/<float:x>",
    "/<path:x>", "/a/<path:x>/", "/<any(a, b):x>/<y>", "/<x>-<int:y>", "/a/<int(signed=True):x>",
    "/<string(length=1):x>", "/a/<uuid:x>", "/<int(max=5):x>",
)  # fmt: skip
URLS = (
    "/", "/a", "/a/", "/a/b", "/a/b/", "/b", "/b/", "/a/7", "/a/7/", "/a/-7", "/a/1.5", "/a/x/y", "/b/c", "/b-7",
    "/b-x", "/3", "/9", "/a/00000000-0000-0000-0000-000000000000", "/a//b", "/%61", "/a%2Fb", "/ä", "/a b", "/a/b//",
)  # fmt: skip
METHODS = ("GET", "POST", "HEAD", "OPTIONS", "DELETE")


def random_app(pick: random.Random) -> flask.Flask:
    """Up to five random rules, each with a view that says its endpoint."""
    app = flask.Flask("demo", static_folder=None)
    app.url_map.strict_slashes = pick.random() < 0.8
    app.url_map.merge_slashes = pick.random() < 0.8
    for number in range(pick.randint(0, 5)):
        methods = pick.choice((["GET"], ["POST"], ["GET", "POST"], ["DELETE"]))
        options = pick.choice(({}, {}, {"strict_slashes": False}, {"strict_slashes": True}))
        app.add_url_rule(
            pick.choice(RULES), f"e{number}", lambda number=number, **_: f"e{number}", methods=methods, **options
        )
    return app


@pytest.mark.parametrize("block", range(5))
def test_the_verdict_is_flasks_own(block: int) -> None:
    for seed in range(block * 20, block * 20 + 20):
        pick = random.Random(seed)
        app = random_app(pick)
        client = app.test_client()
        for url in URLS:
            method = pick.choice(METHODS)
            match = explain(app, url, method)
            response = client.open(url, method=method)
            told = f"seed {seed}: {method} {url} in {[r.rule for r in app.url_map.iter_rules()]}"
            assert match.status == response.status_code, told
            chosen = [trial.rule for trial in match.trials if trial.chosen]
            assert len(match.trials) == len(list(app.url_map.iter_rules()))
            if match.status == 200:
                assert [rule.endpoint for rule in chosen] == [match.endpoint], told
                if method in ("GET", "POST", "DELETE"):
                    assert response.text == match.endpoint, told
                with app.test_request_context(url, method=method):
                    assert flask.request.url_rule is chosen[0], told
                    assert flask.request.view_args == match.values
                assert not [trial for trial in match.trials if trial.chosen and trial.missed]
            else:
                assert chosen == [], told
            if match.status == 308:
                assert response.headers["Location"] == match.location, told
            if match.status == 405:
                assert sorted(response.headers["Allow"].split(", ")) == match.allowed, told
            for trial in match.trials:
                assert trial.why, told


def demo(*rules: str, **options: object) -> flask.Flask:
    """An app with these rules, endpoints `e0`, `e1` …"""
    app = flask.Flask("demo", static_folder=None)
    for number, rule in enumerate(rules):
        app.add_url_rule(rule, f"e{number}", lambda **_: "", **options)
    return app


@pytest.mark.parametrize(
    ("rule", "url", "method", "missed", "why"),
    [
        ("/tools/<int:n>", "/tools/7", "GET", (), "answers"),
        ("/tools/<int:n>", "/tools/drill", "GET", ("value",), "int does not take 'drill'"),
        ("/tools/<int(max=5):n>", "/tools/7", "GET", ("value",), "int(max=5) does not take '7'"),
        ("/<any(a, b):n>", "/c", "GET", ("value",), "any(a, b) does not take 'c'"),
        ("/tools", "/tools", "POST", ("method",), "takes GET, not POST"),
        ("/tools", "/tools/", "GET", ("slash",), "the rule has no slash at its end"),
        ("/tools/", "/tools", "GET", ("slash",), "the rule ends with a slash: the client is sent there"),
        ("/tools", "/saws", "GET", ("path",), "another path"),
        ("/<int:n>", "/x", "POST", ("method", "value"), "int does not take 'x'; takes GET, not POST"),
        ("/<int:n>/", "/x", "GET", ("slash", "value"), "int does not take 'x'; the rule ends with a slash"),
        (
            "/<int:a>/<float:b>", "/x/y", "GET", ("value",), "int does not take 'x' and float does not take 'y'",
        ),
    ],
)  # fmt: skip
def test_a_rule_says_what_kept_it(rule: str, url: str, method: str, missed: tuple[str, ...], why: str) -> None:
    (trial,) = explain(demo(rule), url, method).trials
    assert (trial.missed, trial.why) == (missed, why)


def test_a_rule_that_fits_too_says_so() -> None:
    answering, other = explain(demo("/<int:n>", "/<n>"), "/7").trials
    assert (answering.chosen, other.chosen) == (True, False)
    assert other.why == "fits too, and another is asked first"


def test_a_rule_whose_converter_refuses_ends_the_search() -> None:
    match = explain(demo("/<int(max=5):n>", "/<n>"), "/7")
    assert match.status == 404
    assert [trial.why for trial in match.trials] == [
        "int(max=5) does not take '7'",
        "fits, and is not asked: a rule before it ended the search",
    ]


def test_a_rule_that_only_builds_says_so() -> None:
    (trial,) = explain(demo("/x", build_only=True), "/x").trials
    assert trial.missed == ("build-only",)


def test_a_whole_url_asks_for_its_host() -> None:
    app = flask.Flask("demo", static_folder=None, host_matching=True)
    app.add_url_rule("/", "shop", lambda: "", host="shop.test")
    assert explain(app, "http://shop.test/").status == 200
    refused = explain(app, "http://other.test/")
    assert (refused.status, refused.trials[0].why) == (404, "answers under the host shop.test only")
    app.config["SERVER_NAME"] = "other.test"  # which Flask does not heed in matching
    assert explain(app, "http://shop.test/").status == 200


def test_a_subdomain_is_asked_for() -> None:
    app = flask.Flask("demo", static_folder=None, subdomain_matching=True)
    app.config["SERVER_NAME"] = "tools.test"
    app.add_url_rule("/", "shop", lambda: "", subdomain="shop")
    assert explain(app, "http://shop.tools.test/").endpoint == "shop"
    refused = explain(app, "http://tools.test/")
    assert (refused.status, refused.trials[0].why) == (404, "answers under the subdomain shop only")
    app.add_url_rule("/all", "all", lambda: "")
    assert explain(app, "http://shop.tools.test/all").trials[1].why == "answers under no subdomain"


@pytest.mark.parametrize(("default", "status"), [(None, 404), ("shop", 200)])
def test_an_app_that_does_not_match_subdomains_has_its_default_one(default: str | None, status: int) -> None:
    app = demo("/", subdomain="shop")
    app.url_map.default_subdomain = default or ""
    assert explain(app, "/").status == app.test_client().get("/").status_code == status


def test_asking_leaves_no_context_behind() -> None:
    explain(demo("/"), "/")
    assert not flask.has_app_context()


def test_rules_come_as_they_were_defined() -> None:
    app = demo("/b", "/a")
    assert [rule.rule for rule in rules_of(app)] == ["/b", "/a"]
    book = Ledger({}).adopt(app)
    assert book is not None
    assert [rule.rule for rule in rules_of(app)] == ["/b", "/a"]


def test_methods_that_flask_adds_are_not_shown() -> None:
    (rule,) = demo("/", methods=["POST", "GET"]).url_map.iter_rules()
    assert shown_methods(rule) == ["GET", "POST"]
    (rule,) = demo("/", methods=["OPTIONS", "HEAD"]).url_map.iter_rules()
    assert shown_methods(rule) == ["HEAD", "OPTIONS"]


def test_a_status_has_its_phrase() -> None:
    assert (status_line(404), status_line(299)) == ("404 NOT FOUND", "299 UNKNOWN")
