"""The process of one run: papermill executes the notebook in FOLDER/run, and an outcome is left beside it.

Started by `run_one` as `python -m flask_magic.workshop.execute FOLDER`. It ends, with all that it has started, when
its standard input ends: so nothing outlives whoever waited for it, not even after a `kill -9`.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from flask_magic.workshop.reap import PATIENCE, adopt_orphans, reap
from flask_magic.workshop.room import TOKEN

__all__ = ["JOB", "NOTEBOOK", "OUTCOME", "main"]

JOB = "job.json"
NOTEBOOK = "notebook.ipynb"
OUTCOME = "outcome.json"


def main(folder: Path) -> None:
    """Run the job in `folder`."""
    adopt_orphans()
    threading.Thread(target=_end_with_input, args=(folder,), daemon=True).start()
    run = folder / "run"
    job = json.loads((run / JOB).read_text(encoding="utf-8"))
    _limit_memory(job["memory"])
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("traitlets").setLevel(logging.WARNING)
    # A grammar that jsonschema compiles when it is imported, to check URIs that no notebook has: half a second.
    sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]
    outcome = _outcome(job, run)
    (run / f"{OUTCOME}.part").write_text(json.dumps(outcome), encoding="utf-8")
    (run / f"{OUTCOME}.part").replace(run / OUTCOME)
    reap(os.environ[TOKEN], os.getpid())


def _outcome(job: dict[str, Any], run: Path) -> dict[str, Any]:
    """How it ended: a class of errors in one word (empty: none), a sentence, and whether the machine did it."""
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    from flask_magic.workshop.engine import KernelDidNotStart, execute

    try:
        execute(job, run / NOTEBOOK)
    except KernelDidNotStart as error:
        return {"error": "KernelDidNotStart", "message": f"The kernel did not start: {error}", "lost": True}
    except DeadKernelError:
        return {"error": "KernelDied", "message": "The kernel died while a cell ran.", "lost": True}
    except CellTimeoutError:
        message = f"A cell did not end within {job['execution_timeout']} seconds."
        return {"error": "CellTimeout", "message": message, "lost": False}
    except OSError as error:
        return {"error": type(error).__name__, "message": str(error), "lost": True}
    except Exception as error:
        lines = [line for line in str(error).splitlines() if line.strip("- ")]
        return {"error": type(error).__name__, "message": lines[-1] if lines else "", "lost": False}
    return {"error": "", "message": "", "lost": False}


def _limit_memory(mebibytes: int) -> None:
    """For this process and those that it starts, each. Where the system knows no such limit there is none."""
    if mebibytes and sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (mebibytes << 20,) * 2)


def _end_with_input(folder: Path) -> None:
    """When nobody waits any more: have another process end this one and all that it has started, and clean up.

    Not this process itself: its other thread may be starting a kernel just now.
    """
    while os.read(0, 1024):
        pass
    environment = {name: value for name, value in os.environ.items() if name != TOKEN}
    command = [sys.executable, "-m", "flask_magic.workshop.reap", os.environ[TOKEN], str(folder)]
    subprocess.Popen(command, env=environment, cwd="/", stdin=subprocess.DEVNULL, start_new_session=True)
    time.sleep(PATIENCE)
    os._exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
