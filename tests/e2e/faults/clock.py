"""A wall clock that is wrong, and one that jumps: runs, hits, order and saves are what they are with a right one.

The program's clock is moved by a library loaded before it (clock.c); the disk's stays, so files are from the future
or from long ago as well.
"""

import os
import struct
import subprocess
import time
import tomllib

from fixture import FULL, Checks, Ledger, forest, spec, torn, wait_for
from pathlib import Path

DAY = 24 * 3600
YEAR = 365 * DAY
JUMPS = [-DAY, 10 * YEAR, 0, -3600, YEAR, -20 * YEAR, 0]


class Clock:
    """The clock of every program that is started from here on."""

    def __init__(self, work):
        library, self.file = work / "clock.so", work / "clock.offset"
        source = Path(__file__).with_name("clock.c")
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
        self.set(0)
        os.environ |= {"LD_PRELOAD": str(library), "CLOCK_OFFSET": str(self.file)}

    def set(self, seconds):
        # In place, for programs have the file mapped.
        with open(self.file, "r+b" if self.file.exists() else "wb") as file:
            file.write(struct.pack("=q", seconds))


def wrong_clocks(checks, clock):
    """A run under each clock, and all of them looked at under each."""
    ledger = Ledger.make(checks.work / "wrong")
    for number, jump in enumerate(JUMPS):
        clock.set(jump)
        ledger.save("quick/forest.toml", forest(number + 1))
        done = ledger.call("run")
        checks.check(f"clock off by {jump} s: trains", done.returncode == 0 and "1 trained" in done.stdout, done.stderr)
        done = ledger.call("run")
        checks.check(f"clock off by {jump} s: then a hit", "0 trained, 1 already" in done.stdout, done.stdout, done.stderr)
        seen = ledger.json("list")
        checks.equal(f"clock off by {jump} s: all are listed", len(seen), number + 1)
    clock.set(0)
    held = ledger.call("list", "--json").stdout
    for path in ledger.root.glob(".fairledger/index.sqlite*"):
        path.unlink()
    checks.check("an index made anew answers the same", held == ledger.call("list", "--json").stdout)
    checks.equal("verify", ledger.call("verify").returncode, 0)
    checks.equal("torn", torn(ledger), [])
    checks.equal("git status", ledger.git("status", "--porcelain"), "")
    years = {folder.name.split(".")[1]: int(record(folder)["started"][:4]) for folder in ledger.attempts()}
    checks.check("the clock was off", max(years.values()) - min(years.values()) > 25, years)
    order = [year for _, year in sorted(years.items())]
    checks.equal("attempts are ordered by what their clock said", order, sorted(order))


def record(folder):
    return tomllib.loads((folder / "run.toml").read_text())


def edited_under_any_clock(checks, clock):
    """A change of the data is seen whatever the clock says, even within one tick of it and at the same size."""
    ledger = Ledger.make(checks.work / "edited", ("quick/linear.toml", spec()))
    data = ledger.root / "data/small.csv"
    for number, jump in enumerate(JUMPS):
        clock.set(jump)
        ledger.call("run")
        text = data.read_text()
        before = os.stat(data)
        data.write_text(text.replace("7919.5", "7919.6") if "7919.5" in text else text.replace("7919.6", "7919.5"))
        os.utime(data, ns=(before.st_atime_ns, before.st_mtime_ns))
        done = ledger.call("plan")
        wanted = "1 to train" if number == 0 else "0 to train"
        checks.check(f"data changed with its time kept, clock off by {jump} s", wanted in done.stdout, done.stdout)
    clock.set(0)
    for when in [time.time() + 2 * DAY, 0, time.time() + 10 * YEAR]:
        os.utime(data, (when, when))
        done = ledger.call("run")
        checks.check(f"data from {time.gmtime(when).tm_year}: still a hit", "0 trained" in done.stdout, done.stdout)


def jumps_beside_a_daemon(checks, clock):
    """The clock jumps under `watch`, before a save and in the middle of a run."""
    ledger = Ledger.make(checks.work / "watched", ("quick/forest.toml", forest(1)))
    log = checks.work / "watch.log"
    child = ledger.start("watch", log=log)
    wait_for(lambda: ledger.number("finished") == 1)
    slowest = 0.0
    jumps = JUMPS * (6 if FULL else 1)
    for number, jump in enumerate(jumps):
        clock.set(jump)
        saved = time.monotonic()
        ledger.save("quick/forest.toml", forest(number + 2))
        if number % 3 == 1:
            future = time.time() + 3 * DAY
            os.utime(ledger.root / "experiments/quick/forest.toml", (future, future))
        trained = wait_for(lambda: ledger.number("finished") == number + 2, 20)
        slowest = max(slowest, time.monotonic() - saved)
        if not trained:
            checks.fail(f"jump to {jump} s: not trained", log.read_text()[-2000:])
            break
    time.sleep(1.5)
    checks.equal("saves under jumps of the clock: attempts", len(ledger.attempts()), len(jumps) + 1)
    print(f"     the slowest took {slowest:.2f} s")
    # In the middle of a run: it ends, its times are in order, and none is negative.
    clock.set(0)
    big = spec("n_estimators = 6000\nmax_depth = 8\n", "random-forest-regressor", "seed = 7")
    ledger.save("quick/forest.toml", big)
    checks.check("a long run begins", wait_for(lambda: ledger.unsealed()))
    clock.set(-DAY)
    held = len(jumps) + 1
    checks.check("a long run whose clock went back ends", wait_for(lambda: ledger.number("finished") == held + 1, 120))
    newest = max((record(folder) for folder in ledger.attempts()), key=lambda it: it["timings"]["fit"])
    checks.check("it does not end before it started", newest["ended"] >= newest["started"], newest)
    checks.check("no timing is negative", min(newest["timings"].values()) >= 0, newest["timings"])
    child.terminate()
    checks.equal("watch: ends", child.wait(60), 0)
    checks.equal("watch: torn", torn(ledger), [])
    clock.set(0)
    checks.equal("watch: git status", ledger.git("status", "--porcelain"), "")
    checks.equal("watch: verify", ledger.call("verify").returncode, 0)


def main():
    checks = Checks(quick_disk=True)
    clock = Clock(checks.work)
    wrong_clocks(checks, clock)
    edited_under_any_clock(checks, clock)
    jumps_beside_a_daemon(checks, clock)
    checks.close()


main()
