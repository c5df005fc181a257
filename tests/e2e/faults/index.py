"""The index killed at random points while it is brought up to date or made anew; it must answer as one made anew.

Half of the points are calls that write the index, counted by strace; half are moments. `FAULTS=full` tries 200.
"""

import os
import random
import shutil
import time

from fixture import FULL, PROGRAM, Checks, Ledger, run, spec

POINTS = 200 if FULL else 24
RUNS = 120 if FULL else 24
SWEEP = '\n[sweep]\nmethod = "grid"\nparams = {{ alpha = [{}] }}\n'
QUESTIONS = [
    ["list", "--json"],
    ["list", "metrics.r2 > 0.2 and params.alpha < 0.5 order by metrics.rmse", "--json"],
    ["best", "quick", "--json"],
    ["verify", "--json"],
]


def answers(ledger):
    found = []
    for question in QUESTIONS:
        done = ledger.call(*question)
        found.append((question[:2], done.returncode, done.stdout, done.stderr))
    return found


def forget(ledger):
    for path in ledger.root.glob(".fairledger/index.sqlite*"):
        path.unlink()


def disturb(ledger, away, chance):
    """Takes some attempts away, brings others back, breaks one, and now and then removes the index."""
    there = sorted(away.iterdir())
    here = ledger.attempts()
    for folder in chance.sample(here, len(here) // 4):
        shutil.move(folder, away / str(folder.relative_to(ledger.root)).replace("/", "+"))
    # One comes back broken that the index has seen to be gone: what happens inside of an attempt that the index
    # holds is for `verify` to find.
    if there and chance.random() < 0.3:
        (chance.choice(there) / "manifest.toml").unlink(missing_ok=True)
    for folder in chance.sample(there, len(there) // 2):
        place = ledger.root / folder.name.replace("+", "/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(folder, place)
    if chance.random() < 0.4:
        forget(ledger)


def kill_at_a_call(ledger, chance):
    """Kills the program before one of its calls that write the index; whether it was killed."""
    index = ledger.root / ".fairledger/index.sqlite"
    only = ["-P", index, "-P", f"{index}-journal"]
    call = chance.choice(["pwrite64", "pwrite64", "openat", "ftruncate", "unlink", "fcntl", "close"])
    inject = f"inject={call}:signal=KILL:when={chance.randint(1, 60 if call in ('pwrite64', 'fcntl') else 3)}"
    options = ["-f", "-qq", "-o", "/dev/null", *only, "-e", f"trace={call}", "-e", inject]
    return run("strace", *options, PROGRAM, *QUESTIONS[0], where=ledger.root).returncode != 0


def kill_at_a_moment(ledger, chance, whole):
    """Kills the program after a part of the time it takes; whether it was killed."""
    child = ledger.start(*QUESTIONS[0], log=os.devnull)
    time.sleep(chance.uniform(0, whole))
    child.kill()
    return child.wait() != 0


def main():
    checks = Checks(quick_disk=True)
    seed = int(os.environ.get("SEED", 4))
    chance = random.Random(seed)
    alphas = ", ".join(f"{i / RUNS}" for i in range(1, RUNS + 1))
    text = spec(model="elastic-net") + SWEEP.format(alphas)
    ledger = Ledger.make(checks.work / "ledger", ("quick/sweep.toml", text))
    done = ledger.call("run")
    checks.equal("the runs are there", (done.returncode, ledger.number("finished")), (0, RUNS))
    away = checks.work / "away"
    away.mkdir()
    forget(ledger)
    started = time.monotonic()
    ledger.call(*QUESTIONS[0])
    whole = time.monotonic() - started
    killed = journals = different = 0
    for point in range(POINTS):
        disturb(ledger, away, chance)
        hit = kill_at_a_call(ledger, chance) if point % 2 else kill_at_a_moment(ledger, chance, whole)
        killed += hit
        journals += (ledger.root / ".fairledger/index.sqlite-journal").exists()
        held = answers(ledger)
        forget(ledger)
        anew = answers(ledger)
        if held != anew:
            different += 1
            differing = [(one, other) for one, other in zip(held, anew) if one != other]
            checks.fail(f"point {point} of seed {seed}", *(str(it)[:2000] for it in differing))
    checks.equal(f"{POINTS} points, {killed} killed, {journals} with a journal left: answers that differ", different, 0)
    checks.check("most of them were killed", killed > POINTS // 3, killed)
    checks.check("the index was caught half-written", journals, journals)
    checks.close()


main()
