import pytest
from hypothesis import given
from hypothesis import strategies as st

from flask_magic.workshop.flaws import FLAWS, attack, leads_away, open_shop, pick, service
from flask_magic.workshop.world import World, WorldError

WORLD = World("tools", seed=7, n_items=16, now="2026-03-02")


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("flaw", FLAWS)
def test_each_attack_works_where_its_flaw_is_and_nowhere_else(flaw: str, seed: int) -> None:
    shop = open_shop(World("books", seed, 16, "2026-03-02"), 5)
    others = [name for name in FLAWS if name != flaw]
    assert [attack(name, service(shop, [flaw]), shop) for name in FLAWS] == [name == flaw for name in FLAWS]
    assert [attack(name, service(shop, others), shop) for name in FLAWS] == [name != flaw for name in FLAWS]


def test_a_service_without_flaws_still_serves() -> None:
    shop = open_shop(WORLD, 3)
    app = service(shop, [])
    number, pin = shop.execute("SELECT number, pin FROM card ORDER BY number").fetchone()
    client = app.test_client()
    assert client.get("/search?q=").json == [item.name for item in WORLD.items]
    assert client.get("/hello?name=<b>").text == "<p>Hello, &lt;b&gt;!</p>"
    assert client.get("/leave?to=/hello").location == "/hello"
    assert (client.get(f"/cards/{number}").status_code, client.post("/renew").status_code) == (401, 401)
    client.post("/login", data={"card": number})
    assert client.get(f"/cards/{number}").json["pin"] == pin
    assert client.post("/renew", data=client.get("/token").json).status_code == 204
    assert shop.execute("SELECT sum(renewals) FROM card").fetchone() == (1,)


def test_the_seed_decides_which_flaws_there_are() -> None:
    picked = {pick(World("tools", seed, 16, "2026-03-02"), 2) for seed in range(40)}
    assert len(picked) > 5
    assert {len(one) for one in picked} == {2}
    for count in (0, 5, "2", True):
        with pytest.raises(WorldError, match="has to be a whole number from 1 to 4"):
            pick(WORLD, count)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "location",
    [
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "https:evil.example",
        "/\t/evil.example",
    ],
)
def test_a_browser_that_is_led_away_is_noticed(location: str) -> None:
    assert leads_away(location)


@pytest.mark.parametrize("location", ["/", "", "x", "/x//y", "/?to=//x", "?a:b", "/a:b"])
def test_a_browser_that_stays_is_left_alone(location: str) -> None:
    assert not leads_away(location)


@given(st.text("abz09-_=&?.", max_size=30))
def test_a_plain_path_leads_nowhere_else(path: str) -> None:
    assert not leads_away(f"/{path}")
