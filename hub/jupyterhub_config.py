"""A live class: everybody in a JupyterLab of their own, on this machine. `make hub` starts it, Ctrl-C ends it.

The settings are the environment variables FLASK_CLASS_…; book/teaching.md has the list, and says what is safe.
Nothing of the hub outlives it: its database and its keys are in memory. The learners' folders stay.
"""

import asyncio
import os
import secrets
import sys
from pathlib import Path
from subprocess import DEVNULL, STDOUT

from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from jupyterhub.spawner import Spawner
from traitlets.config import get_config

from flask_magic.classroom.beginning import begin, own_folder, proxy_pid
from flask_magic.classroom.rooms import TASKS, isolated, limited
from flask_magic.classroom.settings import NAME, PREFIX, TEACHER, ClassError, Settings
from flask_magic.processes import free_port

c = get_config()
PROJECT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
COLLECTION = PROJECT / "notebooks"
PROXY = PROJECT / ".cache" / "hub" / "node_modules" / ".bin" / "configurable-http-proxy"

try:
    settings = Settings.read(os.environ)
    held = begin(settings)  # until the hub ends: this module lives on in `prepare`
except ClassError as error:
    sys.exit(f"The class cannot begin:\n{error}")
# The proxy and the learners' servers inherit this environment.
for name in [name for name in os.environ if name.startswith(PREFIX)]:
    del os.environ[name]

folder = settings.dir.absolute()


# -- who may come in
class ClassAuthenticator(SharedPasswordAuthenticator):
    """JupyterHub's own, which fails at a password that is not ASCII; it says who was refused."""

    async def authenticate(self, handler: object, data: dict[str, str]) -> dict[str, object] | None:
        """The user, or None where the password is another."""
        user = await super().authenticate(handler, data) if data["password"].isascii() else None
        if user is None:
            print(f"refused: {data['username']!a}, with a wrong password", flush=True)
        return user


c.JupyterHub.authenticator_class = ClassAuthenticator
c.SharedPasswordAuthenticator.user_password = settings.password
c.Authenticator.allow_all = True
c.Authenticator.username_pattern = NAME
if settings.teacher_password:
    c.Authenticator.admin_users = {TEACHER}
    c.SharedPasswordAuthenticator.admin_password = settings.teacher_password
c.JupyterHub.cookie_max_age_days = 1
c.JupyterHub.template_vars = {
    "announcement_login": "Your name here: a to z, digits, - and _. The password is the one your teacher told you."
}

# -- where it listens: one address for all, the rest within this machine
c.JupyterHub.bind_url = settings.url
c.JupyterHub.ssl_cert = str(settings.cert or "")
c.JupyterHub.ssl_key = str(settings.key or "")
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{free_port()}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{free_port()}"
c.ConfigurableHTTPProxy.command = [str(PROXY)]
c.ConfigurableHTTPProxy.log_level = "error"
c.ConfigurableHTTPProxy.pid_file = str(proxy_pid(settings))

# -- what is kept
c.JupyterHub.db_url = "sqlite:///:memory:"
c.JupyterHub.cookie_secret = secrets.token_bytes(32)
c.JupyterHub.log_level = "ERROR"

# -- the learners' servers
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.active_server_limit = settings.size
c.SimpleLocalProcessSpawner.home_dir_template = str(folder / "{username}")
c.Spawner.notebook_dir = str(folder / "{username}" / "work")
c.Spawner.default_url = "/lab/tree/index.ipynb"
c.Spawner.environment = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "SHELL": "/bin/sh"}
c.Spawner.start_timeout = c.Spawner.http_timeout = 180
c.Spawner.args = [
    f"--ServerApp.shutdown_no_activity_timeout={settings.idle * 60}",
    f"--MappingKernelManager.cull_idle_timeout={settings.idle * 60}",
    "--MappingKernelManager.cull_connected=True",
    "--MappingKernelManager.cull_interval=60",
]
if settings.isolate:
    # A kernel's outputs can be read at its ports, by any program of the machine; a socket in /tmp is the room's own.
    c.Spawner.args += ["--KernelManager.transport=ipc"]
    c.Spawner.environment["JUPYTER_RUNTIME_DIR"] = "/tmp/jupyter"
if os.geteuid() == 0:
    c.Spawner.args += ["--allow-root"]


async def prepare(spawner: Spawner) -> None:
    """Lay what the learner does not have yet of the collection, and put the server into the learner's room."""
    home = folder / spawner.user.name
    home.mkdir(mode=0o700, exist_ok=True)

    def in_room(*words: str | Path) -> list[str]:
        command = limited(map(str, words), settings.memory, TASKS if settings.isolate else None)
        return isolated(command, home, COLLECTION) if settings.isolate else command

    log = (own_folder(settings) / f"{spawner.user.name}.log").open("ab")
    copy = in_room(BIN / "flask-magic", "pages", "copy", COLLECTION, home / "work")
    # In the room, too: a learner may have put a link where a page was.
    process = await asyncio.create_subprocess_exec(*copy, stdout=log, stderr=STDOUT, env=spawner.get_env())
    if await process.wait():
        raise RuntimeError(f"The collection could not be copied for {spawner.user.name}: see {log.name}")
    spawner.cmd = in_room(BIN / "jupyterhub-singleuser")
    print(f"comes in: {spawner.user.name}", flush=True)
    spawner.popen_kwargs = {"stdin": DEVNULL, "stdout": log, "stderr": STDOUT}


c.Spawner.pre_spawn_hook = prepare

print(
    f"""A live class begins at {settings.url}, in a few seconds.

Learners open this address, take a name, and log in with the class's password.
Their files stay in {settings.dir}, in a folder for each name. {
        f'Who is there is seen at {settings.url}/hub/admin, as "{TEACHER}".' if settings.teacher_password else ""
    }
Ctrl-C ends the class, and all servers with it.
""",
    flush=True,
)
