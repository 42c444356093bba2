"""pty_run.py COMMAND...: run it on a terminal of its own, print what it wrote there, end as it ended."""
import os
import pty
import sys

written = bytearray()

child, descriptor = pty.fork()
if child == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
while True:
    try:
        data = os.read(descriptor, 65536)
    except OSError:  # the other side is closed
        break
    if not data:
        break
    written.extend(data)
status = os.waitpid(child, 0)[1]
sys.stdout.buffer.write(bytes(written).replace(b"\r\n", b"\n"))
sys.exit(os.waitstatus_to_exitcode(status))
