"""Many processes on one ledger: 64 writers that also want each other's runs, and daemons that find another there.

`FAULTS=full` has 64 writers of 100 runs each.
"""

import shutil
import signal
import time

from fixture import FULL, Checks, Ledger, forest, run, spec, torn, wait_for

WRITERS = 64 if FULL else 16
EACH = 100 if FULL else 6
# So many of each writer's runs are those of the next writer too.
SHARED = EACH // 3
DAEMONS = 10 if FULL else 2


def sweep(first):
    alphas = ", ".join(f"{(first + i) / 100000}" for i in range(EACH))
    grid = f'\n[sweep]\nmethod = "grid"\nparams = {{ alpha = [{alphas}] }}\n'
    return spec(model="elastic-net").replace('"small"', '"net {alpha}"') + grid


def many_writers(checks):
    step = EACH - SHARED
    specs = [(f"quick/w{i:02}.toml", sweep(1 + i * step)) for i in range(WRITERS)]
    ledger = Ledger.make(checks.work / "writers", *specs)
    log = lambda i: checks.work / f"writer{i}.log"
    started = time.monotonic()
    children = [ledger.start("run", f"quick/w{i:02}", "-j", "1", log=log(i)) for i in range(WRITERS)]
    codes = [child.wait() for child in children]
    print(f"     {WRITERS} writers took {time.monotonic() - started:.0f} s")
    bad = [log(i).read_text()[-2000:] for i, code in enumerate(codes) if code]
    checks.equal(f"{WRITERS} writers: those that did not succeed", len(bad), 0)
    if bad:
        checks.fail("one of them", bad[0])
    runs = step * WRITERS + SHARED
    attempts = ledger.attempts()
    ids = {folder.parent.name + folder.name.split(".")[0] for folder in attempts}
    checks.equal(f"{WRITERS} writers: runs", len(ids), runs)
    checks.equal(f"{WRITERS} writers: attempts, none of them trained twice", len(attempts), runs)
    checks.equal(f"{WRITERS} writers: torn", torn(ledger), [])
    checks.equal(f"{WRITERS} writers: unsealed", ledger.unsealed(), [])
    shown = "".join(log(i).read_text() for i in range(WRITERS))
    reported = shown.count("\ndone net") + shown.startswith("done net")
    checks.equal(f"{WRITERS} writers: reported as done", reported, runs)
    site_stands(checks, ledger, f"{WRITERS} writers")
    done = ledger.call("run")
    said = f"{done.stdout[-1500:]}{done.stderr[-1500:]}"
    checks.check("the next run trains nothing", done.returncode == 0 and " 0 trained" in done.stdout, said)
    checks.equal("git status is clean", ledger.git("status", "--porcelain"), "")
    checks.equal("git fsck", ledger.git("fsck", "--no-dangling", "--no-progress"), "")
    verified = ledger.call("verify")
    checks.equal("verify", verified.returncode, 0)
    held = ledger.call("list", "--json").stdout
    for path in ledger.root.glob(".fairledger/index.sqlite*"):
        path.unlink()
    checks.check("the index answers as one made anew", held == ledger.call("list", "--json").stdout)


def site_stands(checks, ledger, name):
    """The site that several processes have published is the one that is made anew."""
    kept = checks.work / f"{name}.site"
    shutil.copytree(ledger.root / "site", kept)
    shutil.rmtree(ledger.root / "site")
    ledger.call("report")
    difference = run("diff", "-rq", kept, ledger.root / "site")
    checks.equal(f"{name}: pages of the site that differ from one made anew", difference.stdout[:1000], "")


def two_daemons(checks):
    """Of several daemons that start at once one stays, and the others say that it is there."""
    ledger = Ledger.make(checks.work / "daemons", ("quick/forest.toml", forest(1)))
    alive_always = told = 0
    for round in range(DAEMONS):
        logs = [checks.work / f"daemon{round}.{i}.log" for i in range(3)]
        children = [ledger.start("watch", log=log) for log in logs]
        wait_for(lambda: sum(child.poll() is None for child in children) == 1)
        time.sleep(0.3)
        alive = [child for child in children if child.poll() is None]
        alive_always += len(alive) == 1
        dead = [log for child, log in zip(children, logs) if child.poll() is not None]
        told += sum("already" in log.read_text() and child.returncode != 0 for child, log in zip(children, logs) if log in dead)
        ledger.save("quick/forest.toml", forest(round + 2))
        trained = wait_for(lambda: ledger.number("finished") == round + 2)
        checks.check(f"daemons {round}: what is saved is trained once", trained, ledger.statuses())
        # Every second one is killed: the next daemon finds no lock held by nobody.
        for child in alive:
            child.send_signal(signal.SIGKILL if round % 2 else signal.SIGTERM)
            child.wait(30)
    checks.equal(f"daemons: rounds of {DAEMONS} in which one of three stayed", alive_always, DAEMONS)
    checks.equal("daemons: the others said that one is there", told, 2 * DAEMONS)
    checks.equal("daemons: attempts", len(ledger.attempts()), DAEMONS + 1)
    checks.equal("daemons: torn", torn(ledger), [])


def beside_a_daemon(checks):
    """Commands beside a daemon that trains the same: each run once, and each command sees it through."""
    ledger = Ledger.make(checks.work / "beside", ("quick/forest.toml", forest(1)))
    log = checks.work / "beside.log"
    daemon = ledger.start("watch", log=log)
    wait_for(lambda: ledger.number("finished") == 1)
    number = 40 if FULL else 6
    codes = []
    for depth in range(2, 2 + number):
        ledger.save("quick/forest.toml", forest(depth))
        codes += [child.wait() for child in [ledger.start("run", log=log), ledger.start("run", log=log)]]
    wait_for(lambda: ledger.number("finished") == number + 1)
    # It ends when its site is as the runs are.
    daemon.terminate()
    checks.equal("beside a daemon: it ends", daemon.wait(60), 0)
    site_stands(checks, ledger, "beside a daemon")
    checks.equal(f"beside a daemon: {2 * number} commands succeed", [code for code in codes if code], [])
    checks.equal("beside a daemon: each run trained once", len(ledger.attempts()), number + 1)
    checks.equal("beside a daemon: torn", torn(ledger), [])
    checks.equal("beside a daemon: git status", ledger.git("status", "--porcelain"), "")


def main():
    checks = Checks()
    many_writers(checks)
    two_daemons(checks)
    beside_a_daemon(checks)
    checks.close()


main()
