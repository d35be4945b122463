"""`flask-magic pages check`: does a page keep the rules of the guide that a program can judge?

`check_page` only reads: the page, the files that its links name, its wrong answers. What needs a kernel is in
`flask_magic.pages.gate`; Markdown is judged in `prose`, stored outputs in `outputs`.
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask_magic.errors import did_you_mean
from flask_magic.pages.errors import PageError
from flask_magic.pages.exercises import (
    CHECK_MIME,
    answers_path,
    check_result,
    exercises,
    role_of,
    wrong_answers,
)
from flask_magic.pages.notebook import Cell, Notebook, cell_name, code_cells, dumps, hash_of, load, shown, tags_of
from flask_magic.pages.opener import indexes, stale_openers
from flask_magic.pages.outline import Outline
from flask_magic.pages.outputs import forbidden
from flask_magic.pages.prose import Found, check_links, check_parts, check_text

__all__ = ["Problem", "changing_cells", "check_indexes", "check_page"]

LEVELS = ("first", "core", "deep")
TAGS = ("raises-exception", "hide-output", "changes-state", "varies", "hide-input", "nbval-ignore-output")
LINES = 15
METADATA: dict[str, tuple[Callable[[Any], bool], str]] = {
    "outline": (lambda value: isinstance(value, str), "a topic of the outline"),
    "tags": (lambda value: _strings(value), "a list of words"),
    "level": (lambda value: value in LEVELS, "first, core or deep"),
    "minutes": (lambda value: type(value) is int and 1 <= value <= 60, "a whole number, 1 to 60"),
    "prerequisites": (lambda value: _strings(value), "a list of topics"),
    "requires": (lambda value: _strings(value), "a list of services, often empty"),
}


@dataclass(frozen=True)
class Problem:
    """One thing to mend: where (page, and cell where it has one) and what."""

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


def check_page(path: Path, outline: Outline) -> list[Problem]:
    """Everything that is wrong with the page at `path`, in the order of the page.

    A file that is no notebook is a problem too, not an exception.
    """
    try:
        notebook = load(path)
        answers = wrong_answers(path)
    except PageError as error:
        return [Problem(shown(path), error.message)]
    found: list[tuple[int | None, str]] = [
        *_metadata(notebook, path, outline),
        *_head(notebook, path, outline),
        *check_parts(notebook),
        *check_text(notebook),
        *check_links(notebook, path, outline),
        *_cells(notebook),
        *_outputs(notebook),
        *_exercises(notebook, path, answers),
    ]
    found.sort(key=lambda item: -1 if item[0] is None else item[0])
    cells = notebook["cells"]
    return [
        Problem(shown(path) if place is None else cell_name(path, place + 1, cells[place]), message)
        for place, message in found
    ]


def check_indexes(folder: Path, outline: Outline) -> list[Problem]:
    """The index and the chapters' openers say what the pages say.

    While a page cannot be read nothing is said of them: `check_page` tells of that one.
    """
    try:
        expected = indexes(folder, outline)
    except PageError:
        return []
    old = [path for path, notebook in expected.items() if not _holds(path, dumps(notebook))]
    return [
        Problem(shown(path), f"it is out of date: run `flask-magic pages index {shown(folder)}`")
        for path in [*old, *stale_openers(folder, outline)]
    ]


def changing_cells(path: Path) -> int:
    """How many cells of a page carry the tag `changes-state`: they are not run a second time by the tests."""
    return sum("changes-state" in tags_of(cell) for cell in code_cells(load(path)))


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _metadata(notebook: Notebook, path: Path, outline: Outline) -> Found:
    held = notebook["metadata"].get("flask_magic")
    if not isinstance(held, dict):
        yield None, f"the notebook's metadata has no 'flask_magic' with {', '.join(METADATA)}"
        return
    for key, (fits, what) in METADATA.items():
        if key not in held:
            yield None, f"metadata: '{key}' is missing: {what}"
        elif not fits(held[key]):
            yield None, f"metadata: '{key}' is {what}, not {held[key]!r}"
    for key in held.keys() - METADATA.keys():
        yield None, f"metadata: '{key}' is not known. {did_you_mean(key, METADATA)}".rstrip()
    for name in [*_listed(held, "prerequisites"), str(held.get("outline", ""))]:
        if name not in outline.by_value:
            yield None, f"metadata: {_unknown(name, outline)}"
    topic = outline.by_value.get(str(held.get("outline", "")))
    if topic:
        place = path.resolve().relative_to(path.resolve().parents[1]).as_posix()
        if place != topic.path:
            yield None, f"the page of '{topic.value}' belongs at {topic.path}, not {place}"
        if topic.tagged and held.get("tags") != list(topic.tags):
            yield None, f"metadata: the outline's tags of this topic are {list(topic.tags)}"
        if topic.value in _listed(held, "prerequisites"):
            yield None, "metadata: the page is its own prerequisite"
    if notebook["metadata"].get("kernelspec", {}).get("name") != "python3":
        yield None, "the kernel is not python3: run `flask-magic pages run` on it"


def _head(notebook: Notebook, path: Path, outline: Outline) -> Found:
    """What a reader sees at the top is what the metadata say: the minutes, and what the page builds on."""
    held, cells = notebook["metadata"].get("flask_magic"), notebook["cells"]
    if not isinstance(held, dict) or not cells:
        return
    minutes = re.search(r"(\d+) minutes", cells[0]["source"])
    if minutes is None:
        yield 0, "the head does not say how many minutes the page takes"
    elif int(minutes[1]) != held.get("minutes"):
        yield 0, f"the head says {minutes[0]}, and the metadata {held.get('minutes')!r}"
    for name in _listed(held, "prerequisites"):
        topic = outline.by_value.get(name)
        if topic and (path.parents[1] / topic.path).is_file():
            place = posixpath.relpath(topic.path, path.parent.name)
            if f"]({place})" not in cells[0]["source"]:
                yield 0, f"the head has no link to '{name}', a prerequisite: ({place})"


def _cells(notebook: Notebook) -> Found:
    seen: set[str] = set()
    for position, cell in enumerate(notebook["cells"]):
        name = cell.get("id", "")
        if not name or name in seen:
            yield position, "the cell has no id of its own: open and save the page in JupyterLab"
        seen.add(name)
        lines = len(cell["source"].strip("\n").splitlines())
        if cell["cell_type"] == "code" and lines > LINES and role_of(cell)[1] != "check":
            yield position, f"the cell has {lines} lines, {LINES} are the limit"
        for tag in tags_of(cell):
            if tag not in TAGS:
                yield position, f"the tag '{tag}' is not known. {did_you_mean(tag, TAGS)}".rstrip()
        if "varies" in tags_of(cell):
            if not cell["metadata"].get("varies"):
                yield position, 'a cell tagged varies says why in its metadata: "varies": "the reason"'
            if "nbval-ignore-output" not in tags_of(cell):
                yield (
                    position,
                    "a cell tagged varies needs the tag nbval-ignore-output too: nbval reads that one",
                )
        elif "nbval-ignore-output" in tags_of(cell):
            yield position, "nbval-ignore-output without varies: say why the output differs from run to run"


def _outputs(notebook: Notebook) -> Found:
    written = "\n".join(cell["source"] for cell in code_cells(notebook))
    count = 0
    for position, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] != "code":
            continue
        if not cell["source"].strip():
            yield position, "the cell is empty"
            continue
        count += 1
        if cell.get("execution_count") != count:
            was = cell.get("execution_count")
            yield (
                position,
                f"its execution count is {was}, not {count}: run `flask-magic pages run` on the page",
            )
        errors = [output for output in cell["outputs"] if output["output_type"] == "error"]
        if errors and "raises-exception" not in tags_of(cell):
            yield position, f"it failed when it was run: {errors[0]['ename']}: {errors[0]['evalue']}"
        for message in forbidden(cell["outputs"], written):
            yield position, f"{message}. Outputs are the same on every machine and every day."


def _exercises(notebook: Notebook, path: Path, answers: dict[str, list[str]]) -> Found:
    cells, whole, file = notebook["cells"], exercises(notebook), shown(answers_path(path))
    names = [exercise.name for exercise in whole]
    if not whole:
        yield None, "the page has no exercise: a stub and a check, told by their metadata 'exercise'"
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield None, f"two exercises are called '{name}'"
    paired = {place for exercise in whole for place in (exercise.stub, exercise.check)}
    for position, cell in enumerate(cells):
        name, role = role_of(cell)
        if (role or name) and position not in paired:
            yield (
                position,
                f"exercise '{name}', role '{role}': a stub comes first, then its check",
            )
        if cell["source"].startswith("%%flask_check") and role != "check":
            yield position, 'a check needs the metadata exercise: {"name": …, "role": "check"}'
    for exercise in whole:
        stub, check = cells[exercise.stub], cells[exercise.check]
        if any(cell["cell_type"] == "code" for cell in cells[exercise.stub + 1 : exercise.check]):
            yield exercise.check, "a code cell stands between the stub and its check"
        if stub["metadata"]["exercise"].get("hash") != hash_of(stub["source"]):
            yield (
                exercise.stub,
                "the stub's hash is not that of its source: run `flask-magic pages run` on the page",
            )
        yield from ((exercise.check, message) for message in _check_cell(check, exercise.name))
        yield from ((exercise.check, message) for message in _solution(stub, exercise.solution))
        given = answers.get(exercise.name, [])
        if len({answer.strip() for answer in given}) < 2:
            yield exercise.check, f"{file}: [[{exercise.name}]] has {len(given)} wrong answers, 2 are needed"
        taken = {stub["source"].strip(), (exercise.solution or "").strip()}
        if any(answer.strip() in taken for answer in given):
            yield exercise.check, f"{file}: a wrong answer is the stub or the solution itself"
    for name in answers.keys() - set(names):
        yield None, f"{file}: the page has no exercise '{name}'. {did_you_mean(name, names)}".rstrip()


def _check_cell(check: Cell, name: str) -> list[str]:
    first = check["source"].partition("\n")[0].split()
    messages = []
    if first[:2] != ["%%flask_check", name]:
        messages.append(f"the check begins with '%%flask_check {name}'")
    if not check["metadata"].get("jupyter", {}).get("source_hidden") or "hide-input" not in tags_of(check):
        messages.append("the check is folded: metadata jupyter.source_hidden and the tag hide-input")
    result = check_result(check["outputs"])
    if result is None:
        messages.append(f"no result is stored ({CHECK_MIME}): run `flask-magic pages run` on the page")
    elif result.get("state") != "open":
        messages.append(f"with the untouched stub the check says '{result.get('state')}', not 'open'")
    return messages


def _solution(stub: Cell, solution: str | None) -> list[str]:
    if solution is None:
        return ["the solution is missing, or not in its form: <details>, one ```python block, why, </details>"]
    if solution.strip() == stub["source"].strip():
        return ["the solution is the stub itself"]
    if len(solution.strip().splitlines()) > LINES:
        return [f"the solution has {len(solution.strip().splitlines())} lines, {LINES} are the limit of a cell"]
    try:
        ast.parse(_python(solution))
    except SyntaxError as error:
        return [f"the solution is not Python, line {error.lineno}: {error.msg}"]
    return []


def _python(source: str) -> str:
    """The Python of a cell: without its cell magic, with line magics as IPython would read them."""
    from IPython.core.inputtransformer2 import TransformerManager

    first, _, body = source.lstrip().partition("\n")
    if first.startswith("%%flask_route") or (first.startswith("%%flask_file") and first.endswith(".py")):
        source = "pass\n" + body  # the cell's own line numbers
    elif first.startswith("%%"):
        return ""
    transform = TransformerManager().transform_cell  # type: ignore[no-untyped-call]
    return str(transform(source))


def _unknown(name: str, outline: Outline) -> str:
    try:
        return f"'{name}' is written '{outline.find(name).value}'"
    except PageError as error:
        return error.message


def _listed(held: dict[str, Any], key: str) -> list[str]:
    return held[key] if _strings(held.get(key)) else []


def _strings(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
