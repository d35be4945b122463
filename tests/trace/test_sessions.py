"""The session: what is read and written, and that it is the same session all the while."""

import copy
import datetime
import pickle
from typing import Any

import flask
import pytest
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionInterface, SessionMixin
from trace_oracle import Calls, Run, same


def app_of(calls: Calls, **config: Any) -> flask.Flask:
    app = flask.Flask("app", static_folder=None)
    app.config.update({"SECRET_KEY": "key", **config})

    @app.get("/<what>")
    def view(what: str) -> str:
        calls("view", "view")
        return str(ACTIONS[what](flask.session))

    view.__qualname__ = "view"
    return app


def permanent(session: Any) -> Any:
    session.permanent = True
    session["tool"] = "drill"


def nested(session: Any, marked: bool = True) -> Any:
    session.setdefault("cart", []).append("drill")
    if marked:
        session.modified = True
    return session["cart"]


def changes(session: Any) -> Any:
    session["password"] = "hunter2"
    session.update([("a", 1)], b="two")
    session.update(iter([("c", [3])]))
    session.update()
    session |= {"d": None}
    del session["a"]
    session.pop("b")
    session.pop("none", None)
    session.setdefault("c", 4)
    session.setdefault("e", 5)
    return "c" in session


def copies(session: Any) -> Any:
    kinds = (type(copy.deepcopy(session)), type(copy.copy(session)))
    return [kind is SecureCookieSession for kind in kinds], dict(session), isinstance(session, SessionMixin)


ACTIONS: dict[str, Any] = {
    "nothing": lambda _: "untouched",
    "read": lambda session: session.get("tool"),
    "missing": lambda session: session["none"],
    "write": lambda session: session.__setitem__("tool", "drill"),
    "permanent": permanent,
    "nested": nested,
    "lost": lambda session: nested(session, False),
    "changes": changes,
    "clear": lambda session: session.clear(),
    "flash": lambda _: flask.flash("saved", "info"),
    "flashes": lambda _: flask.get_flashed_messages(with_categories=True),
    "copies": copies,
    "pickle": lambda session: pickle.dumps(dict(session)) and None,
    "all": lambda session: sorted(session.items()),
}


def told(run: Run) -> list[str]:
    return [f"{event.name} {event.says}".strip() for event in run.trace.find("session")]


def test_the_session_is_as_it_would_be() -> None:
    same(app_of, *(f"/{what}" for what in ACTIONS), *(f"/{what}" for what in reversed(ACTIONS)))


CONFIGS: tuple[dict[str, Any], ...] = (
    {"SESSION_REFRESH_EACH_REQUEST": False},
    {"PERMANENT_SESSION_LIFETIME": datetime.timedelta(seconds=60)},
)


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_the_session_is_as_it_would_be_when_configured(config: dict[str, Any]) -> None:
    same(lambda calls: app_of(calls, **config), *(f"/{what}" for what in ACTIONS))


def test_what_is_read_and_written_is_told_by_key() -> None:
    run = same(app_of, "/nothing", "/changes", "/read", "/clear", "/flash", "/flashes")
    assert told(run) == [
        "open empty",
        "save no change, no cookie",
        "open empty",
        "write password = •••",
        "write a = 1",
        "write b = 'two'",
        "write c",
        "write d = None",
        "remove a",
        "remove b",
        "read none",
        "read c",
        "write e = 5",
        "read c",
        "save Set-Cookie: session",
        "open holds c, d, e, password",
        "read tool",
        "save no change, no cookie",
        "open holds c, d, e, password",
        "clear",
        "save Set-Cookie: session",
        "open empty",
        "write _flashes",
        "save Set-Cookie: session",
        "open holds _flashes",
        "remove _flashes",
        "save Set-Cookie: session",
    ]
    assert run.kinds("flash") == ["info"]
    assert "hunter2" not in run.shown()


def test_a_change_within_a_value_is_told_as_the_reading_that_it_is() -> None:
    run = same(app_of, "/nested", "/lost", "/read")
    assert told(run) == [
        "open empty",
        "write cart",
        "read cart",
        "save Set-Cookie: session",
        "open holds cart",
        "read cart",
        "read cart",
        "save no change, no cookie",
        "open holds cart",
        "read tool",
        "save no change, no cookie",
    ]


def test_an_attribute_that_is_kept_under_a_key_is_told_where_the_app_sets_it() -> None:
    run = same(app_of, "/permanent", "/permanent")
    written = ["write _permanent = True", "write tool = 'drill'"]
    assert told(run) == [
        "open empty",
        *written,
        "save Set-Cookie: session",
        "open holds _permanent, tool",
        *written,
        "save Set-Cookie: session",
    ]


def test_without_a_secret_key() -> None:
    run = same(lambda calls: app_of(calls, SECRET_KEY=None), "/read", "/write")
    assert told(run) == ["open no SECRET_KEY: it stays empty and cannot be written"] * 2
    assert run.answers[1][0][0] == "500 INTERNAL SERVER ERROR"


class Kept(SessionMixin):
    """A session that is no dict."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.data[key] = value

    def __delitem__(self, key: str) -> None:
        del self.data[key]

    def __iter__(self) -> Any:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)


class Server(SessionInterface):
    """A session interface that keeps the session here."""

    def __init__(self) -> None:
        self.session: Any = Kept()

    def open_session(self, *_: Any) -> Any:
        return self.session

    def save_session(self, _app: flask.Flask, session: Any, response: flask.Response) -> None:
        self.session = session
        response.set_cookie("kept", ",".join(session))


class Slotted(SecureCookieSessionInterface):
    """An interface whose attributes cannot be replaced, and which looks at what it saves."""

    __slots__ = ()

    def save_session(self, app: flask.Flask, session: Any, response: flask.Response) -> None:
        response.headers["X-Session"] = f"{type(session) is SecureCookieSession} {session.get('tool')}"
        super().save_session(app, session, response)


class Bare(SessionInterface):
    __slots__ = ("calls",)

    def open_session(self, *_: Any) -> Any:
        return FinalSession()

    def save_session(self, _app: flask.Flask, session: Any, response: flask.Response) -> None:
        response.headers["X-Session"] = str(sorted(session))


class FinalSession(dict[str, Any], SessionMixin):  # type: ignore[misc]
    """A session whose class takes no subclass."""

    def __init_subclass__(cls) -> None:
        raise TypeError("final")


@pytest.mark.parametrize("interface", [Server, Slotted, Bare])
def test_interfaces_and_sessions_of_other_makes(interface: type[SessionInterface]) -> None:
    def build(calls: Calls) -> flask.Flask:
        app = app_of(calls)
        app.session_interface = interface()
        return app

    before = dict(vars(interface))
    run = same(build, "/write", "/read", "/clear", "/read")
    assert [line for line in told(run) if line.startswith(("open", "save"))]
    assert dict(vars(interface)) == before
    assert set(vars(run.app.session_interface) if interface is Server else ()) <= {"session"}
