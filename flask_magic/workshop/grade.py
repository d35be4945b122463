"""Grading: the learners' code, and nothing else of theirs, in the notebook as it was handed out.

What a notebook that is handed in says of itself counts for nothing: its outputs are dropped, its checks and all given
cells are the workshop's own again, and it is run with parameters that the learner has not seen. A probe, a check
that has to fail, tells whether code of the learner has made the checks say what it likes. None of this stops somebody
who is determined: their code runs in the same process as the checks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask_magic.pages.exercises import check_result, role_of
from flask_magic.pages.notebook import Cell, Notebook, dumps, parse, shown, tags_of
from flask_magic.workshop.cohort import problem_of_name, problems_of_names
from flask_magic.workshop.errors import WorkshopError
from flask_magic.workshop.folders import Output
from flask_magic.workshop.journal import Journal
from flask_magic.workshop.parameters import parameters_of
from flask_magic.workshop.prepare import LEVELS, about, exercise_names
from flask_magic.workshop.spec import Spec

__all__ = ["PROBE", "graded", "specs_of_submissions", "submissions_in"]

#: The name of the check that has to fail.
PROBE = "probe"
LARGEST = 50_000_000


def submissions_in(folder: Path) -> dict[str, Path]:
    """The notebooks in a folder by whose they are: `ada.ipynb`, or the only notebook in `ada/`.

    In a folder that `workshop run` has written, the journal says whose each one is. Raises WorkshopError where there
    are none, or where it is not clear whose one is.
    """
    if not folder.is_dir():
        raise WorkshopError(f"{shown(folder)} is no folder. Name the one with the notebooks that were handed in.")
    found = [(path.stem, path) for path in _notebooks(folder)]
    names = _names(Output(folder).journal)
    problems = []
    for inner in sorted(one for one in folder.iterdir() if one.is_dir() and not one.name.startswith(".")):
        paths = list(_notebooks(inner))
        if len(paths) > 1:
            problems.append(f"{inner.name}: {len(paths)} notebooks. Leave the one to grade")
        found += [(names.get(inner.name, inner.name), path) for path in paths[:1]]
    wrong = [(path, problem) for identity, path in found if (problem := problem_of_name(identity))]
    problems += [f"{path.name!a}: the name {problem}. Give it another one" for path, problem in wrong]
    if not wrong:
        problems += problems_of_names((shown(path), identity) for identity, path in found)
    if problems:
        raise WorkshopError("\n".join([f"{shown(folder)}: nothing was run.", *(f"  {one}" for one in problems)]))
    if not found:
        raise WorkshopError(f"{shown(folder)} holds no notebooks.")
    return dict(found)


def specs_of_submissions(
    submissions: Mapping[str, Path],
    original: Callable[[str], Notebook],
    level: str,
    hidden: Mapping[str, Any],
    template: Spec,
) -> list[Spec]:
    """The runs that grade these.

    `original` gives the handout of a level. `level` is everybody's; where it is "" each notebook says its own.
    `hidden` holds parameters for all; where no `seed` is among them, each gets one that its text decides. A file
    that is no notebook becomes a run that fails, so that it keeps nobody else waiting.
    """
    return [_spec(identity, path, original, level, hidden, template) for identity, path in submissions.items()]


def graded(original: Notebook, submission: Notebook) -> Notebook:
    """The notebook `original` with the answers in `submission`, and with the cells that were added to it.

    A learner's cells may fail without ending the run, and none of them counts as a check.
    """
    notebook = deepcopy(original)
    answers, added = _of_the_learner(original, submission)
    cells = list(added.get(-1, ()))
    for place, cell in enumerate(notebook["cells"]):
        is_stub = role_of(cell)[1] == "stub"
        if is_stub:
            cell["source"] = answers.get(place) or cell["source"]
            cell["metadata"]["tags"] = [*tags_of(cell), "raises-exception"]
        # A check takes the cell right before it for its stub: what was added in between goes before both.
        cells += [*added.get(place, ()), cell] if is_stub else [cell, *added.get(place, ())]
    notebook["cells"] = [*cells, *_probe(submission)]
    return notebook


def _notebooks(folder: Path) -> Iterator[Path]:
    paths = (path for path in sorted(folder.iterdir()) if path.suffix.lower() == ".ipynb")
    return (path for path in paths if path.is_file() and not path.name.startswith("."))


def _names(path: Path) -> dict[str, str]:
    """Whose each folder is, where there is a journal."""
    if not path.is_file():
        return {}
    with Journal(path) as journal:
        return {row.folder: row.participant for row in journal.rows()}


def _spec(
    identity: str,
    path: Path,
    original: Callable[[str], Notebook],
    level: str,
    hidden: Mapping[str, Any],
    template: Spec,
) -> Spec:
    try:
        text = _text(path)
        submission = parse(json.loads(text))
        own = level or str(about(submission).get("level", ""))
        if own not in LEVELS:
            raise ValueError("it does not say its level; --level does")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        broken = f"{shown(path)} cannot be graded: {error}."
        return replace(template, participant=identity, notebook="", level=level, broken=broken)
    handout = original(own)
    parameters = {**_hidden(handout, identity, text), **hidden}
    return replace(
        template,
        participant=identity,
        notebook=dumps(graded(handout, submission)),
        parameters=parameters,
        level=own,
        checks=tuple(exercise_names(handout)),
        claimed=_claimed(submission),
        probe=PROBE,
        forgiving=True,
    )


def _text(path: Path) -> str:
    if path.stat().st_size > LARGEST:
        raise ValueError(f"it is larger than {LARGEST // 1_000_000} MB")
    return path.read_text(encoding="utf-8")


def _hidden(handout: Notebook, identity: str, text: str) -> dict[str, Any]:
    """The name, and a seed that the learner did not have, the same whenever this text is graded."""
    own: dict[str, Any] = {"participant": identity, "seed": 1000 + int(_digest(text)[:6], 16)}
    types = {one.name: one.type for one in parameters_of(handout)}
    return {name: value for name, value in own.items() if types.get(name) == type(value).__name__}


def _of_the_learner(original: Notebook, submission: Notebook) -> tuple[dict[int, str], dict[int, list[Cell]]]:
    """The answers by the stub's place in the original, and the added cells by the place that they follow."""
    cells = original["cells"]
    by_id = {cell["id"]: place for place, cell in enumerate(cells) if "id" in cell}
    by_role = {role_of(cell): place for place, cell in enumerate(cells) if role_of(cell)[1]}
    by_source = {cell["source"].strip(): place for place, cell in enumerate(cells) if cell["cell_type"] == "code"}
    answers: dict[int, str] = {}
    added: dict[int, list[Cell]] = {}
    taken, here = set(), -1
    for number, cell in enumerate(submission["cells"]):
        source = cell["source"]
        places = (by_id.get(cell.get("id")), by_role.get(role_of(cell)), by_source.get(source.strip()))
        place = next((one for one in places if one is not None and one not in taken), None)
        if place is not None:
            taken.add(place)
            here = place
            if role_of(cells[place])[1] == "stub" and cell["cell_type"] == "code" and source.strip():
                answers[place] = source
        elif cell["cell_type"] == "code" and source.strip() and "injected-parameters" not in tags_of(cell):
            added.setdefault(here, []).append(_code(f"added-{number}", source, "raises-exception"))
    return answers, added


