"""A cohort: a CSV file with a row for each participant, read and judged as a whole before anything runs."""

from __future__ import annotations

import codecs
import csv
import io
import keyword
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask_magic.errors import did_you_mean
from flask_magic.pages.notebook import shown
from flask_magic.workshop.errors import WorkshopError
from flask_magic.workshop.folders import folder_of
from flask_magic.workshop.parameters import Parameter
from flask_magic.workshop.values import check_value, read_value

__all__ = ["Participant", "given_values", "problem_of_name", "problems_of_names", "read_cohort"]

PARTICIPANT = "participant"
IDENTITY = "id"
LEVEL = "level"
SHOWN = 20
LONGEST = 200


@dataclass(frozen=True)
class Participant:
    """One person of the cohort: the id, the values of the parameters, and the level if the file names one."""

    identity: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    level: str = ""


def read_cohort(
    path: Path, parameters: Iterable[Parameter], given: Mapping[str, Any], levels: tuple[str, ...] = ()
) -> list[Participant]:
    """The participants in the CSV file `path`.

    Each column is one of `parameters`, or `id` (who it is, where names are not enough), or `level` where `levels`
    may be chosen. `given` holds the values that everybody gets. Raises WorkshopError with everything that is wrong.
    """
    known = {one.name: one for one in parameters}
    lines = _rows(path)
    if not lines:
        raise WorkshopError(f"{shown(path)} is empty. Its first line names the columns: {', '.join(known)}.")
    header = lines[0][1]
    problems = _problems_of_header(header, known, given, bool(levels))
    if problems:
        raise _error(path, problems)
    if len(lines) == 1:
        raise WorkshopError(f"{shown(path)} has no rows: each participant is one.")
    found: list[tuple[int, Participant]] = []
    for line, cells in lines[1:]:
        try:
            found.append((line, _participant(header, cells, known, given, levels)))
        except _Problems as caught:
            problems += [f"line {line}: {problem}" for problem in caught.problems]
    problems += problems_of_names((f"line {line}", one.identity) for line, one in found)
    if problems:
        raise _error(path, problems)
    return [one for _, one in found]


def given_values(
    parameters: Iterable[Parameter],
    texts: Iterable[tuple[str, str]],
    raw: Iterable[tuple[str, str]] = (),
    yaml_texts: Iterable[str] = (),
) -> dict[str, Any]:
    """The values of `-p`, `-r` and `-y`, each of its parameter's type. Raises WorkshopError with all that is wrong."""
    known = {one.name: one for one in parameters}
    problems: list[str] = []
    found: dict[str, Any] = {}
    typed = [pair for text in yaml_texts for pair in _yaml(text).items()] + list(raw)
    for name, value in typed:
        problems += _take(found, known, name, value, check_value)
    for name, text in texts:
        problems += _take(found, known, name, text, read_value)
    if problems:
        raise WorkshopError("\n".join(problems))
    return found


def problems_of_names(names: Iterable[tuple[str, str]]) -> list[str]:
    """What is wrong with the ids of a cohort as a whole, each given with its place: two that are one."""
    seen: dict[str, tuple[str, str]] = {}
    problems = []
    for place, identity in names:
        for key in (unicodedata.normalize("NFKC", identity).casefold().strip(), folder_of(identity)):
            if key in seen and seen[key][0] != place:
                where, other = seen[key]
                how = "is there already" if other == identity else f"differs from {other!r} in its spelling alone"
                problems.append(f"{place}: {identity!r} {how}, {where}. Give them different ids")
                break
            seen[key] = place, identity
    return problems


def problem_of_name(identity: str) -> str:
    """Why this cannot be somebody's id, "" where it can.

    >>> problem_of_name("a\\tb")
    "is 'a\\\\tb': a control character cannot be part of it"
    """
    if not identity.strip():
        return "is empty"
    if len(identity) > LONGEST:
        return f"has {len(identity)} characters; at most {LONGEST} are allowed"
    kinds = {unicodedata.category(one) for one in identity}
    if "Cs" in kinds:
        return f"is {identity!r}, which is no UTF-8"
    return f"is {identity!r}: a control character cannot be part of it" if "Cc" in kinds else ""


class _Problems(Exception):
    def __init__(self, problems: list[str]) -> None:
        super().__init__()
        self.problems = problems


def _error(path: Path, problems: list[str]) -> WorkshopError:
    count = "1 problem" if len(problems) == 1 else f"{len(problems):,} problems"
    more = [f"  and {len(problems) - SHOWN:,} more"] if len(problems) > SHOWN else []
    return WorkshopError("\n".join([f"{shown(path)}: {count}, and nothing was run.", *_indented(problems), *more]))


