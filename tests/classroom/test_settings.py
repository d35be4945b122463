"""What a teacher sets, and what is said where it is wrong."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from flask_magic.classroom.settings import NAME, ClassError, Settings

PASSWORD = {"FLASK_CLASS_PASSWORD": "tool library"}
HERE = Path(__file__)
TEACHING = HERE.parents[2] / "book" / "teaching.md"


def test_a_password_is_enough() -> None:
    assert Settings.read({**PASSWORD, "HOME": "/", "FLASK_CLASS_SIZE": ""}) == Settings("tool library")


def test_all_can_be_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.read(
        {
            **PASSWORD,
            "FLASK_CLASS_TEACHER_PASSWORD": "t" * 32,
            "FLASK_CLASS_DIR": "tuesday",
            "FLASK_CLASS_URL": "https://0.0.0.0:8443/class/",
            "FLASK_CLASS_CERT": str(HERE),
            "FLASK_CLASS_KEY": str(HERE),
            "FLASK_CLASS_SIZE": "12",
            "FLASK_CLASS_MEMORY": "512",
            "FLASK_CLASS_IDLE": "20",
            "FLASK_CLASS_ISOLATE": "no",
            "FLASK_CLASS_INSECURE": "yes",
        }
    )
    assert settings == Settings(
        "tool library",
        "t" * 32,
        tmp_path / "tuesday",
        "https://0.0.0.0:8443/class/",
        HERE,
        HERE,
        12,
        512,
        20,
        isolate=False,
        insecure=True,
    )


def test_the_teachers_page_tells_of_each_and_of_its_default() -> None:
    rows = [line.split("|")[1:-1] for line in TEACHING.read_text(encoding="utf-8").splitlines() if "| `FLASK_" in line]
    told = {
        name: default.strip(" `") for names, _, default in rows for name in re.findall(r"`FLASK_CLASS_(\w+)`", names)
    }
    said = {True: "yes", False: "no", None: "", "": "nobody is an admin"}
    defaults = {field.name: field.default for field in fields(Settings) if field.name != "password"}
    assert told.pop("PASSWORD") == "the class does not begin"
    assert told == {name.upper(): said.get(value, str(value)) for name, value in defaults.items()}


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "127.8.8.8"])
def test_plain_http_is_fine_within_the_machine(host: str) -> None:
    url = f"http://{host}:8000"
    assert Settings.read({**PASSWORD, "FLASK_CLASS_URL": url}).url == url


def test_plain_http_to_others_has_to_be_accepted() -> None:
    open_to_all = {**PASSWORD, "FLASK_CLASS_URL": "http://0.0.0.0:8000"}
    with pytest.raises(ClassError, match="everybody on the network can read the password"):
        Settings.read(open_to_all)
    assert Settings.read({**open_to_all, "FLASK_CLASS_INSECURE": "yes"}).insecure


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PASSWORD", "", r"FLASK_CLASS_PASSWORD is not set.*at least 8 characters: FLASK_CLASS_PASSWORD='…' make hub"),
        ("PASSWORD", "seven 7", r"FLASK_CLASS_PASSWORD has 7 characters, and needs at least 8\."),
        ("PASSWORD", "Werkzeugbücherei", r"FLASK_CLASS_PASSWORD has characters that are not ASCII"),
        ("TEACHER_PASSWORD", "t" * 31, r"FLASK_CLASS_TEACHER_PASSWORD has 31 characters, and needs at least 32\."),
        ("TEACHER_PASSWRD", "x", r"FLASK_CLASS_TEACHER_PASSWRD is no setting\. Did you mean '.*TEACHER_PASSWORD'\?"),
        ("SIZE", "many", r"FLASK_CLASS_SIZE is 'many': write a whole number, 1 or more\."),
        ("SIZE", "0", "1 or more"),
        ("SIZE", "²", "1 or more"),
        ("MEMORY", "1.5", "1 or more"),
        ("ISOLATE", "false", r"FLASK_CLASS_ISOLATE is 'false': write yes or no\."),
        ("URL", "0.0.0.0:8000", r"write it like https://0\.0\.0\.0:8443, with a port\."),
        ("URL", "http://127.0.0.1", "with a port"),
        ("URL", "http://127.0.0.1:port", "with a port"),
        ("URL", "https://0.0.0.0:8443", r"name the certificate's files, FLASK_CLASS_CERT"),
        ("CERT", str(HERE), "for an FLASK_CLASS_URL that begins with https"),
        ("KEY", "/no/such/key.pem", r"FLASK_CLASS_KEY is /no/such/key\.pem, and there is no such file\."),
    ],
)
def test_what_is_wrong(name: str, value: str, message: str) -> None:
    with pytest.raises(ClassError, match=message):
        Settings.read({**PASSWORD, f"FLASK_CLASS_{name}": value})


def test_one_password_is_not_the_other() -> None:
    with pytest.raises(ClassError, match=r"are the same: choose two\."):
        Settings.read({"FLASK_CLASS_PASSWORD": "s" * 32, "FLASK_CLASS_TEACHER_PASSWORD": "s" * 32})


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(ClassError) as caught:
        Settings.read({"FLASK_CLASS_SIZE": "0", "FLASK_CLASS_URL": "x", "FLASK_CLASS_COLOUR": "red"})
    assert [line.partition(" ")[0] for line in str(caught.value).split("\n")] == [
        "FLASK_CLASS_SIZE",
        "FLASK_CLASS_COLOUR",
        "FLASK_CLASS_PASSWORD",
        "FLASK_CLASS_URL",
    ]


def test_no_secret_is_told() -> None:
    with pytest.raises(ClassError) as caught:
        Settings.read({"FLASK_CLASS_PASSWORD": "sésame", "FLASK_CLASS_TEACHER_PASSWORD": "another"})
    assert "sésame" not in str(caught.value)
    assert "another" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "fits"),
    [
        ("ada", True),
        ("ada-2_b", True),
        ("7", True),
        ("a" * 32, True),
        ("a" * 33, False),
        ("Ada", False),
        ("ada\n", False),
        ("", False),
        ("..", False),
        (".hub", False),
        ("-rf", False),
        ("a/b", False),
        ("a.b", False),
        ("ä", False),
        ("{username}", False),
    ],
)
def test_names(name: str, fits: bool) -> None:
    assert bool(re.match(NAME, name)) is fits
