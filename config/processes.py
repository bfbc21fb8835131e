"""Child processes that do not outlive whoever started them, and servers that refuse to run as root."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from pathlib import Path

from config.log_files import keep_small

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 47, 2
CLONE_NEWUSER = 0x10000000
CAP_DAC_OVERRIDE = 1
LINUX_CAPABILITY_VERSION_3 = 0x20080522
NOBODY = 65534

_libc = ctypes.CDLL(None, use_errno=True)


class ServiceError(Exception):
    """Something a person can act upon: shown as one sentence, without a traceback."""


class Identity(Enum):
    """Whom a server that refuses to run as root believes to be."""

    SELF = "an ordinary user stays who they are"
    NAMESPACE = "root is shown as nobody inside a user namespace; on disk the files remain root's"
    NOBODY = "where namespaces are forbidden root becomes nobody, keeping the right to open root's folders"

    @property
    def owner(self) -> int:
        """The user to whom the server's files belong on disk."""
        return NOBODY if self is Identity.NOBODY else os.geteuid()


def _checked(result: int) -> None:
    if result != 0:
        errno = ctypes.get_errno()
        raise OSError(errno, os.strerror(errno))


def _enter_user_namespace() -> None:
    uid, gid = os.geteuid(), os.getegid()
    _checked(_libc.unshare(CLONE_NEWUSER))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")


def _become_nobody() -> None:
    _checked(_libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    mask = 1 << CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(LINUX_CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)  # effective, permitted, inheritable
    _checked(_libc.capset(header, sets))
    _checked(_libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0))


_ENTRY: dict[Identity, Callable[[], None]] = {
    Identity.SELF: lambda: None,
    Identity.NAMESPACE: _enter_user_namespace,
    Identity.NOBODY: _become_nobody,
}


def unprivileged_identity(program: Path) -> Identity:
    """Find out under which identity this machine lets `program` run without being root."""
    if os.geteuid() != 0:
        return Identity.SELF
    for identity in (Identity.NAMESPACE, Identity.NOBODY):
        try:
            subprocess.run(
                [program, "--version"], preexec_fn=_ENTRY[identity], check=True, capture_output=True
            )
        except (subprocess.SubprocessError, OSError):
            continue
        return identity
    raise ServiceError(
        "PostgreSQL refuses to run as root and this machine lets root neither open a user namespace nor "
        "change user. Run the command as an ordinary user."
    )


def bound_to_parent(death_signal: signal.Signals, identity: Identity = Identity.SELF) -> Callable[[], None]:
    """Return what a child does before it becomes the program: take the identity, and die with its parent."""
    parent = os.getpid()

    def prepare() -> None:
        for inherited in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
            signal.signal(inherited, signal.SIG_DFL)  # a shell's background job ignores some of them
        _ENTRY[identity]()
        end_with_parent(death_signal)
        if os.getppid() != parent:
            os._exit(1)

    return prepare


def end_with_parent(death_signal: signal.Signals) -> None:
    """Ask the kernel (Linux) to signal this process when its parent is gone, however that came about."""
    if sys.platform == "linux":
        _checked(_libc.prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0))


class Child:
    """One supervised process with its log file and the signal that asks it to end."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        death_signal: signal.Signals | None = None,
        identity: Identity = Identity.SELF,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.name, self.command, self.log = name, command, log
        self.stop_signal, self.death_signal = stop_signal, death_signal or stop_signal
        self.identity, self.env, self.cwd = identity, env, cwd
        self.process: subprocess.Popen[bytes] | None = None
        self.started: list[float] = []

    def start(self) -> None:
        """Start the program in a process group of its own, out of reach of the terminal's Ctrl-C."""
        self._end_left_over()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.keep_log_small()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                list(self.command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=None if self.env is None else dict(self.env),
                cwd=self.cwd,
                process_group=0,
                preexec_fn=bound_to_parent(self.death_signal, self.identity),
            )
        self.started.append(time.monotonic())

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def keep_log_small(self) -> None:
        keep_small(self.log)

    def refuse_if_it_keeps_ending(self, *, at_most: int = 5, within: float = 60.0) -> None:
        """Before starting again: a program that ends time after time needs a person."""
        recent = [moment for moment in self.started if moment > time.monotonic() - within]
        if len(recent) > at_most:
            raise ServiceError(f"{self.name} keeps ending; {self.log} says:\n{self.last_words()}")

    def last_words(self, lines: int = 8) -> str:
        """The end of the log, for a message that says why."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self, patience: float = 20.0) -> None:
        """Ask the process to end, and insist on it and whatever it started when it does not."""
        if self.process is not None and self.is_running():
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._end_left_over()

    def _end_left_over(self) -> None:
        """End what the program had started and left behind, as a killed one does."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process = None
