"""Debian's supervisorctl, its modules imported once: a call a line on stdin, its outcome a line on stdout (both JSON).

Each call runs supervisor.supervisorctl.main in a fork of its own, so it is what /usr/bin/supervisorctl does, less the start of Python.
"""
import json
import os
import signal
import sys
import tempfile
import time

from supervisor import supervisorctl


def child(args, source, sink):
    for descriptor, stream in ((0, source), (1, sink), (2, sink)):
        os.dup2(stream.fileno(), descriptor)
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    sys.stdout = sys.stderr = open(1, "w", encoding="utf-8", buffering=1, closefd=False)
    code = 0
    try:
        supervisorctl.main(args)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    sys.stdout.flush()
    os._exit(code)


QUIET_SECONDS = 1
# What `tail -f` says by itself, before there is anything of the log.
HEADING = "==> Press Ctrl-C to exit <==\n"


def wait(pid, deadline, follows, sink):
    size, grown = 0, time.monotonic()
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if os.fstat(sink.fileno()).st_size > size:
            size, grown = os.fstat(sink.fileno()).st_size, time.monotonic()
        is_quiet = follows and size > len(HEADING) and time.monotonic() > grown + QUIET_SECONDS
        if is_quiet or time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return None
        time.sleep(0.005)


for line in sys.stdin:
    call = json.loads(line)
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as sink:
        source.write(call["input"].encode())
        source.seek(0)
        pid = os.fork()
        if pid == 0:
            child(call["args"], source, sink)
        code = wait(pid, time.monotonic() + call["seconds"], call["follows"], sink)
        sink.seek(0)
        print(json.dumps({"output": sink.read().decode(errors="replace"), "code": code}), flush=True)
