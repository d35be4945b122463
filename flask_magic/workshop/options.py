"""The options that `workshop run` and `workshop grade` share. Those that papermill has, too, have its names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

__all__ = ["Options", "run_options"]


@dataclass(frozen=True)
class Options:
    """What was asked for on the command line."""

    output: Path
    parameters: tuple[tuple[str, str], ...]
    parameters_raw: tuple[tuple[str, str], ...]
    parameters_yaml: tuple[str, ...]
    kernel: str | None
    execution_timeout: int
    start_timeout: int
    run_timeout: int
    memory: int
    environment: tuple[str, ...]
    log_output: bool
    prepare_only: bool
    progress_bar: bool | None
    workers: int | None
    scheduler: str | None
    insecure: bool
    isolate: bool
    retries: int
    rerun_failed: bool
    force: bool
    student: tuple[str, ...]
    site: str | None


def _number(name: str, default: int, text: str, least: int = 0) -> Callable[[Any], Any]:
    return click.option(name, type=click.IntRange(min=least), default=default, show_default=True, help=text)


OPTIONS = (
    click.option(
        "-o", "--output", required=True, type=click.Path(path_type=Path, file_okay=False), help="The folder to write."
    ),
    click.option("-p", "--parameters", nargs=2, multiple=True, help="A parameter for everybody: -p seed 7"),
    click.option("-r", "--parameters_raw", nargs=2, multiple=True, help="The same, and the value is a text."),
    click.option("-y", "--parameters_yaml", multiple=True, help="Parameters in YAML: -y 'seed: 7'"),
    click.option("-k", "--kernel", help="The kernel, in the place of the notebook's."),
    _number("--execution-timeout", 120, "Seconds a cell may take; 0: any."),
    _number("--start-timeout", 60, "Seconds a kernel may take to start.", least=1),
    _number("--run-timeout", 1800, "Seconds a whole notebook may take.", least=1),
    _number("--memory", 2048, "MiB that each process may take; 0: any."),
    click.option("--env", "environment", multiple=True, help="A variable of the environment that runs may see."),
    click.option("--log-output/--no-log-output", help="What the cells print goes into log.txt, too."),
    click.option("--progress-bar/--no-progress-bar", default=None, help="A bar, or a line for each run."),
    click.option("-n", "--workers", type=click.IntRange(min=1), help="Runs at a time; one for each core by default."),
    click.option("--scheduler", help="A Dask scheduler that hands the runs to its workers: tls://host:8786"),
    click.option("--insecure", is_flag=True, help="Allow plain tcp:// to another machine."),
    click.option("--isolate", is_flag=True, help="Without network and other files, by bubblewrap."),
    _number("--retries", 1, "How often what the machine lost is run again."),
    click.option("--rerun-failed", is_flag=True, help="Run again what has failed."),
    click.option("--force", is_flag=True, help="Run again all; the notebooks that are there are kept."),
    click.option("--student", multiple=True, help="Only this one of them; can be given more than once."),
    click.option("--site", help="Where the site is, for links to its pages."),
)


def run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command with these options."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command
