#!/usr/bin/env python3
"""Measures the real program against its budgets and prints one Markdown table.

Times are reported and never decide; sizes and numbers of files do. What is compared is measured alternately.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("FAIRLEDGER", REPOSITORY / "target/release/fairledger")).resolve()
FEATURES = ["area", "bedrooms", "bathrooms", "age", "distance_to_city"]
FORESTS = [(100, 10, 2), (200, 15, 5), (150, 12, 3), (300, 20, 2), (100, 8, 10)]


class Table:
    """Rows of the report, and the gates among them."""

    def __init__(self):
        self.rows, self.passed, self.failed = [], 0, []

    def row(self, work, budget, measured):
        self.rows.append((work, budget, measured))
        print(f"{work}: {measured}", file=sys.stderr, flush=True)

    def gate(self, what, holds):
        self.passed += bool(holds)
        if not holds:
            self.failed.append(what)

    def end(self):
        print("| work | budget | measured |\n|---|---|---|")
        for row in self.rows:
            print(f"| {' | '.join(row)} |")
        print()
        for what in self.failed:
            print(f"FAIL {what}")
        print(f"{self.passed} passed, {len(self.failed)} failed")
        sys.exit(1 if self.failed or not self.passed else 0)


class Ledger:
    """The example ledger in a folder of its own."""

    def __init__(self):
        self.around = Path(tempfile.mkdtemp())
        (self.around / ".gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
        environment = {"HOME": str(self.around), "GIT_CONFIG_NOSYSTEM": "1"}
        environment["GIT_CONFIG_GLOBAL"] = str(self.around / ".gitconfig")
        self.environment = os.environ | environment
        self.root = self.around / "ledger"
        self.run("init", str(self.root), folder=self.around)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.around)

    def run(self, *words, folder=None, codes=(0,)):
        done = subprocess.run(
            [PROGRAM, *words],
            cwd=folder or self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode not in codes:
            sys.exit(f"fairledger {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def time(self, *words):
        """Milliseconds of a whole process."""
        start = time.perf_counter()
        self.run(*words)
        return (time.perf_counter() - start) * 1e3


def median(values):
    return statistics.median(values)


def spread(values):
    """p50 and p90 of milliseconds."""
    ordered = sorted(values)
    return f"{median(values):.1f} ms (p90 {ordered[int(len(ordered) * 0.9) - 1]:.1f})"


def start(table, repeats):
    ours, nothing = [], []
    for _ in range(repeats):
        for command, times in (([PROGRAM, "--version"], ours), (["true"], nothing)):
            begun = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
            times.append((time.perf_counter() - begun) * 1e3)
    table.row("start of the binary (`--version`)", "10 ms", f"{spread(ours)}; `true` beside it {median(nothing):.1f} ms")


def bench(name, *words):
    """The lines of JSON that a bench prints."""
    command = ["cargo", "bench", "--locked", "--quiet", "--bench", name, "--", *map(str, words)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def load(table, rows):
    for one in bench("load", rows, 20):
        peak = one["peak_of_matrix"]
        table.row(
            f"load {one['rows']:,} × {one['columns']} as {one['format']} ({one['file_bytes'] / 1e6:.0f} MB)",
            "peak ≤ 1.5 × the matrix",
            f"{one['load_seconds']:.2f} s, facts before it {one['profile_seconds']:.2f} s; matrix "
            f"{one['matrix_bytes'] / 1e6:.0f} MB, peak {'unknown' if peak is None else f'{peak:.2f} × that'}",
        )
        table.gate(f"{one['format']} is loaded in 1.5 × the matrix", peak is None or peak <= 1.5)


def record(table, pairs):
    for one in bench("record", pairs):
        table.row(
            f"record and seal a small run, {one['run']} ({one['files']} files, {one['bytes']} bytes)",
            "5 ms CPU; wall ≤ 1.3 × bare",
            f"{one['recorder_cpu_ms']:.2f} ms CPU; wall {one['recorder_wall_ms']:.2f} ms, bare "
            f"{one['bare_wall_ms']:.2f} ms (CPU {one['bare_cpu_ms']:.2f}): {one['ratio']:.2f} ×",
        )


def hit(table, ledger, repeats):
    ledger.run("run")
    for words in (["run"], ["plan"], ["list"]):
        ledger.time(*words)
        times = [ledger.time(*words) for _ in range(repeats)]
        table.row(f"a hit, whole process: `{words[0]}` of 7 held runs", "20 ms", spread(times))


def sizes(table, ledger):
    runs = json.loads(ledger.run("list", "--json"))
    run = next(run for run in runs if run["trainer"] == "linear-regression")
    folder = ledger.root / run["directory"]
    own = [file for file in folder.iterdir() if file.is_file()]
    artifacts = [file for file in (folder / "artifacts").rglob("*") if file.is_file()]
    disk = sum(file.stat().st_blocks * 512 for file in own)
    text = sum(file.stat().st_size for file in own)
    table.row(
        "files and bytes of a small run without its artifacts",
        "≤ 4 files, ≤ 20 KB",
        f"{len(own)} files, {text} bytes ({disk / 1024:.0f} KB of disk blocks)",
    )
    table.gate("a run without artifacts has at most 4 files", len(own) <= 4)
    table.gate("a run without artifacts takes at most 20 KB of disk", disk <= 20 * 1024)
    all_files = own + artifacts
    table.row(
        "the same with its artifacts",
        "–",
        f"{len(all_files)} files, {sum(file.stat().st_size for file in all_files)} bytes",
    )


def forests(table, ledger, repeats):
    """The five forests of the example, one at a time, beside scikit-learn with all processors."""
    import pandas
    import sklearn
    from sklearn.ensemble import RandomForestRegressor

    data = pandas.read_csv(ledger.root / "data/housing.csv")
    train = data[data.split == "train"]
    ours = {key: [] for key in FORESTS}
    theirs = {key: [] for key in FORESTS}
    for repeat in range(repeats + 1):
        ledger.run("run", "--force", "-j", "1", "housing/forest")
        runs = json.loads(ledger.run("list", "housing", "--json"))
        for run in runs:
            if run["spec"] == "forest.toml":
                params = run["params"]
                key = (params["n_estimators"], params["max_depth"], params["min_samples_split"])
                if repeat:
                    ours[key].append(run["timings"]["fit"] * 1e3)
        for key in FORESTS:
            trees, depth, split = key
            model = RandomForestRegressor(
                n_estimators=trees, max_depth=depth, min_samples_split=split, random_state=42, n_jobs=-1
            )
            begun = time.perf_counter()
            model.fit(train[FEATURES], train.price)
            if repeat:
                theirs[key].append((time.perf_counter() - begun) * 1e3)
    for key in FORESTS:
        us, them = median(ours[key]), median(theirs[key])
        table.row(
            f"fit of the forest {'/'.join(map(str, key))}",
            "10 × scikit-learn",
            f"{us:.1f} ms; scikit-learn {sklearn.__version__} n_jobs=-1 {them:.1f} ms: {them / us:.1f} ×",
        )
    us, them = (sum(median(times[key]) for key in FORESTS) for times in (ours, theirs))
    table.row("fit of all five forests", "10 × scikit-learn", f"{us:.1f} ms; {them:.1f} ms: {them / us:.1f} ×")


def build(table):
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        command = ["cargo", "build", "--release", "--locked", "--quiet", "--target-dir", folder]
        subprocess.run(command, cwd=REPOSITORY, check=True)
        took = time.perf_counter() - begun
    table.row("release build from nothing", "8 min on 2 cores", f"{took / 60:.1f} min")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, and nothing that is built for it")
    parser.add_argument("--build", action="store_true", help="also build the program from nothing")
    options = parser.parse_args()
    if not os.access(PROGRAM, os.X_OK):
        sys.exit(f"no program at {PROGRAM}; cargo build --release")
    quick = options.quick
    table = Table()
    busy = os.getloadavg()[0]
    print(f"{platform.machine()}, {os.cpu_count()} processors, load {busy:.1f}", file=sys.stderr)
    start(table, 15 if quick else 50)
    if not quick:
        record(table, 200)
        load(table, 1_000_000)
    with Ledger() as ledger:
        hit(table, ledger, 10 if quick else 40)
        sizes(table, ledger)
        forests(table, ledger, 3 if quick else 9)
    if options.build:
        build(table)
    size = PROGRAM.stat().st_size
    table.row("size of the stripped binary", "25 MB", f"{size / 1e6:.1f} MB")
    table.gate("the binary is below 25 MB", size < 25_000_000)
    table.row("load average before and after", "–", f"{busy:.1f}, {os.getloadavg()[0]:.1f}")
    table.end()


if __name__ == "__main__":
    main()
