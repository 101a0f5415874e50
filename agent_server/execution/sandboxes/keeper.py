"""The keeper: a process that starts programs for the server, and outlives it just long enough to end them.

Whoever starts a program cannot end it any more when it is killed itself; and a program that makes a session of its own
and lets its parent end (a daemon) belongs to nobody. So programs are started by this process. It is their nearest
ancestor that adopts orphans (Linux: a child subreaper), so all that they start stays below it, whatever it does to its
session, its folder and its environment. It is forked once for each program, and that fork kills all that is below it
when the program ends, when the server asks for it, and when the server is gone, which it sees by the end of its socket.

Run as a script by `keeping.py`, with an interpreter that imports neither our packages nor the user's. On standard input
it has a socket: each byte that comes there brings descriptors, which are a channel, the program's standard input,
output and error, and those to pass on to it as 3, 4 and so on. On the channel come a line with two numbers, of bytes
and of words, and then those bytes: the folder to run in, so many words of a command line, and the environment as
`NAME=VALUE`, all with a NUL between. Back go two lines: the program's process id, or `!` and the number of the error
that kept it from starting; and, when it has ended with all that it started, how: its exit status, or minus the number
of the signal.

It imports as little as can be, for it is in the way of every start, and its memory is copied at every fork.
"""

import ctypes
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress

_MOST_DESCRIPTORS = 8
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_NO_NEW_PRIVS = 38
# Landlock's system calls, and what its sixth version can part (abstract sockets, signals) without touching files.
_LANDLOCK_CREATE_RULESET, _LANDLOCK_RESTRICT_SELF = 444, 446
_SCOPED = 1 | 2
_IS_LINUX = sys.platform == "linux"
# How long to wait before looking again whether what was killed is gone, in seconds.
_PAUSE = 0.002
# Signals that Python ignores, which programs expect to find as they are by default.
_DEFAULTS = (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD)


def main() -> None:
    """Start what is asked for until the server is gone, then end all of it."""
    _adopt_orphans()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the forks
    control = socket.socket(fileno=os.dup(0))
    while True:
        asked, descriptors, _, _ = socket.recv_fds(control, 1, _MOST_DESCRIPTORS)
        if not asked:
            break
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        if os.fork() == 0:
            control.close()
            os.close(0)
            _keep(descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
    _end_all(_Children())
    os._exit(0)


def _keep(descriptors: Sequence[int]) -> None:
    """Run one program, and end all that is left of it when it ends, or when the server wants it or is gone."""
    _adopt_orphans()
    channel = socket.socket(fileno=descriptors[0])
    signalled, woken = os.pipe()
    os.set_blocking(woken, False)
    signal.set_wakeup_fd(woken)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    children = _Children(_started(channel, descriptors[1:]))
    for descriptor in descriptors[1:]:
        os.close(descriptor)
    while children.status is None:
        ready, _, _ = select.select([channel.fileno(), signalled], [], [])
        if channel.fileno() in ready:
            break
        os.read(signalled, 64)
        children.reap()
    _end_all(children)
    with suppress(OSError):
        channel.sendall(b"%d\n" % (-signal.SIGKILL if children.status is None else children.status))
    os._exit(0)


class _Children:
    """The children of this process: the program that it keeps, and the orphans that it adopted."""

    def __init__(self, program: int | None = None) -> None:
        """`program` is the process id of the one whose `status` is kept; that is None while it runs."""
        self.program = program
        self.status: int | None = None

    def reap(self) -> bool:
        """Take note of all that have ended; whether any are left."""
        try:
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self.program:
                    self.status = os.waitstatus_to_exitcode(ended[1])
        except ChildProcessError:
            return False
        return True


def _started(channel: socket.socket, descriptors: Sequence[int]) -> int:
    """Start what the channel says, and tell it how that went. Ends this process where nothing was started."""
    with channel.makefile("rb") as reading:
        length, words = map(int, reading.readline().split() or (1, 0))
        wanted = reading.read(length)
    if len(wanted) < length:
        os._exit(1)  # the server is gone in the middle of a word
    failure, failed = os.pipe()  # both are closed by a program that starts
    pid = os.fork()
    if pid == 0:
        try:
            _become(wanted.split(b"\0"), words, descriptors)
        except OSError as error:
            os.write(failed, b"%d" % (error.errno or 0))
        os._exit(127)
    os.close(failed)
    problem = os.read(failure, 16)
    os.close(failure)
    with suppress(OSError):
        channel.sendall(b"!%s\n" % problem if problem else b"%d\n" % pid)
    if problem:
        os._exit(1)
    return pid


def _become(wanted: list[bytes], words: int, descriptors: Sequence[int]) -> None:
    """Become the program. `descriptors` are what it has as 0, 1, 2 and so on. Raises `OSError`."""
    for each in _DEFAULTS:
        signal.signal(each, signal.SIG_DFL)
    os.setsid()
    os.chdir(wanted[0])
    # First out of the way of the numbers that they are to have.
    for number, descriptor in enumerate([_moved(descriptor, 64) for descriptor in descriptors]):
        os.dup2(descriptor, number)
    _part_from_others()
    command, environ = wanted[1 : words + 1], dict(each.split(b"=", 1) for each in wanted[words + 1 :])
    os.execvpe(command[0], command, environ)  # noqa: S606  # that is what this is for


def _part_from_others() -> None:
    """From now on nobody else can be reached by an abstract socket, whatever the network, nor by a signal.

    An abstract socket has no file that a sandbox could hide: a desktop listens there, or a service that starts
    programs. Kernels before Linux 6.12 cannot do this; all else holds there.
    """
    if _IS_LINUX:
        libc = ctypes.CDLL(None)
        wanted = (ctypes.c_uint64 * 3)(0, 0, _SCOPED)
        rules = libc.syscall(_LANDLOCK_CREATE_RULESET, wanted, ctypes.sizeof(wanted), 0)
        if rules >= 0:
            libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            libc.syscall(_LANDLOCK_RESTRICT_SELF, rules, 0)
            os.close(rules)


def _moved(descriptor: int, least: int) -> int:
    """A duplicate with a number that is not below `least`, and that a program does not inherit."""
    import fcntl  # noqa: PLC0415  # in the process that becomes the program alone

    return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, least)


def _adopt_orphans() -> None:
    if _IS_LINUX:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _end_all(children: _Children) -> None:
    """Kill all processes below this one until there are none, also such as are being started meanwhile.

    Who adopts orphans and has no children has nobody below it. What may not be killed, for it runs as somebody else by
    now, is left.
    """
    if not _IS_LINUX and children.program is not None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(children.program, signal.SIGKILL)
    while children.reap():
        found = list(_below(os.getpid()))
        if found and not sum(map(_is_killed, found)):
            break
        time.sleep(_PAUSE)


def _is_killed(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except PermissionError:
        return False
    except ProcessLookupError:
        pass
    return True


def _below(pid: int) -> Iterator[int]:
    """The processes below `pid`, as far as the system tells; those that are just ending may hide others."""
    waiting = [pid]
    while waiting:
        for child in _children_of(waiting.pop()):
            yield child
            waiting.append(child)


def _children_of(pid: int) -> list[int]:
    try:
        with open(f"/proc/{pid}/task/{pid}/children", "rb") as file:  # noqa: PTH123  # no more imports than must be
            return [int(child) for child in file.read().split()]
    except OSError:
        return []


if __name__ == "__main__":
    main()
