"""The grader's two processes as forks of one that has everything imported: unconfined, and there at once."""

import os
import socket
import subprocess
import sys

from gossipkit.grading import wire
from gossipkit.grading.sandbox import Stopped

# `judge` is remembered: the same evidence is looked at many times, always with the same result
PARENT = """
import functools, importlib, os, signal, socket, sys, tempfile
import gossipkit.grading.checker, gossipkit.grading.student, gossipkit.reading
from gossipkit.systems.consul import experiments
from gossipkit.systems.cassandra import experiments
from gossipkit.systems.dynamo import experiments
gossipkit.reading.judge = functools.cache(gossipkit.reading.judge)
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
asked = socket.socket(fileno=int(sys.argv[1]))
while True:
    module, ends, *_ = socket.recv_fds(asked, 200, 2)
    if not module:
        break
    if os.fork() == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        asked.close()
        for number, end in enumerate(ends):
            os.dup2(end, number)
            os.close(end)
        if module.endswith(b".checker"):
            del os.fork  # tests run in the process itself then, and it remembers what was judged
        with tempfile.TemporaryDirectory() as home:
            os.chdir(home)
            os.environ["HOME"] = home
            importlib.import_module(module.decode()).main()
        os._exit(0)
    for end in ends:
        os.close(end)
"""


class Parent:
    """Starts processes for a `Run`. The judging one is kept from run to run, as it keeps nothing of a test itself."""

    def __init__(self):
        self._ask, theirs = socket.socketpair()
        self._process = subprocess.Popen(
            [sys.executable, "-c", PARENT, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stderr=subprocess.DEVNULL,
        )
        theirs.close()
        self._checker = None

    def start(self, module):
        """A process of a module, as `Confined` is one."""
        if not module.endswith(".checker"):
            return Forked(self._ask, module)
        if self._checker is None or self._checker.verdict:
            self._checker = Forked(self._ask, module)
        return Kept(self._checker)

    def close(self):
        if self._checker is not None:
            self._checker.stop()
        self._ask.close()
        self._process.wait()


class Forked:
    def __init__(self, ask, module):
        (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
        socket.send_fds(ask, [module.encode()], [theirs_in, theirs_out])
        os.close(theirs_in)
        os.close(theirs_out)
        self._out, self._in, self.verdict = os.fdopen(ours_out, "wb"), os.fdopen(ours_in, "rb"), ""
        wire.read(self._in)

    def ask(self, message, within=None):
        try:
            wire.write(self._out, message)
            return wire.read(self._in)
        except (EOFError, OSError, ValueError):
            self.stop("ended the process that it ran in")
            raise Stopped(self.verdict) from None

    def stop(self, verdict=""):
        self.verdict = self.verdict or verdict or "was stopped"
        for stream in (self._out, self._in):
            try:
                stream.close()
            except OSError:
                continue


class Kept:
    def __init__(self, process):
        self._process = process
        self.ask = process.ask

    def stop(self, verdict=""):
        """Nothing: the next run has it."""
