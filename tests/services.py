"""Programs of the machine that a test needs."""

import os
import shutil
import tomllib
from pathlib import Path

import pytest

UNAVAILABLE = Path(__file__).with_name("unavailable.toml")

#: How Chromium is started: as any user, alone, and asking no other host for anything.
CHROMIUM_SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Each context gets a window of its own, and the menus of its address bar are two pages that nobody sees, as dear
    # as the one under test. The switch takes the place of Playwright's own: what that turns off on Linux is here, too.
    "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,AimEnabled,AvoidCorsURLLoaderRestartOnRedirect,"
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsFirstBalancedModeAutoEnable,HttpsUpgrades,"
    "LensOverlay,MediaRouter,NetworkTimeServiceQuerying,OptimizationHints,PaintHolding,PreconnectToSearch,"
    "ThirdPartyStoragePartitioning",
]


def require(command: str, *more: str) -> str:
    """Path of the command, from PATH or `more` folders; without it the test is skipped, and in CI it fails."""
    path = shutil.which(command, path=os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", *more]))
    if path is None:
        reason = f"this test needs `{command}`, which is not on PATH: install it to run the test"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path


def server_named_by(variable: str) -> str:
    """The address in an environment variable; without it the test is skipped, and in CI it fails.

    Where `unavailable.toml` says that CI cannot have such a server, the test is skipped there as well.
    """
    address = os.environ.get(variable)
    if address:
        return address
    unavailable = tomllib.loads(UNAVAILABLE.read_text(encoding="utf-8")).get(variable)
    reason = unavailable["reason"] if unavailable else f"this test needs a server: set {variable}"
    if os.environ.get("CI") and not unavailable:
        pytest.fail(reason)
    pytest.skip(reason)
