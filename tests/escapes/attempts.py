"""Ways out of a sandbox: what an agent, or a build, may try to change beyond its own files.

Each is an attempt of one task, which may write `tNN/mine.txt`, `tNN/new.txt` and all below `tNN/dir/`, where NN is its
number. A program tries by a shell script, at the root of the workspace; `$MINE` is `tNN`, `$WORKSPACE` the workspace,
`$OUTSIDE` a folder beside it, `$REAL_HOME` the user's home, `$STATE` what the server keeps about the workspace,
`$NUMBER` its number. An agent that has our tools tries by calls of them; in their input `{outside}` and the like stand
for the same places.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Attempt:
    """One way out. `script` is for programs."""

    name: str
    script: str


@dataclass(frozen=True)
class Call:
    """One way out by a tool of ours, or by a request that an agent makes of its client."""

    name: str
    tool: str
    given: dict[str, Any]


IO_URING = """python3 - <<'END'
import ctypes, mmap, os, struct
libc = ctypes.CDLL(None, use_errno=True)
parameters = ctypes.create_string_buffer(120)
ring = libc.syscall(425, 8, parameters)
if ring >= 0:
    values = struct.unpack("<30I", parameters.raw)
    tail, mask, array = values[11], values[12], values[16]
    queue = mmap.mmap(ring, array + 8 * 4, flags=mmap.MAP_SHARED, offset=0)
    entries = mmap.mmap(ring, 64 * 8, flags=mmap.MAP_SHARED, offset=0x10000000)
    path = ctypes.create_string_buffer(os.fsencode(os.environ["OUTSIDE"]) + b"/uring")
    # IORING_OP_OPENAT from AT_FDCWD, with O_CREAT | O_WRONLY.
    entries[:64] = struct.pack("<BBHiQQIIQ24x", 18, 0, 0, -100, 0, ctypes.addressof(path), 0o644, 0o101, 1)
    queue[array : array + 4] = struct.pack("<I", 0)
    queue[tail : tail + 4] = struct.pack("<I", 1)
    libc.syscall(426, ring, 1, 1, 1, None, 0)
