#!/usr/bin/env python3
"""Whole-process times on ledgers of many runs, beside MLflow on SQLite, as one Markdown table.

Ledgers are made by `generate.rs`. Times are medians; they are reported and never decide. What is found decides: every
answer is held against a look at all runs. MLflow is measured in the same script, its own start excluded, as shipped and
after one ANALYZE of its database.
"""

import argparse
import contextlib
import json
import os
import platform
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from budgets import PROGRAM, REPOSITORY
from daemon import Watch

FILTER = "metrics.r2 > 0.9 and params.max_depth = 10"
MLFLOW_FILTER = "metrics.r2 > 0.9 and params.max_depth = '10'"
# Nothing of MLflow runs longer than this.
PATIENCE = 120


def generate(runs, root, first=0):
    command = ["cargo", "bench", "--locked", "--quiet", "--bench", "generate", "--"]
    if generator := os.environ.get("FAIRLEDGER_GENERATE"):
        command = [generator]
    command += [str(runs), str(root), str(first)]
    subprocess.run(command, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL)


class Gates:
    """What must hold, whatever the time it takes."""

    passed, failed = 0, 0

    def holds(self, what, found, wanted):
        if found == wanted:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAIL {what}: {str(found)[:200]}, wanted {str(wanted)[:200]}", flush=True)


GATES = Gates()


# Starts what is measured: the memory of a process counts from its fork, when it still is that of its parent, and this
# script grows with the answers it reads.
STARTER = """
import json, os, subprocess, sys, time
for line in sys.stdin:
    words, out, errors = json.loads(line)
    with open(out, "wb") as out, open(errors, "wb") as errors:
        begun = time.perf_counter()
        child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=out, stderr=errors)
        _, status, usage = os.wait4(child.pid, 0)
        took = time.perf_counter() - begun
    child.returncode = os.waitstatus_to_exitcode(status)
    print(json.dumps([took, child.returncode, usage.ru_maxrss]), flush=True)
"""


