"""From what was asked for on the command line to a campaign; everything is judged before anything is run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from flask_magic.errors import did_you_mean
from flask_magic.pages.notebook import Notebook, dumps, shown
from flask_magic.workshop.campaign import Campaign
from flask_magic.workshop.cohort import PARTICIPANT, Participant, given_values, problem_of_name, read_cohort
from flask_magic.workshop.errors import WorkshopError
from flask_magic.workshop.folders import Output
from flask_magic.workshop.grade import specs_of_submissions, submissions_in
from flask_magic.workshop.options import Options
from flask_magic.workshop.parameters import Parameter, parameters_of
from flask_magic.workshop.pool import Backend, Pool
from flask_magic.workshop.prepare import LEVELS, MODES, about, exercise_names, must_be_one_of
from flask_magic.workshop.reports.standing import facts_of
from flask_magic.workshop.source import check_kernel, is_source, notebooks_by_level, read_notebook
from flask_magic.workshop.spec import Limits, Spec

__all__ = ["requested_grading", "requested_run"]


def requested_run(notebook: Path, cohort: Path | None, level: str, mode: str, options: Options) -> Campaign:
    """What `workshop run` is to do. Raises WorkshopError with all that is wrong with the notebook or the cohort."""
    source = read_notebook(notebook)
    parameters = parameters_of(source)
    given = _given(parameters, options)
    must_be_one_of("mode", mode, MODES)
    if level:
        must_be_one_of("level", level, LEVELS)
    if cohort is None:
        participants = [_alone(parameters, given)]
    else:
        own_levels = LEVELS if is_source(source) and not level else ()
        participants = read_cohort(cohort, parameters, given, own_levels)
    prepared = notebooks_by_level(source, mode)
    levels = {one.level or level for one in participants}
    texts = {one: dumps(prepared(one)) for one in levels}
    template = _template(source, options)
    own_mode = about(prepared(next(iter(levels)))).get("mode")
    specs = [
        replace(
            template,
            participant=one.identity,
            notebook=texts[one.level or level],
            parameters=one.parameters,
            level=one.level or level or about(source).get("level", ""),
            checks=tuple(exercise_names(source)),
            expect="open" if own_mode == "learner" else "recorded",
        )
        for one in participants
    ]
    facts = {**facts_of(source), "kind": "run", "mode": own_mode or mode}
    return _campaign(specs, facts, notebook, options)


def requested_grading(submissions: Path, notebook: Path, level: str, options: Options) -> Campaign:
    """What `workshop grade` is to do. Raises WorkshopError with all that is wrong."""
    source = read_notebook(notebook)
    if not is_source(source):
        raise WorkshopError(f"{shown(notebook)} is no workshop's source. Name the one that the handouts were made of.")
    if level:
        must_be_one_of("level", level, LEVELS)
    hidden = _given(parameters_of(source), options)
    prepared = notebooks_by_level(source, "learner")
    template = _template(source, options)
    specs = specs_of_submissions(submissions_in(submissions), prepared, level, hidden, template)
    return _campaign(specs, {**facts_of(source), "kind": "grade", "mode": "graded"}, notebook, options)


def _given(parameters: Iterable[Parameter], options: Options) -> dict[str, Any]:
    return given_values(parameters, options.parameters, options.parameters_raw, options.parameters_yaml)


def _alone(parameters: Iterable[Parameter], given: Mapping[str, Any]) -> Participant:
    """The one participant of a run without a cohort: called as the parameter says, or as its default does."""
    default = next((one.default for one in parameters if one.name == PARTICIPANT), PARTICIPANT)
    identity = str(given.get(PARTICIPANT, default)) or PARTICIPANT
    if problem := problem_of_name(identity):
        raise WorkshopError(f"{PARTICIPANT} {problem}.")
    return Participant(identity, given)


def _template(source: Notebook, options: Options) -> Spec:
    """What all runs have in common."""
    missing = [name for name in options.environment if name not in os.environ]
    if missing and not options.scheduler:
        raise WorkshopError(f"--env {missing[0]}: there is no such variable in the environment.")
    if not options.scheduler:
        check_kernel(source, options.kernel)
    if options.isolate and not options.scheduler:
        from flask_magic.workshop.isolate import must_be_possible

        must_be_possible()
    limits = Limits(options.execution_timeout, options.start_timeout, options.run_timeout, options.memory)
    return Spec(
        participant="",
        notebook="",
        kernel=options.kernel,
        limits=limits,
        environment=options.environment,
        log_output=options.log_output,
        prepare_only=options.prepare_only,
        isolate=options.isolate,
    )


def _campaign(specs: list[Spec], facts: Mapping[str, Any], notebook: Path, options: Options) -> Campaign:
    output = Output(options.output)
    output.check()
    more = {
        "title": facts["title"] or notebook.stem,
        "notebook": notebook.name,
        **({} if options.site is None else {"site": options.site}),
    }
    return Campaign(
        _chosen(specs, options.student),
        {**facts, **more},
        output,
        _backend(options),
        "all" if options.force else "failed" if options.rerun_failed else "",
        options.retries,
        options.progress_bar,
        [spec.participant for spec in specs],
    )


def _chosen(specs: list[Spec], students: Iterable[str]) -> list[Spec]:
    """The runs of these students, or all."""
    known = {spec.participant: spec for spec in specs}
    for name in students:
        if name not in known:
            hint = did_you_mean(name, known) or f"There are {len(known)} others."
            raise WorkshopError(f"--student {name}: nobody is called so. {hint}")
    return [known[name] for name in dict.fromkeys(students)] or specs


def _backend(options: Options) -> Callable[[], Backend]:
    if options.scheduler:
        from flask_magic.workshop.cluster import Cluster, check_address

        address, insecure = options.scheduler, options.insecure
        check_address(address, insecure=insecure)
        return lambda: Cluster(address, insecure=insecure)
    return lambda: Pool(options.workers or _cores())


def _cores() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        return os.cpu_count() or 1
