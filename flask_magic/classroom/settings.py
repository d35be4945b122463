"""The settings of a live class, from environment variables: all read and judged before anything starts."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask_magic.errors import did_you_mean

__all__ = ["NAME", "PREFIX", "TEACHER", "ClassError", "Settings"]

PREFIX = "FLASK_CLASS_"
#: A learner's name is that of a folder and a part of an address.
NAME = r"[a-z0-9][a-z0-9_-]{0,31}\Z"
#: The name that may log in with the teacher's password, and with no other.
TEACHER = "teacher"

# What JupyterHub's authenticator asks for.
_PASSWORD_LENGTH, _TEACHER_PASSWORD_LENGTH = 8, 32


class ClassError(Exception):
    """What is wrong with the settings, a line for each."""


@dataclass(frozen=True)
class Settings:
    """What a teacher can set: `password` is the variable FLASK_CLASS_PASSWORD, and so on.

    `size` is a number of learners who are there at a time, `memory` is in MiB for each process, `idle` in minutes.

    >>> Settings.read({"FLASK_CLASS_PASSWORD": "tool library"}).url
    'http://127.0.0.1:8000'
    """

    password: str
    teacher_password: str = ""
    dir: Path = Path("class")
    url: str = "http://127.0.0.1:8000"
    cert: Path | None = None
    key: Path | None = None
    size: int = 30
    memory: int = 1024
    idle: int = 60
    isolate: bool = True
    insecure: bool = False

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """The settings in `environment`; an empty variable is none. ClassError for all that is wrong at once."""
        given = {name: value for name, value in environment.items() if name.startswith(PREFIX) and value}
        known = {f"{PREFIX}{one.name.upper()}": (one.name, _READERS[str(one.type)]) for one in fields(cls)}
        values: dict[str, Any] = {"password": ""}
        problems = []
        for variable, value in given.items():
            if variable not in known:
                problems.append(f"{variable} is no setting. {did_you_mean(variable, known)}".strip())
                continue
            name, read = known[variable]
            try:
                values[name] = read(value)
            except ValueError as error:
                problems.append(f"{variable} is '{value}': {error}")
        settings = cls(**values)
        problems += [*settings._wrong_passwords(), *settings._wrong_address()]
        if problems:
            raise ClassError("\n".join(problems))
        return settings

    def _wrong_passwords(self) -> list[str]:
        problems = []
        if not self.password:
            problems.append(
                f"{PREFIX}PASSWORD is not set. It is what your learners log in with, at least {_PASSWORD_LENGTH} "
                f"characters: {PREFIX}PASSWORD='…' make hub"
            )
        if self.password and self.password == self.teacher_password:
            problems.append(f"{PREFIX}PASSWORD and {PREFIX}TEACHER_PASSWORD are the same: choose two.")
        for name, length in (("PASSWORD", _PASSWORD_LENGTH), ("TEACHER_PASSWORD", _TEACHER_PASSWORD_LENGTH)):
            value: str = getattr(self, name.lower())
            if 0 < len(value) < length:
                problems.append(f"{PREFIX}{name} has {len(value)} characters, and needs at least {length}.")
            # JupyterHub compares them by hmac.compare_digest, which takes no other text.
            if not value.isascii():
                problems.append(f"{PREFIX}{name} has characters that are not ASCII: use letters a to z, digits, signs.")
        return problems

    def _wrong_address(self) -> list[str]:
        problems = []
        parts = urlsplit(self.url)
        try:
            fine = parts.scheme in ("http", "https") and bool(parts.hostname and parts.port)
        except ValueError:
            fine = False
        if not fine:
            return [f"{PREFIX}URL is '{self.url}': write it like https://0.0.0.0:8443, with a port."]
        if parts.scheme == "https" and not (self.cert and self.key):
            problems.append(
                f"{PREFIX}URL begins with https: name the certificate's files, {PREFIX}CERT and {PREFIX}KEY."
            )
        if parts.scheme == "http" and (self.cert or self.key):
            problems.append(f"{PREFIX}CERT and {PREFIX}KEY are for an {PREFIX}URL that begins with https.")
        if parts.scheme == "http" and not _is_loopback(parts.hostname or "") and not self.insecure:
            problems.append(
                f"{PREFIX}URL is {self.url}: over plain http, everybody on the network can read the password. Use "
                f"https with {PREFIX}CERT and {PREFIX}KEY, or accept that: {PREFIX}INSECURE=yes"
            )
        for name, file in (("CERT", self.cert), ("KEY", self.key)):
            if file and not file.is_file():
                problems.append(f"{PREFIX}{name} is {file}, and there is no such file.")
        return problems


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _yes_or_no(value: str) -> bool:
    if value not in ("yes", "no"):
        raise ValueError("write yes or no.")
    return value == "yes"


def _number(value: str) -> int:
    if not (value.isascii() and value.isdecimal() and int(value)):
        raise ValueError("write a whole number, 1 or more.")
    return int(value)


def _path(value: str) -> Path:
    return Path(value).expanduser().absolute()


_READERS: dict[str, Callable[[str], Any]] = {
    "str": str,
    "int": _number,
    "bool": _yes_or_no,
    "Path": _path,
    "Path | None": _path,
}
