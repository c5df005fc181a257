#!/usr/bin/env python3
"""Measures what somebody who works beside the daemon waits for, and what the daemon costs while nothing happens.

Prints one Markdown table. Times are reported and never decide. Processor seconds and memory of the idle daemon do:
they are the process's own, whatever else the machine does.
"""

import argparse
import contextlib
import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

from budgets import PROGRAM, Ledger, Table, bench, median

BUSY = 4
IDLE_SHARE = 0.005
IDLE_MEMORY = 60 * 1024 * 1024
TICK = os.sysconf("SC_CLK_TCK")


class Watch:
    """A daemon, and the lines it printed with the times they came at."""

    def __init__(self, ledger):
        self.lines = []
        self.child = subprocess.Popen(
            [PROGRAM, "watch"], cwd=ledger.root, env=ledger.environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.child.stdout:
            self.lines.append((time.perf_counter(), line))

    def wait(self, after, start, seconds=120):
        """When the first line came after a time that has some words."""
        until = time.perf_counter() + seconds
        seen = 0
        while time.perf_counter() < until:
            for when, line in self.lines[seen:]:
                seen += 1
                if when > after and re.search(start, line):
                    return when
            time.sleep(0.001)
        raise SystemExit(f"`watch` never said {start!r}:\n{''.join(line for _, line in self.lines[-50:])}")

    def __enter__(self):
        self.wait(0, r"^site: ", 600)
        return self

    def __exit__(self, *_):
        self.child.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.child.wait(20)
        self.child.kill()
        self.child.wait()

    def seconds(self):
        """Processor seconds so far."""
        words = Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(words[11]) + int(words[12])) / TICK

    def memory(self):
        """Its share of the memory that processes have in common, all it has, and the most it had, in bytes."""
        def kibibytes(file, name):
            lines = Path(f"/proc/{self.child.pid}/{file}").read_text().splitlines()
            return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024

        return kibibytes("smaps_rollup", "Pss:"), kibibytes("status", "VmRSS:"), kibibytes("status", "VmHWM:")


@contextlib.contextmanager
def busy(number):
    """So many processes that compute all the time."""
    children = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(number)]
    try:
        yield
    finally:
        for child in children:
            child.kill()
            child.wait()


def percentiles(times):
    """p50, p99 and the longest of milliseconds."""
    ordered = sorted(times)
    return f"p50 {median(ordered):.0f} ms, p99 {ordered[int(len(ordered) * 0.99) - 1]:.0f}, longest {ordered[-1]:.0f}"


def spec(ledger, name, params):
    """A forest over the example's data, with one set of params."""
    text = (ledger.root / "experiments/housing/forest.toml").read_text()
    text = re.sub(r"\[sweep\].*?\[evaluate\]", f"[params]\n{params}\n[evaluate]", text, flags=re.S)
    return re.sub(r"^name = .*", f'name = "{name}"', text, flags=re.M)


def saves(ledger, watch, number, first):
    """From the rename or close of a spec to the line that says that its training starts."""
    path = ledger.root / "experiments/housing/saved.toml"
    times = {"rename": [], "close": []}
    for save in range(number):
        text = spec(ledger, "saved", f"n_estimators = {first + save}\nmax_depth = 1")
        how = "rename" if save % 2 else "close"
        if how == "rename":
            beside = path.with_name("saved.toml.tmp")
            beside.write_text(text)
            begun = time.perf_counter()
            os.replace(beside, path)
        else:
            with open(path, "w") as file:
                file.write(text)
                file.flush()
                begun = time.perf_counter()
        times[how].append((watch.wait(begun, r"^train saved") - begun) * 1e3)
        watch.wait(begun, r"1 trained")
    path.unlink()
    both = times["rename"] + times["close"]
    return f"{percentiles(both)}; p50 after rename {median(times['rename']):.0f}, after close {median(times['close']):.0f}"


def tags(ledger, number):
    """Whole processes that tag a run."""
    times = [ledger.time("tag", "linear-regression", f"round={at}") for at in range(number)]
    return percentiles(times)


def beside_training(table, ledger, watch, number):
    """Tags while the daemon trains with all processors."""
    path = ledger.root / "experiments/housing/long.toml"
    begun = time.perf_counter()
    path.write_text(spec(ledger, "long", "n_estimators = 4000000\nmax_depth = 20"))
    watch.wait(begun, r"^train long")
    table.row(f"`tag` beside a training daemon, {number} times", "200 ms p99", tags(ledger, number))
    with busy(BUSY):
        time.sleep(1)
        table.row(f"the same beside {BUSY} busy processes", "–", tags(ledger, number))
    path.unlink()
    ledger.run("stop", "long")


def idle(table, minutes, runs):
    """The daemon of a large ledger while nothing happens."""
    with Ledger() as ledger:
        bench("generate", runs, ledger.root)
        (ledger.root / "ledger.toml").write_text('format = 1\ntitle = "Idle"\n')
        begun = time.perf_counter()
        with Watch(ledger) as watch:
            ready = time.perf_counter() - begun
            # Half a minute after the last pass it gives memory back.
            time.sleep(45)
            before, start = watch.seconds(), time.perf_counter()
            time.sleep(minutes * 60)
            share = (watch.seconds() - before) / (time.perf_counter() - start)
            own, all_of_it, most = watch.memory()
        table.row(
            f"daemon idle over {minutes:g} min, {runs:,} runs",
            "< 0.5 % of a core, < 60 MB",
            f"{100 * share:.3f} % of a core; {own / 1e6:.0f} MB (PSS), {all_of_it / 1e6:.0f} MB (RSS), {most / 1e6:.0f} MB at its most; "
            f"{before:.1f} s of a processor before, up to date after {ready:.1f} s",
        )
        table.gate("an idle daemon takes less than 0.5 % of a core", share < IDLE_SHARE)
        table.gate("an idle daemon has less than 60 MB", own < IDLE_MEMORY)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute in all")
    options = parser.parse_args()
    if not os.access(PROGRAM, os.X_OK):
        sys.exit(f"no program at {PROGRAM}; cargo build --release")
    quick = options.quick
    table = Table()
    load = os.getloadavg()[0]
    number = 20 if quick else 200
    with Ledger() as ledger:
        ledger.run("run")
        with Watch(ledger) as watch:
            table.row(f"saved spec → training starts, {number} saves", "300 ms p50", saves(ledger, watch, number, 2))
            with busy(BUSY):
                time.sleep(1)
                measured = saves(ledger, watch, number, 2 + number)
                table.row(f"the same beside {BUSY} busy processes", "–", measured)
            beside_training(table, ledger, watch, number)
    idle(table, 0.25 if quick else 10, 2_000 if quick else 10_000)
    table.row("load average before", "–", f"{load:.1f}")
    table.end()


if __name__ == "__main__":
    main()
