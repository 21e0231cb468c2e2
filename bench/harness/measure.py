#!/usr/bin/env python3
"""Runs one command and reports what it used: measure.py [--wait] COMMAND...

Reports are JSON lines on descriptor 3: "waiting", "started" (process id and both clocks) and "ended" (wall time, CPU
time of all threads and reaped children, peak memory). Standard input is the leash: `go` starts a waiting command,
`stop` asks it to end, `kill` ends it, and so does the end of input, so nothing outlives the benchmark.
"""
import ctypes
import json
import os
import select
import signal
import sys
import time

SAMPLE_MS = 200
GRACE_SECONDS = 15
REPORTS = 3
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def report(**fields):
    os.write(REPORTS, (json.dumps(fields) + "\n").encode())


def start(command, libc):
    clocks = {"monotonic": time.monotonic(), "unix": time.time()}
    pid = os.fork()
    if pid == 0:
        try:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            os.setsid()
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.execvp(command[0], command)
        except OSError as error:
            sys.stderr.write(f"{command[0]}: {error}\n")
        os._exit(127)
    report(event="started", pid=pid, **clocks)
    return pid, clocks["monotonic"]


def anonymous_kib(pid):
    try:
        with open(f"/proc/{pid}/status") as status:
            for line in status:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1])
    except OSError:
        pass
    return 0


def end(pid, sign):
    try:
        os.killpg(pid, sign)
    except ProcessLookupError:
        pass


def end_group(pid):
    """Kills what the command left in its process group and waits until it is gone: a killed process dies a moment later."""
    end(pid, signal.SIGKILL)
    try:
        while True:
            os.waitpid(-pid, 0)
    except ChildProcessError:
        pass


def read_orders():
    """The orders that have arrived on standard input; its end is the order to kill."""
    text = os.read(0, 4096).decode()
    return text.split() if text else ["kill"]


def main():
    arguments = sys.argv[1:]
    waits = arguments[0] == "--wait"
    command = arguments[1:] if waits else arguments
    libc = ctypes.CDLL(None)
    # Orphans of the command become children of this process, so that it can wait for them.
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)
    os.set_inheritable(REPORTS, False)
    if waits:
        report(event="waiting")
        if "go" not in read_orders():
            return
    pid, started = start(command, libc)
    exited = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(0, select.POLLIN)
    poll.register(exited, select.POLLIN)
    anonymous, deadline = 0, None
    while True:
        ready = [fd for fd, _ in poll.poll(SAMPLE_MS)]
        anonymous = max(anonymous, anonymous_kib(pid))
        if exited in ready:
            break
        if 0 in ready:
            for order in read_orders():
                if order == "stop":
                    end(pid, signal.SIGTERM)
                    deadline = time.monotonic() + GRACE_SECONDS
                elif order == "kill":
                    end(pid, signal.SIGKILL)
                    poll.unregister(0)
                    break
        if deadline is not None and time.monotonic() > deadline:
            end(pid, signal.SIGKILL)
            deadline = None
    ended = time.monotonic()
    _, status, usage = os.wait4(pid, 0)
    end_group(pid)
    report(
        event="ended",
        exitCode=os.waitstatus_to_exitcode(status),
        monotonic=ended,
        wallSeconds=ended - started,
        cpuSeconds=usage.ru_utime + usage.ru_stime,
        peakRssKiB=usage.ru_maxrss,
        peakAnonymousKiB=anonymous,
    )


main()
