"""A ledger in a folder of its own, driven by the real program, and checks that count."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
PROGRAM = Path(os.environ.get("FAIRLEDGER", REPOSITORY / "target/release/fairledger")).resolve()


class Checks:
    """Prints one line a check and adds them up."""

    def __init__(self):
        self.passed = self.failed = 0

    def holds(self, name, condition, detail=""):
        print(f"{'ok  ' if condition else 'FAIL'} {name}{': ' if detail else ''}{detail}", flush=True)
        self.passed += bool(condition)
        self.failed += not condition

    def within(self, name, value, wanted, tolerance):
        off = abs(value - wanted)
        self.holds(name, off <= tolerance, f"{value:.6g}, wanted {wanted:.6g} ± {tolerance:.2g}")

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(0 if self.passed and not self.failed else 1)


class Ledger:
    """The ledger that `init` makes, the housing example without its specs."""

    def __init__(self):
        if not os.access(PROGRAM, os.X_OK):
            sys.exit(f"no program at {PROGRAM}; cargo build --release")
        self.around = Path(tempfile.mkdtemp())
        self.root = self.around / "ledger"
        environment = {"HOME": str(self.around), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
        self.environment = os.environ | environment
        self.command("init", str(self.root), folder=self.around)
        for spec in ("forest.toml", "baseline.toml"):
            (self.root / "experiments/housing" / spec).unlink()

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is None:
            shutil.rmtree(self.around)
        else:
            print(f"kept for a look: {self.around}")

    def command(self, *words, folder=None):
        done = subprocess.run(
            [PROGRAM, *words],
            cwd=folder or self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            sys.exit(f"fairledger {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def write(self, path, text):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def runs(self, experiment):
        """The runs of an experiment as `list --json` gives them."""
        return json.loads(self.command("list", experiment, "--json"))

    def show(self, run):
        return json.loads(self.command("show", run["id"], "--json"))
