"""A fault at every system call of recording and sealing: killed before it, or the call gives EIO, ENOSPC or EINTR.

The program is traced once; then it is run again for each call of the trace and each fault, with strace injecting the
fault at that call. `run -j 1` works in one thread on one processor, so calls have one order. Afterwards nothing may be torn, what was
reported as sealed must be there, and the next `run` must record what was interrupted, complete, and train nothing twice.

    python calls.py [CASE…] [FAULT…]

Without `FAULTS=full` only some of the calls are tried.
"""

import itertools
import os
import re
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from fixture import FULL, PROGRAM, Checks, Ledger, run, spec, torn

# Of a trace in which each line names the paths behind file numbers: the call and its arguments.
LINE = re.compile(r"^(\w+)\((.*)$")

# Calls after which the disk differs: to be killed between two of them is to be killed anywhere.
CHANGES = {
    *["openat", "open", "creat", "write", "writev", "pwrite64", "pwritev", "sendfile", "copy_file_range"],
    *["fsync", "fdatasync", "sync_file_range", "syncfs", "rename", "renameat", "renameat2", "mkdir", "mkdirat"],
    *["unlink", "unlinkat", "rmdir", "link", "linkat", "symlink", "symlinkat", "ftruncate", "truncate"],
    *["fallocate", "flock", "fchmod", "chmod", "fchmodat", "utimensat"],
}
# Calls that only look.
LOOKS = {
    *["read", "pread64", "readv", "getdents64", "stat", "lstat", "fstat", "newfstatat", "statx", "access"],
    *["faccessat", "faccessat2", "readlink", "readlinkat", "lseek", "fcntl", "ioctl"],
}
# Not `close`: after a sync it has nothing to report, and the standard library takes one of a folder for sure.
# Calls that want space.
GROWS = {"openat", "write", "pwrite64", "fsync", "fdatasync", "mkdir", "mkdirat", "rename", "renameat2", "link"}
GROWS |= {"linkat", "ftruncate", "fallocate", "copy_file_range", "sendfile", "syncfs", "utimensat"}
# Calls that a signal can end early, by signal(7).
WAITS = {"openat", "read", "write", "pread64", "pwrite64", "fsync", "fdatasync", "flock", "ftruncate", "fallocate"}

FAULTS = {
    "KILL": ("signal=KILL", CHANGES),
    "EIO": ("error=EIO", CHANGES | LOOKS),
    "ENOSPC": ("error=ENOSPC", GROWS),
    "EINTR": ("error=EINTR", WAITS),
}

# The cases and faults that the command line names; all where it names none.
ASKED = set(sys.argv[1:])
ASKED_FAULTS = [fault for fault in FAULTS if fault in ASKED] or list(FAULTS)

# In a reduced run, how many calls there are for each one that is tried.
STEPS = {
    ("KILL", "attempt"): 3,
    ("EIO", "attempt"): 30,
    ("ENOSPC", "attempt"): 6,
    ("EINTR", "attempt"): 16,
    **{(fault, "lease"): 4 for fault in FAULTS},
    **{("KILL", about): 6 for about in ["annotations", "index", "state", "git"]},
    ("EIO", "git"): 100,
    ("EIO", "other"): 100,
}


@dataclass(frozen=True)
class Point:
    """The `number`th `call` of a kind, and what it is about."""

    call: str
    number: int
    about: str


def about(arguments):
    """What a call is about, by the paths in its line."""
    for part, name in [
        ("/.fairledger/tmp/", "attempt"),
        ("/runs/", "attempt"),
        ("/.fairledger/leases", "lease"),
        ("/.fairledger/index", "index"),
        ("/site", "site"),
        ("/.fairledger/", "state"),
        ("/.git", "git"),
        ("/annotations", "annotations"),
        ("/experiments", "specs"),
        ("/data/", "data"),
        ("pipe:", "terminal"),
    ]:
        if part in arguments:
            return name
    return "other"


PROCESSORS = sorted(os.sched_getaffinity(0))
TURNS = itertools.count()


def pin():
    """Keeps this thread, and every process it starts, to one processor."""
    os.sched_setaffinity(0, {PROCESSORS[next(TURNS) % len(PROCESSORS)]})


