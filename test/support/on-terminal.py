"""Runs a program on a terminal of its own, types what it is told, and prints what the terminal showed, as JSON.

Reads JSON from standard input: {"argv": [...], "env": {...}, "steps": [[wait for, then type], ...], "columns": 80}
"""
import fcntl, json, os, select, signal, struct, sys, termios

PATIENCE = 60
todo = json.load(sys.stdin)
master, slave = os.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, todo["columns"], 0, 0))
reports, report = os.pipe()


def lead():
    """The leader of a session, as a shell is one: the terminal is gone when it ends."""
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    before = termios.tcgetattr(slave)
    pid = os.fork()
    if pid == 0:
        for fd in (0, 1, 2):
            os.dup2(slave, fd)
        os.execve(todo["argv"][0], todo["argv"], todo["env"])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, lambda *_: os.kill(pid, signal.SIGKILL))
    signal.alarm(PATIENCE)
    _, code = os.waitpid(pid, 0)
    after = termios.tcgetattr(slave)
    status = "signal %d" % os.WTERMSIG(code) if os.WIFSIGNALED(code) else os.WEXITSTATUS(code)
    said = {"status": status, "restored": before == after, "echoes": bool(after[3] & termios.ECHO)}
    os.write(report, json.dumps(said).encode())


leader = os.fork()
if leader == 0:
    lead()
    os._exit(0)
os.close(report)

shown, seen, steps, said = b"", 0, list(todo["steps"]), b""
while True:
    ready = select.select([master, reports], [], [], PATIENCE + 5)[0]
    if master in ready:
        shown += os.read(master, 65536)
        if steps and steps[0][0].encode() in shown[seen:]:
            wanted, typed = steps.pop(0)
            seen = shown.index(wanted.encode(), seen) + len(wanted.encode())
            os.write(master, typed.encode())
    elif reports in ready:  # what was shown has been read
        said = os.read(reports, 65536)
        break
    elif not ready:
        break
json.dump({"shown": shown.decode(errors="replace"), "left": steps, **json.loads(said or b"{}")}, sys.stdout)