class Ledger:
    """A ledger of generated runs in a git repository of its own."""

    def __init__(self, root, runs):
        self.root, self.runs = root, runs
        home = {"HOME": str(root.parent), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
        self.environment = os.environ | home
        generate(runs, root)
        self.starter = subprocess.Popen([sys.executable, "-c", STARTER], cwd=root, env=self.environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def remove(self):
        self.starter.stdin.close()
        self.starter.wait()
        shutil.rmtree(self.root)

    def time(self, *words, codes=(0,)):
        """Milliseconds of a whole process, and its peak memory in MB."""
        out, errors = (self.root.parent / name for name in ("out", "errors"))
        print(json.dumps([[str(PROGRAM), *words], str(out), str(errors)]), file=self.starter.stdin, flush=True)
        took, code, memory = json.loads(self.starter.stdout.readline())
        self.out = out.read_bytes()
        if code not in codes:
            sys.exit(f"fairledger {' '.join(words)}: exit {code}\n{self.out.decode()}{errors.read_text()}")
        return took * 1e3, memory / 1024

    def median(self, repeats, *words):
        self.time(*words)
        found = [self.time(*words) for _ in range(repeats)]
        return statistics.median(took for took, _ in found), max(memory for _, memory in found)

    def json(self, *words):
        self.time(*words, "--json")
        return json.loads(self.out)

    def grow(self):
        """One more run, as if it had been copied here."""
        self.runs += 1
        generate(self.runs, self.root, self.runs - 1)

    def git(self, *words):
        begun = time.perf_counter()
        subprocess.run(["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", *words], cwd=self.root,
                       env=self.environment, check=True, stdout=subprocess.DEVNULL)
        return (time.perf_counter() - begun) * 1e3


def start_of_daemon(ledger):
    """From its start to the line that says that it is up to date, and its memory once it has settled."""
    begun = time.perf_counter()
    with Watch(ledger) as watch:
        took = (time.perf_counter() - begun) * 1e3
        time.sleep(3)
        return took, watch.memory()[1] / 2**20


def check(ledger, first):
    """Answers of the index against a look at all runs."""
    everything = ledger.json("list")
    GATES.holds(f"{ledger.runs} runs are listed", len({run["id"] for run in everything}), ledger.runs)
    good = [run for run in everything if run["metrics"]["r2"] > 0.9 and run["params"]["max_depth"] == 10]
    top = sorted(good, key=lambda run: -run["metrics"]["r2"])
    ledger.time(*first)
    GATES.holds(f"{ledger.runs} runs: the first of a filter", [run["id"] for run in json.loads(ledger.out)],
                [run["id"] for run in top[:1]])
    finished = [run for run in everything if run["status"] == "finished"]
    best = max(finished, key=lambda run: run["metrics"]["r2"])
    GATES.holds(f"{ledger.runs} runs: the best", ledger.json("best", "sweep")["id"], best["id"])
    best = max((run for run in good if run["status"] == "finished"), key=lambda run: run["metrics"]["r2"])
    GATES.holds(f"{ledger.runs} runs: the best of a filter", ledger.json("best", "sweep", FILTER)["id"], best["id"])
    newest = sorted(everything, key=lambda run: run["started"])[-1]
    GATES.holds(f"{ledger.runs} runs: the newest", ledger.json("list", "--limit", "1")[0]["id"], newest["id"])
    return everything


def slow_work(ledger, row):
    """The site, a snapshot and the daemon."""
    row("whole site", ledger.time("report"))
    ledger.time("run")
    updates = []
    for _ in range(3):
        ledger.grow()
        # No spec asks for anything: what is left of a pass is the site.
        updates.append(ledger.time("run"))
    row("site with one more run", middle(updates))
    pages = sum(1 for _ in (ledger.root / "site/r").glob("*/*/index.html"))
    GATES.holds(f"{ledger.runs} runs have a page each", pages, ledger.runs)
    run = ledger.json("list", "--limit", "1")[0]["short"]
    row("tag of a run, and the site", middle([ledger.time("tag", run, f"n={number}") for number in range(3)]))
    GATES.holds(f"{ledger.runs} runs: the tag", ledger.json("list", "tags.n = '2'", "--limit", "5")[0]["short"], run)
    ledger.git("init", "-q", "-b", "main")
    (ledger.root / ".gitignore").write_text("/site/\n/.fairledger/\n")
    config = ledger.root / "ledger.toml"
    config.write_text(config.read_text() + '\n[snapshot]\nmode = "branch"\n')
    # Nothing of git's may go on behind the measurement.
    ledger.git("config", "maintenance.auto", "false")
    ledger.git("config", "gc.auto", "0")
    ledger.git("config", "user.name", "Ada")
    ledger.git("config", "user.email", "ada@example.org")
    row("git add and commit of all", (ledger.git("add", ".") + ledger.git("commit", "-qm", "all"), None))
    ledger.time("snapshot")
    snapshots = []
    for _ in range(3):
        ledger.grow()
        snapshots.append(ledger.time("snapshot"))
    row("snapshot of one more run", middle(snapshots))
    row("start of the daemon, and its memory", start_of_daemon(ledger))


def middle(found):
    """The median of the times, the most of the memory."""
    return statistics.median(took for took, _ in found), max(memory for _, memory in found)


def ours(runs, around, repeats):
    """Each row: what was done, milliseconds, MB."""
    ledger = Ledger(around / f"ledger-{runs}", runs)
    rows = {}

    def row(name, measured):
        rows[name] = measured
        print(f"{runs:,} runs, {name}: {cell(measured)}", file=sys.stderr, flush=True)

    (ledger.root / ".fairledger").mkdir(exist_ok=True)
    first = ["list", FILTER, "--sort", "metrics.r2 desc", "--limit", "1", "--json"]
    # Stamps younger than two seconds are not believed.
    time.sleep(2.5)
    rebuilds = []
    for _ in range(3 if runs <= 10_000 else 1):
        (ledger.root / ".fairledger/index.sqlite").unlink(missing_ok=True)
        rebuilds.append(ledger.time("list", "--limit", "1"))
    row("index rebuilt", middle(rebuilds))
    row("filter, order, first", ledger.median(repeats, *first))
    row("order only, first", ledger.median(repeats, "list", "--sort", "metrics.r2 desc", "--limit", "1", "--json"))
    row("the newest 20", ledger.median(repeats, "list", "--limit", "20"))
    row("first 20 with a word", ledger.median(repeats, "list", "looked", "--limit", "20"))
    some = max(3, repeats // 4)
    row("best of a filter", ledger.median(some, "best", "sweep", FILTER))
    row("best of all", ledger.median(some, "best", "sweep"))
    row("list of all as JSON", ledger.median(3, "list", "--json"))
    everything = check(ledger, first)
    one, other = everything[0]["short"], everything[-1]["short"]
    row("show one run", ledger.median(some, "show", one))
    row("diff of two runs", ledger.median(some, "diff", one, other))
    size = (ledger.root / ".fairledger/index.sqlite").stat().st_size
    row("index on disk", (None, size / 1e6))
    updates = []
    for _ in range(5):
        ledger.grow()
        updates.append(ledger.time(*first))
    row("index update by one run, and the filter", middle(updates))
    slow_work(ledger, row)
    ledger.remove()
    return rows


MLFLOW = """
import json, os, statistics, sys, time
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
import logging
logging.disable(logging.WARNING)
from mlflow.tracking import MlflowClient
uri, experiment, words, order, repeats = sys.argv[1:6]
client = MlflowClient(uri)
def once():
    begun = time.perf_counter()
    found = client.search_runs([experiment], words, order_by=[order], max_results=1)
    return (time.perf_counter() - begun) * 1e3, [run.info.run_id for run in found]
once()
times = [once() for _ in range(int(repeats))]
print(json.dumps({"ms": statistics.median(took for took, _ in times), "found": times[0][1]}))
"""


def fill(path, runs, experiment):
    """Runs as MLflow writes them, by SQL: through its own interface it would take hours."""
    listed = json.loads(runs.out)
    database = sqlite3.connect(path)
    columns = [row[1] for row in database.execute("pragma table_info(runs)")]
    base = {"name": "", "source_type": "LOCAL", "source_name": "", "entry_point_name": "", "user_id": "ada",
            "source_version": "", "lifecycle_stage": "active", "artifact_uri": "", "experiment_id": int(experiment)}
    for number, run in enumerate(listed):
        status = "FINISHED" if run["status"] == "finished" else "FAILED"
        values = base | {"run_uuid": run["id"], "name": run["label"], "status": status,
                         "start_time": number, "end_time": number + 1}
        names = [name for name in columns if name in values]
        marks = ", ".join("?" * len(names))
        database.execute(f"insert into runs ({', '.join(names)}) values ({marks})", [values[name] for name in names])
    metrics = [(key, value, 0, run["id"], 0, 0) for run in listed for key, value in run["metrics"].items()]
    database.executemany("insert into metrics (key, value, timestamp, run_uuid, step, is_nan) values (?,?,?,?,?,?)",
                         metrics)
    database.executemany(
        "insert into latest_metrics (key, value, timestamp, step, is_nan, run_uuid) values (?,?,?,?,?,?)",
        [(key, value, stamp, step, nan, run) for key, value, stamp, run, step, nan in metrics])
    database.executemany("insert into params (key, value, run_uuid) values (?,?,?)",
                         [(key, str(value), run["id"]) for run in listed for key, value in run["params"].items()])
    database.executemany("insert into tags (key, value, run_uuid) values (?,?,?)",
                         [(key, value, run["id"]) for run in listed for key, value in run["tags"].items()])
    database.commit()
    database.close()


def ask_mlflow(uri, experiment, words, repeats):
    command = [sys.executable, "-c", MLFLOW, uri, experiment, words, "metrics.r2 DESC", str(repeats)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout.splitlines()[-1])


def theirs(runs, around, repeats):
    """The same runs in MLflow: the same questions, as shipped and after ANALYZE."""
    ledger = Ledger(around / f"ledger-{runs}", runs)
    ledger.time("list", FILTER, "--sort", "metrics.r2 desc", "--limit", "1", "--json")
    wanted = [run["id"] for run in json.loads(ledger.out)]
    ledger.time("list", "--json")
    path = around / f"mlflow-{runs}.db"
    uri = f"sqlite:///{path}"
    made = subprocess.run(
        [sys.executable, "-c", "import sys; from mlflow.tracking import MlflowClient as C; "
         "print(C(sys.argv[1]).create_experiment('sweep'))", uri],
        capture_output=True, text=True, check=True, env=os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true"})
    experiment = made.stdout.split()[-1]
    fill(path, ledger, experiment)
    ledger.remove()
    rows = {}
    for state in ("as shipped", "after ANALYZE"):
        if state == "after ANALYZE":
            with contextlib.closing(sqlite3.connect(path)) as database:
                database.execute("analyze")
        for name, words in (("filter, order, first", MLFLOW_FILTER), ("order only, first", "")):
            answer = ask_mlflow(uri, experiment, words, repeats)
            rows[name, state] = answer and answer["ms"]
            if answer and words:
                GATES.holds(f"{runs} runs: MLflow finds the same, {state}", answer["found"], wanted)
    path.unlink()
    return rows


def cell(measured):
    return ", ".join(filter(None, [measured[0] and words(measured[0]), measured[1] and words(measured[1], "MB")]))


def words(value, unit="ms"):
    return "–" if value is None else f"{value:,.0f} {unit}" if value >= 100 else f"{value:.1f} {unit}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="*", type=int, default=[1000, 10000, 100000])
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--no-mlflow", action="store_true", help="only this program")
    parser.add_argument("--folder", type=Path, help="where the ledgers are made; default: that for temporary files")
    options = parser.parse_args()
    if not os.access(PROGRAM, os.X_OK):
        sys.exit(f"no program at {PROGRAM}; cargo build --release")
    repeats = 5 if options.quick else 15
    busy = os.getloadavg()[0]
    print(f"{platform.machine()}, {os.cpu_count()} processors, load {busy:.1f}\n")
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        around = Path(folder).resolve()
        found = {runs: ours(runs, around, repeats) for runs in options.runs}
        print("| work | " + " | ".join(f"{runs:,} runs" for runs in options.runs) + " |")
        print("|---|" + "---:|" * len(options.runs))
        for name in found[options.runs[0]]:
            print(f"| {name} | {' | '.join(cell(found[runs][name]) for runs in options.runs)} |", flush=True)
        if not options.no_mlflow:
            others = {runs: theirs(runs, around, 3) for runs in options.runs}
            for key in others[options.runs[0]]:
                cells = [words(others[runs][key]) if others[runs][key] is not None
                         else f"none in {PATIENCE} s" for runs in options.runs]
                print(f"| MLflow, {key[1]}: {key[0]} | {' | '.join(cells)} |")
    print(f"\nload average before and after: {busy:.1f}, {os.getloadavg()[0]:.1f}\n")
    print(f"{GATES.passed} passed, {GATES.failed} failed")
    sys.exit(1 if GATES.failed else 0)


if __name__ == "__main__":
    main()
