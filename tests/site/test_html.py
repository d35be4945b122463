"""Every page of the site is HTML as the standard has it."""

import json
import subprocess
from pathlib import Path

import pytest
from npm import HERE, fetched
from services import require
from test_site import PAGES

RULES = HERE / "validator" / "rules.json"
PAGE = "<!DOCTYPE html>\n<html lang='en'>\n<head><title>Tools</title></head>\n<body>{}</body>\n</html>\n"


@pytest.fixture(scope="module")
def validator() -> list[str]:
    """The command of html-validate."""
    return [require("node"), str(fetched("validator") / "html-validate" / "bin" / "html-validate.mjs")]


def faults(validator: list[str], files: list[Path]) -> list[str]:
    """What the validator says of the files: a line for each fault."""
    command = [*validator, "--config", str(RULES), "--formatter", "json", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    told = json.loads(done.stdout)
    return [
        f"{Path(file['filePath']).name}:{fault['line']} {fault['ruleId']}: {fault['message']}"
        for file in told
        for fault in file["messages"]
    ]


def test_every_page_is_valid_html(validator: list[str], site: Path) -> None:
    others = {"_static", "lite"}  # what libraries bring along, JupyterLite among them
    files = sorted(file for file in site.rglob("*.html") if not others & {*file.relative_to(site).parts})
    assert {site / f"{page}.html" for page in PAGES} <= set(files)
    assert faults(validator, files) == []


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("<p>drill", None),  # the standard lets the end of a paragraph be left out
        ("<p>drill</p>", None),
        ("<ul><p>drill</p></ul>", "element-permitted-content"),
        ("<div>drill", "close-order"),
        ("<p id='drill'></p><p id='drill'></p>", "no-dup-id"),
        ("<p class='a' class='b'></p>", "no-dup-attr"),
        ("<details><summary><p>drill</p></summary></details>", "element-permitted-content"),
        ("<img alt='drill'>", "element-required-attributes"),
    ],
)
def test_the_validator_would_find_a_fault(validator: list[str], tmp_path: Path, body: str, rule: str | None) -> None:
    page = tmp_path / "page.html"
    page.write_text(PAGE.format(body), encoding="utf-8")
    assert {fault.split()[1].rstrip(":") for fault in faults(validator, [page])} == ({rule} if rule else set())
