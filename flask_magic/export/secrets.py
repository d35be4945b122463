"""What was hidden of a notebook's secrets, and by which names they are known."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["DEVELOPMENT", "Secrets", "is_secret_name"]

#: What stands for a secret while the app is developed, as in Flask's tutorial.
DEVELOPMENT = "dev"
_SECRET = re.compile(r"(?:KEY|SECRET|TOKEN|PASSWORD|PASSWD|PWD|PASSPHRASE|SALT|CREDENTIALS?)S?\Z", re.IGNORECASE)


@dataclass
class Secrets:
    """What was hidden: configuration keys (`SECRET_KEY`), variables of the environment (`API_KEY`), and the values."""

    keys: list[str] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)
    values: set[str] = field(default_factory=set)

    def are_in(self, text: str) -> bool:
        """Does a text tell one of the values?"""
        return any(value in text for value in self.values)


def is_secret_name(name: str) -> bool:
    """Is a value of this name a secret?

    >>> is_secret_name("SECRET_KEY"), is_secret_name("MAIL_PASSWORD"), is_secret_name("FEE_PER_DAY")
    (True, True, False)
    """
    return _SECRET.search(name) is not None