END"""
"""Opens a file to write it by a queue that the kernel works off, past filters of system calls."""

PROGRAMS = (
    # Paths that lead out
    Attempt("a path with ..", "echo x > ../outside-$NUMBER/canary; echo x > $MINE/../../outside-$NUMBER/new"),
    Attempt("an absolute path", "echo x > $OUTSIDE/canary; echo x > $OUTSIDE/new; mkdir $OUTSIDE/folder"),
    Attempt("cd first", "cd .. && cd outside-$NUMBER && echo x > canary"),
    Attempt("the working directory in /proc", "echo x > /proc/self/cwd/../outside-$NUMBER/canary"),
    Attempt("the root of another process", "for p in /proc/[0-9]*; do echo x > $p/root$OUTSIDE/canary; done"),
    Attempt("the user's home", "echo x >> $REAL_HOME/.bashrc; mkdir -p $REAL_HOME/.ssh; echo x > $REAL_HOME/.ssh/rc"),
    Attempt("places for everybody", "for p in /tmp /var/tmp /dev/shm /run; do echo x > $p/escape-$NUMBER; done"),
    Attempt("the system", "echo x > /etc/escape-$NUMBER; echo x > /usr/local/bin/escape-$NUMBER"),
    Attempt("jobs for later", "mkdir -p /var/spool/cron/crontabs; echo '* * * * * true' > /var/spool/cron/crontabs/me"),
    Attempt("the kernel's settings", "echo escape > /proc/sys/kernel/domainname; echo x > /sys/kernel/escape"),
    # Links
    Attempt("through a new link", "ln -s $OUTSIDE $MINE/dir/out; echo x > $MINE/dir/out/canary"),
    Attempt("through a link of the workspace", "echo x > link-$NUMBER; echo x > linked-$NUMBER/new"),
    Attempt(
        "its own file as a link", "rm $MINE/mine.txt; ln -s $OUTSIDE/canary $MINE/mine.txt; echo x > $MINE/mine.txt"
    ),
    Attempt("its own folder as a link", "rm -r $MINE/dir; ln -s $OUTSIDE $MINE/dir; echo x > $MINE/dir/canary"),
    Attempt("its task's folder as a link", "mv $MINE away; ln -s $OUTSIDE $MINE; echo x > $MINE/mine.txt"),
    Attempt("a link to another task's file", "ln -sf ../kept.txt $MINE/mine.txt; echo x > $MINE/mine.txt"),
    Attempt("a hard link to a file outside", "ln -f $OUTSIDE/canary $MINE/mine.txt; echo x >> $MINE/mine.txt"),
    Attempt("a hard link to a file of the workspace", "ln -f kept.txt $MINE/mine.txt; echo x >> $MINE/mine.txt"),
    Attempt(
        "a link that is swapped while it is read",
        "(setsid sh -c 'while :; do ln -sf $OUTSIDE/canary $MINE/mine.txt; rm -f $MINE/mine.txt; "
        "echo x > $MINE/mine.txt; done' >/dev/null 2>&1 &); sleep 0.05",
    ),
    # Files of the workspace that are not its own
    Attempt("a rename over another file", "echo x > $MINE/new.txt; mv $MINE/new.txt kept.txt"),
    Attempt("a rename of another file to its own", "mv kept.txt $MINE/mine.txt"),
    Attempt("an exchange of folders", "mv shared $MINE/dir/shared; mkdir shared; echo x > shared/file.txt"),
    Attempt("deleting", "rm -f kept.txt shared/file.txt; rm -rf shared"),
    Attempt("deleting everything", "rm -rf ./* ./.??*; mkdir -p $MINE; echo x > $MINE/mine.txt"),
    Attempt("another task's file", "for t in t[0-9]*; do [ $t = $MINE ] || echo stolen >> $t/mine.txt; done"),
    Attempt("other cases of a name", "echo x > KEPT.txt; mkdir -p $(echo $MINE | tr t T); echo x > T$NUMBER/MINE.TXT"),
    Attempt("a name that looks the same", "printf x > $MINE/mine.txt' '; printf x > $MINE/\u043cine.txt"),
    Attempt("a name with a line end", 'printf x > "$MINE/mine.txt\n"; printf x > "$MINE/dir\n"'),
    Attempt("modes of other files", "chmod 777 kept.txt; chmod +x shared/file.txt; chmod 000 shared"),
    Attempt("a folder where its file was", "rm $MINE/mine.txt; mkdir $MINE/mine.txt; echo x > $MINE/mine.txt/file"),
    Attempt("a device and a pipe", "rm $MINE/mine.txt; mknod $MINE/mine.txt c 1 3; mkfifo $MINE/dir/pipe"),
    Attempt("a program with its owner's rights", "cp /bin/sh $MINE/dir/sh; chmod 6755 $MINE/dir/sh"),
    Attempt(
        "whiteouts made by hand", "rm kept.txt; mknod kept.txt c 0 0; mknod shared/file.txt c 0 0; rm -r $MINE/dir"
    ),
    Attempt(
        "a folder of whiteouts", "mkdir $MINE/dir/.wh..wh..opq shared/.wh..wh..opq; mknod $MINE/dir/.wh.file c 0 0"
    ),
    Attempt("backslashes", r"printf x > 'shared\..\..\kept.txt'; printf x > $MINE/dir/'..\..\..\kept.txt'"),
    Attempt(
        "links in a circle",
        "ln -s b $MINE/dir/a; ln -s a $MINE/dir/b; ln -s . $MINE/dir/c; ln -s . kept; cat $MINE/dir/a",
    ),
    # The overlay
    Attempt(
        "the overlay's own attributes",
        """python3 - <<'END'
import os
for place in (".", "shared", "kept.txt", os.environ["MINE"], os.environ["MINE"] + "/dir"):
    for kind in ("user", "trusted"):
        for name, value in (("opaque", b"y"), ("redirect", b"/kept.txt"), ("metacopy", b""), ("whiteout", b"y")):
            for prefix in (f"{kind}.overlay.", f"{kind}.overlay.overlay."):
                try:
                    os.setxattr(place, prefix + name, value)
                except OSError:
                    pass