def _indented(problems: list[str]) -> list[str]:
    return [f"  {problem}" for problem in problems[:SHOWN]]


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """The lines that are not empty, each with its number."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WorkshopError(f"{shown(path)} cannot be read: {error.strerror}.") from error
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or b"\0" in data[:2]:
        raise WorkshopError(f"{shown(path)} is UTF-16. Save it as CSV UTF-8.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        start = error.start + (len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0)
        line, column = data.count(b"\n", 0, start) + 1, start - data.rfind(b"\n", 0, start)
        raise WorkshopError(
            f"{shown(path)}, line {line}: byte {column} of the line is 0x{data[start]:02x}, and no UTF-8."
            " Save it as CSV UTF-8."
        ) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[tuple[int, list[str]]] = []
    begin = 1
    try:
        for cells in reader:
            if any(cells):
                rows.append((begin, cells))
            begin = reader.line_num + 1
    except csv.Error as error:
        raise WorkshopError(f"{shown(path)}, line {begin}: {error}. Is a quotation mark left open?") from None
    return rows


def _problems_of_header(
    header: list[str], known: Mapping[str, Parameter], given: Mapping[str, Any], has_levels: bool
) -> list[str]:
    more = [IDENTITY, *([LEVEL] if has_levels else [])]
    if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
        return ["line 1: the columns are not separated by commas. Save it as CSV with commas"]
    problems = []
    for place, name in enumerate(header, 1):
        if header.index(name) != place - 1:
            problems.append(f"line 1: the column `{_short(name)}` is there twice")
        elif not name:
            problems.append(f"line 1: column {place} has no name")
        elif name in known and name in given:
            problems.append(f"line 1: `{name}` is a column, and given for everybody too. Leave one of them out")
        elif name not in known and name not in more:
            near = did_you_mean(name, [*known, *more]) or f"There are: {', '.join([*known, *more])}."
            if name == LEVEL:
                near = "Levels stand in a column where a workshop's source is run, without --level."
            no_name = not name.isidentifier() or keyword.iskeyword(name)
            why = "is no name of a parameter" if no_name else "is no parameter of this notebook"
            problems.append(f"line 1: `{_short(name)}` {why}. {near}")
    if not {IDENTITY, PARTICIPANT} & set(header):
        column = PARTICIPANT if PARTICIPANT in known else IDENTITY
        problems.append(f"line 1: the column `{column}` is missing. It says who each row is for")
    return problems


def _participant(
    header: list[str],
    cells: list[str],
    known: Mapping[str, Parameter],
    given: Mapping[str, Any],
    levels: tuple[str, ...],
) -> Participant:
    if len(cells) != len(header):
        raise _Problems([f"{len(cells)} cells, and there are {len(header)} columns. A text with a comma needs quotes"])
    row = dict(zip(header, cells, strict=True))
    identity = row[IDENTITY] if IDENTITY in row else row[PARTICIPANT]
    problem = problem_of_name(identity)
    problems = [f"{IDENTITY if IDENTITY in row else PARTICIPANT} {problem}"] if problem else []
    level = row[LEVEL].strip() if LEVEL in row and LEVEL not in known else ""
    if LEVEL in row and LEVEL not in known and level not in levels:
        hint = did_you_mean(level, levels) or f"There are: {', '.join(levels)}."
        problems.append(f"level is {level!r}. {hint}")
    values: dict[str, Any] = dict(given)
    for name, text in row.items():
        if name in known:
            problems += _take(values, known, name, text, read_value)
    if problems:
        raise _Problems(problems)
    return Participant(identity, values, level)


def _take(found: dict[str, Any], known: Mapping[str, Parameter], name: str, value: Any, read: Any) -> list[str]:
    """Put a value where it belongs; the problem, if there is one."""
    if name not in known:
        near = did_you_mean(name, known) or f"There are: {', '.join(known)}."
        return [f"`{_short(name)}` is no parameter of this notebook. {near}"]
    try:
        found[name] = read(known[name], value)
    except ValueError as error:
        return [f"{name} {error}"]
    return []


def _yaml(text: str) -> dict[str, Any]:
    import yaml
    from papermill.iorw import NoDatesSafeLoader

    try:
        found = yaml.load(text, Loader=NoDatesSafeLoader)
    except yaml.YAMLError as error:
        raise WorkshopError(f"-y {text!r} is not YAML: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found):
        raise WorkshopError(f"-y {text!r} gives no parameters. Write: -y 'seed: 7'")
    return found


def _short(name: str) -> str:
    return name if len(name) <= 60 else f"{name[:59]}…"
