"""The service of the workshop on security, as it was found: each flaw can be in it or not, and each can be attacked.

Do not serve it to anybody.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterable
from random import Random
from urllib.parse import urlsplit

from flask import Flask, abort, redirect, request, session
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from flask_magic.workshop.page import elements
from flask_magic.workshop.world import World, WorldError

__all__ = ["FLAWS", "attack", "leads_away", "open_shop", "pick", "service"]

#: What can be wrong, by the view that it is wrong in.
FLAWS = ("search", "hello", "leave", "cards", "renew")

Shop = sqlite3.Connection


def open_shop(world: World, n_users: int) -> Shop:
    """A database in memory with the world's items, and a card for each of so many members.

    Tables: `item(number, name)`, `card(number, member, pin, renewals)`. The pins are nobody's business.
    """
    random = Random(f"cards/{world.seed}")
    shop = sqlite3.connect(":memory:", check_same_thread=False)
    shop.execute("CREATE TABLE item (number INTEGER PRIMARY KEY, name TEXT)")
    shop.executemany("INSERT INTO item VALUES (?, ?)", [(item.number, item.name) for item in world.items])
    shop.execute("CREATE TABLE card (number INTEGER PRIMARY KEY, member TEXT, pin TEXT, renewals INTEGER)")
    names = world.members(n_users)
    numbers = random.sample(range(1000, 10_000), len(names))
    pins = [f"pin-{random.randrange(10**6):06}" for _ in names]
    shop.executemany("INSERT INTO card VALUES (?, ?, ?, 0)", zip(numbers, names, pins, strict=True))
    return shop


def pick(world: World, count: int) -> frozenset[str]:
    """So many of the flaws, which the seed decides. Raises WorldError for a count that leaves nothing to find."""
    if type(count) is not int or not 1 <= count < len(FLAWS):
        raise WorldError(f"flaws is {count!r}, and has to be a whole number from 1 to {len(FLAWS) - 1}.")
    return frozenset(Random(f"flaws/{world.seed}").sample(FLAWS, count))


def service(shop: Shop, flaws: Iterable[str] = FLAWS) -> Flask:
    """The service on this database, with these flaws in it.

    >>> world = World("tools", seed=7, n_items=16, now="2026-03-02")
    >>> shop = open_shop(world, 3)
    >>> [attack(name, service(shop, ["hello"]), shop) for name in FLAWS]
    [False, True, False, False, False]
    """
    flawed = frozenset(flaws)
    app = Flask("shop")
    app.secret_key = "only for this notebook"

    @app.post("/login")
    def login() -> ResponseReturnValue:
        # The door has read the badge: who it is needs no proof here.
        session["card"] = request.form.get("card", 0, int)
        return "", 204

    @app.get("/token")
    def token() -> ResponseReturnValue:
        session.setdefault("token", secrets.token_hex(16))
        return {"token": session["token"]}

    @app.get("/search")
    def search() -> ResponseReturnValue:
        q = request.args.get("q", "")
        if "search" in flawed:
            found = shop.execute(f"SELECT name FROM item WHERE name LIKE '%{q}%' ORDER BY number")
        else:
            found = shop.execute("SELECT name FROM item WHERE name LIKE ? ORDER BY number", (f"%{q}%",))
        return [name for (name,) in found]

    @app.get("/hello")
    def hello() -> ResponseReturnValue:
        name = request.args.get("name", "you")
        return Markup("<p>Hello, {}!</p>").format(Markup(name) if "hello" in flawed else escape(name))

    @app.get("/leave")
    def leave() -> ResponseReturnValue:
        to = request.args.get("to", "/")
        if "leave" not in flawed and (not to.startswith("/") or leads_away(to)):
            abort(400)
        return redirect(to, 303)

    @app.get("/cards/<int:number>")
    def cards(number: int) -> ResponseReturnValue:
        if "cards" not in flawed:
            own = session.get("card") or abort(401)
            if number != own:
                abort(404)
        return _card(shop, number)

    @app.post("/renew")
    def renew() -> ResponseReturnValue:
        number = session.get("card") or abort(401)
        if "renew" not in flawed and not _is_own_token(request.form.get("token", "")):
            abort(400)
        shop.execute("UPDATE card SET renewals = renewals + 1 WHERE number = ?", (number,))
        return "", 204

    return app


def attack(flaw: str, app: Flask, shop: Shop) -> bool:
    """Whether the attacks on a flaw work on `app`, which serves `shop`."""
    attacks: dict[str, Callable[[Flask, Shop], bool]] = {
        "search": _search,
        "hello": _hello,
        "leave": _leave,
        "cards": _cards,
        "renew": _renew,
    }
    return attacks[flaw](app, shop)


def leads_away(location: str) -> bool:
    """Whether a browser that is sent to this location leaves the site, or runs it.

    >>> leads_away("//evil.example"), leads_away("/search?q=//x")
    (True, False)
    """
    # Browsers take a backslash for a slash, drop what nobody can see, and read a host after any number of slashes.
    seen = "".join(one for one in location.replace("\\", "/") if one > " ")
    return seen.startswith("//") or bool(urlsplit(seen).scheme)


def _card(shop: Shop, number: int) -> ResponseReturnValue:
    row = shop.execute("SELECT number, member, pin FROM card WHERE number = ?", (number,)).fetchone() or abort(404)
    return dict(zip(("number", "member", "pin"), row, strict=True))


def _is_own_token(sent: str) -> bool:
    own: str | None = session.get("token")
    return own is not None and secrets.compare_digest(sent.encode(), own.encode())


def _search(app: Flask, shop: Shop) -> bool:
    pins = [pin for (pin,) in shop.execute("SELECT pin FROM card")]
    told = [app.test_client().get("/search", query_string={"q": q}).text for q in SEARCHES]
    return any(pin in text for text in told for pin in pins)


SEARCHES = (
    "' UNION SELECT pin FROM card --",
    "x%' UNION SELECT pin FROM card ORDER BY 1; --",
    "' OR 1 UNION SELECT pin FROM card --",
)


def _hello(app: Flask, _shop: Shop) -> bool:
    names = ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>")
    pages = [app.test_client().get("/hello", query_string={"name": name}).text for name in names]
    return any(elements(page, "script") + elements(page, "img") for page in pages)


def _leave(app: Flask, _shop: Shop) -> bool:
    places = ("https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example",
              "https:evil.example", "javascript:alert(1)", "/\t/evil.example", " //evil.example")  # fmt: skip
    answers = [app.test_client().get("/leave", query_string={"to": place}) for place in places]
    return any(leads_away(answer.location) for answer in answers if answer.location)


def _cards(app: Flask, shop: Shop) -> bool:
    rows = shop.execute("SELECT number, pin FROM card ORDER BY number").fetchall()
    (own, _), (other, pin), *_ = rows
    stranger, member = app.test_client(), app.test_client()
    member.post("/login", data={"card": own})
    return any(pin in client.get(f"/cards/{other}").text for client in (stranger, member))


def _renew(app: Flask, shop: Shop) -> bool:
    def renewals() -> int:
        found: int = shop.execute("SELECT sum(renewals) FROM card").fetchone()[0]
        return found

    number = shop.execute("SELECT min(number) FROM card").fetchone()[0]
    before, victim, thief = renewals(), app.test_client(), app.test_client()
    victim.post("/login", data={"card": number})
    for form in ({}, {"token": ""}, {"token": "None"}):  # before there is a token
        victim.post("/renew", data=form)
    victim.get("/token")
    another = (thief.get("/token").get_json(silent=True) or {}).get("token", "")
    for form in ({}, {"token": ""}, {"token": "é"}, {"token": another}):
        victim.post("/renew", data=form)
    return renewals() != before