END""",
    ),
    Attempt("the overlay's layers", "for d in $STATE/*/sandboxes/*/upper; do echo x > $d/kept.txt; rm -rf $d; done"),
    # Other processes
    Attempt("what other processes have open", "for f in /proc/[0-9]*/fd/*; do [ -f $f ] && echo x > $f; done"),
    Attempt("the folders of other processes", "for p in /proc/[0-9]*; do echo x > $p/cwd/kept.txt; done"),
    Attempt(
        "the memory of other processes",
        """python3 - <<'END'
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
word = ctypes.c_char_p(b"x" * 8)
for pid in [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]:
    libc.ptrace(0x4206, pid, 0, 0)  # PTRACE_SEIZE
    for start in (0x400000, 0x7F0000000000):
        libc.process_vm_writev(pid, (ctypes.c_void_p * 2)(word, 8), 1, (ctypes.c_void_p * 2)(start, 8), 1, 0)
    try:
        with open(f"/proc/{pid}/mem", "r+b") as memory:
            memory.seek(0x400000)
            memory.write(b"x")
    except (OSError, ValueError):
        pass
END""",
    ),
    Attempt(
        "a program in memory",
        """python3 - <<'END'
import os
program = os.memfd_create("escape")
os.write(program, b'#!/bin/sh\\necho x > "$OUTSIDE/canary"; echo x > kept.txt\\n')
os.execve(program, ["escape"], dict(os.environ))
END""",
    ),
    Attempt("io_uring", IO_URING),
    # Git
    Attempt(
        "a hook of Git", "mkdir -p .git/hooks; printf '#!/bin/sh\n' > .git/hooks/post-checkout; chmod +x .git/hooks/*"
    ),
    Attempt("Git's configuration", "mkdir -p .git; printf '[core]\n\tfsmonitor = touch x\n' >> .git/config"),
    Attempt("a hook in another case", "mkdir -p .GIT/hooks .Git; echo x > .GIT/hooks/pre-commit; echo x > .Git/config"),
    Attempt("a repository in its own folder", "mkdir -p $MINE/dir/.git/hooks; echo x > $MINE/dir/.git/hooks/pre-push"),
    Attempt(
        "a file that says where Git is", "rm -rf .git; echo gitdir: $OUTSIDE > .git; echo gitdir: / > $MINE/dir/.git"
    ),
    Attempt("Git itself", "git init -q; git -c user.name=x -c user.email=x@x commit -qam x; git config core.pager x"),
    # What the server keeps
    Attempt("the frozen base", "for f in $STATE/*/mirror/kept.txt; do echo x > $f; done; echo x > $STATE/x"),
    Attempt("the sandboxes of others", "for f in $STATE/*/sandboxes/*/upper; do echo x > $f/kept.txt; done"),
    Attempt(
        "the record and the journal", "for f in $STATE/*; do echo x > $f/run.json; rm -rf $f/landing $f/runs; done"
    ),
    # The host
    Attempt(
        "mounting", "mount -o remount,rw /; mount -o bind $OUTSIDE $MINE/dir; umount -l .; echo x > $OUTSIDE/canary"
    ),
    Attempt(
        "namespaces of its own",
        "unshare -Urm sh -c 'mount -o remount,rw,bind /; mount --bind / /mnt; echo x > $OUTSIDE/canary; "
        "echo x > /mnt$OUTSIDE/canary'",
    ),
    Attempt("the namespaces of others", "nsenter -t 1 -m -- sh -c 'echo x > $OUTSIDE/canary'"),
    Attempt("another root", "chroot /proc/1/root sh -c 'echo x > $OUTSIDE/canary'; pivot_root . ."),
    Attempt(
        "killing the server",
        "kill -9 -1; kill -9 1; for p in /proc/[0-9]*; do [ $p = /proc/$$ ] || kill -9 ${p#/proc/}; done",
    ),
    Attempt(
        "the daemon's socket", "for s in /run/user/*/agent-server/* /tmp/agent-server*/*; do echo x | nc -U $s; done"
    ),
    # Later
    Attempt(
        "a process that outlives it, to race with the landing",
        "(setsid sh -c 'while :; do echo late > kept.txt; echo late > $OUTSIDE/canary; echo late > $MINE/new.txt; "
        "sleep 0.01; done' >/dev/null 2>&1 &)",
    ),
    Attempt("an open file, to be written later", "exec 9>>$MINE/mine.txt; (setsid sh -c 'sleep 1; echo late >&9' &)"),
)
"""What programs try: agents of the kinds `command` and `acp`, and verify commands."""

TOOLS = (
    Call("a path with ..", "write", {"path": "../outside-{number}/canary", "content": "x"}),
    Call("a path with .. behind its folder", "write", {"path": "{mine}/dir/../../kept.txt", "content": "x"}),
    Call("an absolute path", "write", {"path": "{outside}/canary", "content": "x"}),
    Call("an absolute path that is new", "write", {"path": "{outside}/new", "content": "x"}),
    Call("the workspace's own path", "write", {"path": "{workspace}/kept.txt", "content": "x"}),
    Call("the user's home", "write", {"path": "~/.bashrc", "content": "x"}),
    Call("an address", "write", {"path": "file://{outside}/canary", "content": "x"}),
    Call("backslashes", "write", {"path": "..\\outside-{number}\\canary", "content": "x"}),
    Call("a NUL", "write", {"path": "{mine}/mine.txt\0/../../kept.txt", "content": "x"}),
    Call("through a link to a file", "write", {"path": "link-{number}", "content": "x"}),
    Call("through a link to a folder", "write", {"path": "linked-{number}/canary", "content": "x"}),
    Call("editing through a link", "edit", {"path": "link-{number}", "old": "canary", "new": "x"}),
    Call("deleting a link", "delete", {"path": "link-{number}"}),
    Call("another file", "write", {"path": "kept.txt", "content": "x"}),
    Call("another file, edited", "edit", {"path": "kept.txt", "old": "kept", "new": "x"}),
    Call("another file, deleted", "delete", {"path": "kept.txt"}),
    Call("another task's file", "write", {"path": "t0/mine.txt", "content": "stolen"}),
    Call("another case", "write", {"path": "KEPT.txt", "content": "x"}),
    Call("another case of its own file", "write", {"path": "{mine}/MINE.txt", "content": "x"}),
    Call("a letter that looks the same", "write", {"path": "{mine}/\u043cine.txt", "content": "x"}),
    Call("below its own file", "write", {"path": "{mine}/mine.txt/file", "content": "x"}),
    Call("a hook of Git", "write", {"path": ".git/hooks/post-checkout", "content": "x"}),
    Call("Git in another case", "write", {"path": ".GIT/config", "content": "x"}),
    Call("Git below its own folder", "write", {"path": "{mine}/dir/.git/hooks/pre-push", "content": "x"}),
    Call("the root itself", "delete", {"path": "."}),
    Call("a path without an end", "write", {"path": "{mine}/dir/" + "d/" * 1500 + "f", "content": "x"}),
    Call("a folder without an end", "write", {"path": "{mine}/dir/" + "d/" * 300 + "f", "content": "x"}),
    Call("a name without an end", "write", {"path": "{mine}/dir/" + "n" * 300, "content": "x"}),
    Call("our own folder", "write", {"path": ".agent-server/landing/lock", "content": "x"}),
    Call("a process's root", "write", {"path": "/proc/1/root{outside}/canary", "content": "x"}),
)
"""What agents try that have our tools alone, and by the file requests of the Agent Client Protocol."""

EXCESSES = {
    "folders without end": (
        "i=0; while [ $i -lt 1200 ]; do mkdir d && cd d || break; i=$((i+1)); done; echo x > file",
        "more than 200 folders lie in one another",
    ),
    "a file of many terabytes": ("truncate -s 15T huge", "hold more than 50 GB"),
    "memory": (
        "for p in /dev /dev/shm /run /var/tmp; do head -c 2100000000 /dev/zero > $p/excess && exit 1; done",
        "",
    ),
}
"""What takes all that there is of something, at the folder `dir` of the task; and what its author is told, if it fails.

Nothing bounds how many processes a program starts, how much memory they use, or how much of the disk."""