def points_of(trace):
    """The points of the busiest thread from the first look at the ledger on."""
    lines = max((path.read_text(errors="replace").splitlines() for path in trace), key=len)
    counts, points, began = Counter(), [], False
    for line in lines:
        match = LINE.match(line)
        if match:
            call, arguments = match.groups()
            counts[call] += 1
            began = began or "ledger.toml" in arguments
            if began:
                points.append(Point(call, counts[call], about(arguments)))
    return points


class Case:
    """A ledger in some state, and a command that is to change it."""

    def __init__(self, checks, name, words, ledger):
        self.checks, self.name, self.words, self.ledger = checks, name, words, ledger
        self.before = Counter(ledger.statuses().values())
        trace = checks.work / f"{name}.trace"
        trace.mkdir()
        copy = ledger.copy(checks.work / f"{name}.traced")
        done = run("strace", "-f", "-ff", "-y", "-qq", "-o", trace / "t", PROGRAM, *words, where=copy.root)
        checks.check(f"{name}: without a fault it succeeds", done.returncode == 0, done.stdout, done.stderr)
        self.points = points_of(sorted(trace.iterdir()))
        self.holds = Counter(copy.statuses().values())

    def all(self):
        """Each point with each fault that it can have; few of them when few are wanted."""
        for fault in ASKED_FAULTS:
            own = [point for point in self.points if point.call in FAULTS[fault][1]]
            for place in sorted({point.about for point in own}):
                here = [point for point in own if point.about == place]
                # What is derived is not what is recorded: one in ten will do even then.
                step = (10 if place == "site" else 1) if FULL else STEPS.get((fault, place), 40)
                # In a reduced run every kind of call has its turn all the same.
                kinds = {point.call: point for point in reversed(here)}
                for point in dict.fromkeys([*here[::step], *kinds.values()]):
                    yield fault, point

    def label(self, fault, point):
        return f"{self.name}: {fault} at {point.call} {point.number} ({point.about})"

    def judge(self, fault, point):
        """Lets the fault happen and gives what is wrong afterwards, with what became of it in a word."""
        place = self.checks.work / f"{self.name}.{fault}.{point.call}.{point.number}"
        ledger = self.ledger.copy(place)
        how = FAULTS[fault][0]
        inject = f"inject={point.call}:{how}:when={point.number}"
        log = Path(f"{place}.log")
        options = ["-f", "-o", log, "-e", f"trace={point.call}", "-e", inject]
        # Quicker, but strace 6 sends no signals then.
        options += [] if fault == "KILL" else ["--seccomp-bpf"]
        done = run("strace", *options, PROGRAM, *self.words, where=ledger.root)
        text = log.read_text(errors="replace")
        happened = "killed by SIGKILL" in text if fault == "KILL" else "(INJECTED)" in text
        log.unlink()
        wrong = list(self.judge_ending(fault, done))
        sealed = Counter(ledger.statuses().values())
        wrong += torn(ledger)
        if "\ndone small" in "\n" + done.stderr and sealed["finished"] < self.holds["finished"]:
            wrong.append("reported as sealed, and is not there")
        left = {folder.name: (folder / "metrics.jsonl") for folder in ledger.unsealed()}
        left = {name: path.read_bytes() if path.exists() else b"" for name, path in left.items()}
        wrong += self.judge_next(ledger, left, sealed)
        word = "not reached" if not happened else "complete" if sealed["finished"] >= self.holds["finished"] else "absent"
        if wrong:
            wrong = [f"kept in {place}", f"exit {done.returncode}", *wrong, done.stdout, done.stderr]
        else:
            run("rm", "-rf", place)
        return wrong, word

    def judge_ending(self, fault, done):
        """How the faulted process ended."""
        said = done.stderr
        if "panicked" in said or done.returncode in (101, 134, 139):
            yield "it panicked"
        if fault == "KILL":
            return
        if fault == "EINTR":
            if done.returncode or any(line.startswith(("error", "note", "warning")) for line in said.splitlines()):
                yield "an interrupted call shows"
        elif done.returncode:
            errors = [line for line in said.splitlines() if line.startswith("error")]
            # A run that failed or was not done is no error of the program: it has a line with its cause.
            causes = ["failed small", "not done:"]
            if not errors and not any(cause in said + done.stdout for cause in causes):
                yield "it failed without a word"
            if len(errors) > 1:
                yield f"{len(errors)} errors"

    def judge_next(self, ledger, left, sealed):
        """What the next `run` makes of what is there."""
        done = ledger.call("run", "-j", "1")
        if done.returncode:
            yield f"the next run: exit {done.returncode}\n{done.stdout}{done.stderr}"
        if sealed["finished"] >= self.holds["finished"] > 0 and "0 trained" not in done.stdout:
            yield f"trained twice: {done.stdout}"
        yield from torn(ledger)
        after = ledger.statuses()
        if Counter(after.values())["finished"] != max(1, self.before["finished"]):
            yield f"attempts afterwards: {after}"
        if ledger.unsealed():
            yield f"still unsealed: {ledger.unsealed()}"
        for folder in ledger.attempts():
            attempt = folder.name.split(".")[1]
            metrics = [bytes for name, bytes in left.items() if name.endswith(attempt)]
            whole = metrics[0][: metrics[0].rfind(b"\n") + 1] if metrics else b""
            if not (folder / "metrics.jsonl").read_bytes().startswith(whole):
                yield f"metrics of {folder.name} are lost"
        # One that had not even its record is put aside, never dropped.
        recorded = {folder.name.split(".")[1] for folder in ledger.attempts()}
        aside = {folder.name.split(".")[1] for folder in ledger.root.glob(".fairledger/lost+found/*.*")}
        for name in left:
            if name.split(".")[1] not in recorded | aside:
                yield f"{name} is nowhere"
        verified = ledger.call("verify")
        if verified.returncode:
            yield f"verify: {verified.stdout}{verified.stderr}"
        status = ledger.git("status", "--porcelain")
        if status:
            yield f"git status: {status}"
        whole = ledger.git("fsck", "--strict", "--no-dangling", "--no-progress")
        if whole:
            yield f"git fsck: {whole}"


