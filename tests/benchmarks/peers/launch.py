"""Run a command as a child of a small process, and tell what it took; standard library only.

    python -I -S launch.py LIMIT_S REPORT COMMAND...

A child's peak memory begins with that of the process it was forked from: so this one is small, and
not the benchmark, which holds a CRM. What is still running at the limit is killed, with all that it
started. REPORT becomes ``{"code": 0, "seconds": 1.2, "peak_mb": 34.5}``; the code is null for what
had no end.
"""

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
import time

limit_s, report, *command = sys.argv[1:]
begun = time.monotonic()
with subprocess.Popen(command, start_new_session=True) as child:
    try:
        code: int | None = child.wait(float(limit_s))
    except subprocess.TimeoutExpired:
        code = None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
seconds = time.monotonic() - begun
peak_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
with open(report, "w", encoding="utf-8") as file:  # noqa: PTH123 as small as can be
    json.dump({"code": code, "seconds": seconds, "peak_mb": peak_mb}, file)
