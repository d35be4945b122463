"""The pages of the site as a visitor loads them: Lighthouse's score, and the weight of what is loaded."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import statistics
import subprocess
import tempfile
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from live import ROOT, built  # makes the tests' modules importable
from npm import fetched
from static_server import Quiet, serve

PAGES = {
    "the landing page": "book/intro.html",
    "a topic's page": "notebooks/02-routing/02-variable-rules.html",
}
RUNS = 3
KINDS = ("text/", "application/json", "application/javascript", "image/svg+xml")
FLAGS = "--headless=new --no-sandbox --disable-gpu"


class _Compressing(Quiet):
    """Compresses text, as web hosts do."""

    def send_head(self) -> BinaryIO | None:  # type: ignore[override]
        path = Path(self.translate_path(self.path))
        kind = self.guess_type(path)
        if not path.is_file() or not kind.startswith(KINDS):
            return super().send_head()
        body = gzip.compress(path.read_bytes())
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return BytesIO(body)


def measure_site() -> list[str]:
    """Scores and weights of a landing page and of a topic's page, on a phone and on a desk, as Lighthouse has them."""
    lighthouse = fetched("lighthouse", ROOT / "bench") / "lighthouse" / "cli" / "index.js"
    rows = []
    with tempfile.TemporaryDirectory() as place, serve(built(Path(place) / "clone")[0], _Compressing) as home:
        for name, address in PAGES.items():
            for reader in ("mobile", "desktop"):
                told = [_judge(lighthouse, f"{home}/{address}", reader) for _ in range(RUNS)]
                score, weight, paint = (statistics.median(column) for column in zip(*told, strict=True))
                device = {"mobile": "a slow phone", "desktop": "a desk"}[reader]
                rows.append(f"| {name}, {device} | {score:.2f} | {weight / 1e3:.0f} kB | {paint / 1e3:.1f} s |")
    return [
        "## A page as a visitor loads it",
        "",
        f"By Lighthouse (performance, median of {RUNS}), from a static server on this machine that compresses, before",
        "anything is run. The slow phone is Lighthouse's own: 1.6 Mbit/s, and a quarter of this machine's speed.",
        "",
        "| | score | loaded | largest text shown after |",
        "|---|---:|---:|---:|",
        *rows,
    ]


def _judge(lighthouse: Path, url: str, reader: str) -> tuple[float, float, float]:
    """The score, the bytes that were sent, and the milliseconds of the largest contentful paint."""
    command = ["node", str(lighthouse), url, "--quiet", "--output=json", "--only-categories=performance"]
    command += [f"--chrome-flags={FLAGS}", "--no-enable-error-reporting"]
    command += ["--preset=desktop"] if reader == "desktop" else []
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("The benchmark of the site needs chromium on PATH.")
    environment = {**os.environ, "CHROME_PATH": chromium}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"Lighthouse failed:\n{done.stderr[-3000:]}")
    told = json.loads(done.stdout)
    audits = told["audits"]
    return (
        told["categories"]["performance"]["score"],
        audits["total-byte-weight"]["numericValue"],
        audits["largest-contentful-paint"]["numericValue"],
    )
