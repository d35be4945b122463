"""A report in JUnit's XML, which build servers read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

__all__ = ["FileReport", "write_report"]


@dataclass
class FileReport:
    """What came of one file: seconds, and the messages of what failed (asserts) and what could not run (errors)."""

    name: str
    seconds: float = 0.0
    failures: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def write_report(path: Path, reports: Sequence[FileReport]) -> None:
    """Write the report; a file that is there already is replaced as a whole.

    As in Hurl, each file is a test case. Control characters, which XML does not take, are left out.
    """
    root = ElementTree.Element("testsuites")
    suite = ElementTree.SubElement(
        root,
        "testsuite",
        tests=str(len(reports)),
        failures=str(sum(bool(report.failures) and not report.errors for report in reports)),
        errors=str(sum(bool(report.errors) for report in reports)),
        time=f"{sum(report.seconds for report in reports):.3f}",
    )
    for report in reports:
        case = ElementTree.SubElement(suite, "testcase", id=report.name, name=report.name, time=f"{report.seconds:.3f}")
        for kind, messages in (("error", report.errors), ("failure", report.failures)):
            for message in messages:
                clean = "".join(char for char in message if char in "\n\t" or char.isprintable())
                ElementTree.SubElement(case, kind, message=clean.partition("\n")[0]).text = clean
    ElementTree.indent(root)
    content = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