def cases(checks):
    """The ledgers whose next command writes: a first run, one after a kill, and an annotation."""
    asked = ASKED - set(FAULTS)
    fresh = Ledger.make(checks.work / "fresh.ledger", ("quick/linear.toml", spec()))
    if not asked or "first" in asked:
        yield Case(checks, "first", ["run", "-j", "1"], fresh)
    if not asked or "recovery" in asked:
        killed = fresh.copy(checks.work / "killed.ledger")
        # Before its manifest, so that only its metrics are there.
        options = ["-e", "trace=rename", "-e", "inject=rename:signal=KILL:when=1"]
        run("strace", "-f", "-qq", "-o", "/dev/null", *options, PROGRAM, "run", "-j", "1", where=killed.root)
        checks.equal("recovery: an unsealed attempt is there", len(killed.unsealed()), 1)
        yield Case(checks, "recovery", ["run", "-j", "1"], killed)
    if not asked or "tag" in asked:
        trained = fresh.copy(checks.work / "trained.ledger")
        trained.call("run")
        yield Case(checks, "tag", ["tag", trained.json("list")[0]["id"], "colour=red"], trained)


def main():
    pin()
    checks = Checks(quick_disk=True)
    if run("strace", "-qq", "-o", "/dev/null", "-e", "inject=close:error=EIO:when=900", "true").returncode:
        print("strace cannot inject faults here; nothing is tried")
        checks.ok("skipped")
        checks.close()
    for case in cases(checks):
        outcomes, wrong = Counter(), []
        every = list(case.all())
        with ThreadPoolExecutor(len(PROCESSORS), initializer=pin) as pool:
            for (fault, point), (found, word) in zip(every, pool.map(lambda it: case.judge(*it), every)):
                outcomes[fault, word] += 1
                if found:
                    wrong.append((case.label(fault, point), found))
        for fault in ASKED_FAULTS:
            absent, complete, missed = (outcomes[fault, it] for it in ["absent", "complete", "not reached"])
            own = [label for label, _ in wrong if f": {fault} at" in label]
            words = f"{absent + complete} points, {absent} absent, {complete} complete"
            checks.check(f"{case.name}: {fault}: {words}", absent + complete and not own, f"{len(own)} went wrong")
            # Calls differ a little from one time to the next; a fault that never happens would prove nothing.
            checks.check(f"{case.name}: {fault}: {missed} points were not reached", missed <= (absent + complete) // 10)
        for label, found in wrong:
            checks.fail(label, *(line[:1000] for line in found))
    checks.close()


main()
