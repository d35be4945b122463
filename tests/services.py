"""Programs of the machine that a test needs."""

import os
import shutil

import pytest

#: How Chromium is started: as any user, alone, and asking no other host for anything.
CHROMIUM_SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def require(command: str) -> str:
    """Path of the command; pytest.skip with the reason where missing, pytest.fail when CI is set"""
    path = shutil.which(command)
    if path is None:
        reason = f"this test needs `{command}`, which is not on PATH: install it to run the test"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path
