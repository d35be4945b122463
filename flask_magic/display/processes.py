"""How processes and commands look."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ..commands import CommandResult
from ..masking import mask_text
from ..process import Process
from .markup import tag, visible

__all__ = ["CommandDisplay", "LogDisplay", "ProcessTable"]

_LINES = 100  # of a log, the last ones


@dataclass(frozen=True)
class ProcessTable:
    """Processes, a line each: name, command, state."""

    processes: Sequence[Process]

    def text(self) -> str:
        """`web: gunicorn -b 127.0.0.1:{port} app:app · answers`."""
        return (
            "\n".join(f"{one.name}: {visible(one.command.shown)} · {one.state}" for one in self.processes)
            or "No process was started."
        )

    def html(self) -> Markup:
        """The same, as a list."""
        items = [
            tag(
                "li",
                tag("strong", one.name),
                " ",
                tag("code", one.command.shown),
                " ",
                tag("span", one.state, class_="fm-meaning"),
            )
            for one in self.processes
        ]
        return tag("ul", *items or [tag("li", self.text())], class_="fm fm-registered")


@dataclass(frozen=True)
class LogDisplay:
    """The end of a process's log, or all of it with `reveal`."""

    process: Process
    reveal: bool = False

    def _lines(self) -> list[str]:
        lines = self.process.log(reveal=self.reveal)
        left_out = 0 if self.reveal else max(0, len(lines) - _LINES)
        first = [f"({left_out} earlier lines: --reveal shows them)"] if left_out else []
        return [*first, *lines[left_out:]] or ["(nothing so far)"]

    def text(self) -> str:
        """Name, then line by line."""
        return "\n".join([f"log of {self.process.name}", *self._lines()])

    def html(self) -> Markup:
        """The same, preformatted."""
        title = tag("p", "log of ", tag("strong", self.process.name), class_="fm-request")
        return tag("section", title, tag("pre", "\n".join(self._lines())), class_="fm fm-exchange fm-log")


@dataclass(frozen=True)
class CommandDisplay:
    """A `flask` command, what it printed, and its exit code where that is not 0."""

    result: CommandResult
    output: str

    def _title(self) -> str:
        return mask_text(" ".join(["flask", *self.result.words]))

    def _ending(self) -> str:
        return f"exit code {self.result.exit_code}" if self.result.exit_code else ""

    def text(self) -> str:
        """As in a terminal."""
        parts = (f"$ {self._title()}", self.output.rstrip("\n"), self._ending())
        return "\n".join(visible(part) for part in parts if part)

    def html(self) -> Markup:
        """The same, preformatted."""
        parts = [tag("p", tag("code", f"$ {self._title()}"), class_="fm-request")]
        if self.output.strip():
            parts.append(tag("pre", self.output.rstrip("\n")))
        if self._ending():
            parts.append(tag("p", tag("strong", self._ending(), class_="fm-4xx"), class_="fm-status"))
        return tag("section", *parts, class_="fm fm-exchange fm-command")
