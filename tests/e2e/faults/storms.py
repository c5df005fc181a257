"""Storms beside `watch`: a burst of 50,000 files with a save in it, and git moving 2,000 runs in and out.

Afterwards everything saved is trained, once, from its final bytes, and the site shows what the files say.
"""

import re
import shutil
import time
from pathlib import Path

from fixture import FULL, Checks, Ledger, forest, run, small_data, spec, torn, wait_for

FILES = 50_000 if FULL else 4_000
RUNS = 2_000 if FULL else 150
CHECKOUTS = 10 if FULL else 4
FOLDERS = 50


def memory(child):
    status = Path(f"/proc/{child.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) // 1024


def burst(checks):
    ledger = Ledger.make(checks.work / "burst", ("quick/forest.toml", forest(1)))
    for number in range(FOLDERS):
        (ledger.root / f"data/{number:02}").mkdir()
    log = checks.work / "burst.log"
    child = ledger.start("watch", log=log)
    wait_for(lambda: ledger.number("finished") == 1)
    before = memory(child)
    started = time.monotonic()
    for number in range(FILES):
        (ledger.root / f"data/{number % FOLDERS:02}/{number}.txt").write_text("x\n")
        if number == FILES // 3:
            ledger.save("quick/forest.toml", forest(2))
        if number == FILES // 2:
            (ledger.root / "data/small.csv").write_text(small_data(65))
    took = time.monotonic() - started
    ledger.save("quick/forest.toml", forest(3))
    final = lambda: any("max_depth = 3" in (it / "params.toml").read_text() for it in ledger.attempts())
    trained = wait_for(final, 120)
    print(f"     {FILES} files in {took:.1f} s; the save after them trained {time.monotonic() - started - took:.1f} s later")
    print(f"     memory of the daemon: {before} MB before, {memory(child)} MB at its highest")
    checks.check(f"burst of {FILES} files: what is saved after it is trained", trained, log.read_text()[-2000:])
    time.sleep(3)
    statuses = list(ledger.statuses().values())
    # The save in its middle may have been overtaken, but nothing is trained twice.
    ids = {folder.parent.name + folder.name.split(".")[0] for folder in ledger.attempts()}
    checks.equal("burst: attempts for each run", len(statuses), len(ids))
    plan = ledger.call("plan").stdout
    checks.check("burst: nothing is left to train", "0 to train" in plan, plan)
    child.terminate()
    checks.equal("burst: the daemon ends", child.wait(120), 0)
    checks.equal("burst: torn", torn(ledger), [])


def checkouts(checks):
    alphas = ", ".join(f"{i / RUNS}" for i in range(1, RUNS + 1))
    grid = f'\n[sweep]\nmethod = "grid"\nparams = {{ alpha = [{alphas}] }}\n'
    # Named such that git writes the spec long before the last of its runs.
    ledger = Ledger.make(checks.work / "checkout")
    ledger.git("branch", "empty")
    ledger.save("quick/a.toml", spec(model="elastic-net") + grid)
    # A run that no spec asks for any more.
    ledger.save("other/b.toml", spec())
    ledger.call("run", "other")
    (ledger.root / "experiments/other/b.toml").unlink()
    started = time.monotonic()
    done = ledger.call("run")
    print(f"     {RUNS} runs took {time.monotonic() - started:.0f} s")
    checks.equal("checkout: the runs are there", (done.returncode, ledger.number("finished")), (0, RUNS + 1))
    checks.equal("checkout: git status", ledger.git("status", "--porcelain"), "")
    checks.check("checkout: away", not ledger.git("checkout", "-q", "empty"))
    log = checks.work / "checkout.log"
    child = ledger.start("watch", log=log)
    wait_for(lambda: "watching" in log.read_text())
    took = []
    for number in range(CHECKOUTS):
        for branch in ["main", "empty"]:
            started = time.monotonic()
            said = ledger.git("checkout", "-q", branch)
            took.append(time.monotonic() - started)
            if said:
                checks.fail(f"checkout of {branch}", said)
            # Long enough to begin something wrong, and now and then not.
            time.sleep([0.05, 0.6, 1.5][number % 3])
    ledger.git("checkout", "-q", "main")
    print(f"     {len(took)} checkouts took {min(took):.2f} to {max(took):.2f} s")
    seen = wait_for(lambda: shown(ledger) == RUNS + 1, 120, 0.2)
    checks.check("checkout: the daemon sees the runs", seen, f"{shown(ledger)} on the site", log.read_text()[-1500:])
    # Its last pages come after those of the runs.
    time.sleep(5)
    checks.equal("checkout: attempts, none of them trained again", len(ledger.attempts()), RUNS + 1)
    checks.equal("checkout: torn", torn(ledger), [])
    checks.equal("checkout: no lock of git is left", sorted(Path(ledger.root / ".git").glob("*.lock")), [])
    site_follows(checks, ledger, "checkout")
    pulled(checks, ledger)
    child.terminate()
    checks.equal("checkout: the daemon ends", child.wait(120), 0)
    checks.equal("checkout: git status at the end", ledger.git("status", "--porcelain"), "")
    checks.equal("checkout: git fsck", ledger.git("fsck", "--no-dangling", "--no-progress"), "")
    checks.equal("checkout: verify", ledger.call("verify").returncode, 0)


def pulled(checks, ledger):
    """A run that comes or goes alone, asked for by no spec, is on the site when the next full look is over."""
    before = shown(ledger)
    (folder,) = ledger.root.glob("experiments/other/runs/*/*")
    away = checks.work / folder.name
    shutil.move(folder, away)
    hurry(ledger, "1")
    gone = wait_for(lambda: shown(ledger) == before - 1, 90, 0.2)
    checks.check("a run that went is gone from the site", gone, f"{shown(ledger)} of {before - 1}")
    shutil.move(away, folder)
    hurry(ledger, "2")
    back = wait_for(lambda: shown(ledger) == before, 90, 0.2)
    checks.check("a run that came is on the site", back, f"{shown(ledger)} of {before}")


def hurry(ledger, name):
    """In a reduced run brings the next full look about, by a new folder."""
    if not FULL:
        (ledger.root / "data" / name).mkdir()


def shown(ledger):
    """How many runs the site shows."""
    return len(list(ledger.root.glob("site/r/*/*/index.html")))


def site_follows(checks, ledger, name):
    """The site that the daemon keeps is the one that is made anew."""
    kept = checks.work / f"{name}.site"
    run("cp", "-a", ledger.root / "site", kept)
    ledger.call("report")
    difference = run("diff", "-rq", kept, ledger.root / "site")
    checks.equal(f"{name}: pages of the site that differ from one made anew", difference.stdout[:1000], "")


def main():
    checks = Checks()
    burst(checks)
    checkouts(checks)
    checks.close()


main()