def _probe(submission: Notebook) -> list[Cell]:
    number = int(_digest(json.dumps(submission, sort_keys=True))[:6], 16)
    check = _code(
        f"{PROBE}-check",
        f"%%flask_check {PROBE}\n# stub: {'0' * 16}\n"
        f'assert {number} == {number + 1}, "{number} is another number"\nassert {number} == {number}, "{number}"',
    )
    check["metadata"]["exercise"] = {"name": PROBE, "role": "check"}
    return [_code(f"{PROBE}-stub", f"# {PROBE} {number}"), check]


def _code(identity: str, source: str, *tags: str) -> Cell:
    metadata: dict[str, Any] = {"tags": list(tags)} if tags else {}
    return {
        "cell_type": "code", "id": identity, "metadata": metadata, "source": source, "outputs": [],
        "execution_count": None,
    }  # fmt: skip


def _claimed(submission: Notebook) -> dict[str, int]:
    """How many hints the learner has seen, as the notebook says: it can only be too few."""
    claimed = {}
    for cell in submission["cells"]:
        name, role = role_of(cell)
        result = check_result(cell.get("outputs", [])) if role == "check" else None
        if result is not None and type(used := result.get("hints_used")) is int and 0 < used < 100:
            claimed[name] = used
    return claimed


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
