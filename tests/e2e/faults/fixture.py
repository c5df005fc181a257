"""What every script of faults starts from: a folder and a home of its own, ledgers, and checks that count.

A script makes its `Checks`, calls what it needs and ends with `checks.close()`, which prints "N passed, N failed".
`FAULTS=full` in the environment asks for full sizes; without it they are such that all scripts take minutes.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
PROGRAM = Path(os.environ.get("FAIRLEDGER", REPOSITORY / "target/release/fairledger")).resolve()
FULL = os.environ.get("FAULTS") == "full"


class Checks:
    """Counts checks and keeps the folder of the script when one failed."""

    def __init__(self, quick_disk=False):
        if not os.access(PROGRAM, os.X_OK):
            sys.exit(f"no program at {PROGRAM}; cargo build --release")
        # Where nothing depends on a real disk, one in memory is quicker and spares it.
        memory = "/dev/shm" if quick_disk and os.access("/dev/shm", os.W_OK) else None
        self.work = Path(tempfile.mkdtemp(prefix="faults-", dir=memory))
        self.passed = self.failed = 0
        self.keep = False
        home = self.work / "home"
        home.mkdir()
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "XDG_CONFIG_HOME"]:
            os.environ.pop(name, None)
        # `git status` would otherwise take the lock of the index.
        os.environ |= {
            "HOME": str(home),
            "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_OPTIONAL_LOCKS": "0",
        }
        for key, value in [
            ("user.name", "Ada"),
            ("user.email", "ada@example.org"),
            ("init.defaultBranch", "main"),
            ("safe.directory", "*"),
            ("gc.auto", "0"),
        ]:
            subprocess.run(["git", "config", "--global", key, value], check=True)

    def ok(self, name):
        self.passed += 1
        print(f"ok   {name}", flush=True)

    def fail(self, name, *words):
        self.failed += 1
        print(f"FAIL {name}")
        for line in "\n".join(str(word) for word in words).splitlines()[:60]:
            print(f"     | {line}")
        sys.stdout.flush()

    def check(self, name, condition, *words):
        if condition:
            self.ok(name)
        else:
            self.fail(name, *words)

    def equal(self, name, got, wanted):
        self.check(name, got == wanted, f"got:    {got}", f"wanted: {wanted}")

    def close(self):
        if self.failed or self.keep:
            print(f"kept for a look: {self.work}")
        else:
            shutil.rmtree(self.work, ignore_errors=True)
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(0 if self.passed and not self.failed else 1)


def run(*words, where=None, patience=600, **options):
    """Runs a program to its end; both its streams as text."""
    return subprocess.run(
        [str(word) for word in words],
        cwd=where,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=patience,
        **options,
    )


def wait_for(condition, patience=30.0, pause=0.02):
    """Whether a condition became true in so many seconds."""
    until = time.monotonic() + patience
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(pause)
    return True


SPEC = """\
name = "small"
[data]
path = "data/small.csv"
target = "y"
split = {{ column = "part" }}
[train]
model = "{model}"
{seed}
[params]
{params}
"""


def spec(params="", model="linear-regression", seed=""):
    """The text of a spec over the small data."""
    return SPEC.format(model=model, seed=seed, params=params)


def forest(depth):
    """The text of a spec of one small forest."""
    return spec(f"n_estimators = 3\nmax_depth = {depth}\n", "random-forest-regressor", "seed = 7")


def small_data(rows=60):
    lines = ["x1,x2,x3,y,part"]
    for i in range(1, rows + 1):
        a, b, c = i * 7919 % 100003, i * 104729 % 100019, i * 1299709 % 100043
        part = "train" if i % 5 else "test"
        lines.append(f"{a}.5,{b}.25,{c}.125,{a / 7 + b / 11 - c / 13:.3f},{part}")
    return "\n".join(lines) + "\n"


class Ledger:
    """A ledger's folder and the program in it."""

    def __init__(self, root):
        self.root = Path(root)

    @classmethod
    def make(cls, root, *specs, rows=60):
        """A new ledger in a repository of its own, with the small data and some specs by file name."""
        done = run(PROGRAM, "init", "--empty", root)
        if done.returncode:
            sys.exit(f"init: {done.stderr}")
        ledger = cls(root)
        # Nothing is published without one.
        settings = ledger.root / "ledger.toml"
        settings.write_text(settings.read_text().replace('licence = ""', 'licence = "CC-BY-4.0"'))
        (ledger.root / "data").mkdir(exist_ok=True)
        (ledger.root / "data/small.csv").write_text(small_data(rows))
        for name, text in specs:
            ledger.save(name, text)
        return ledger

    def copy(self, root):
        shutil.copytree(self.root, root, symlinks=True)
        return Ledger(root)

    def save(self, name, text):
        path = self.root / "experiments" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def call(self, *words, **options):
        return run(PROGRAM, *words, where=self.root, **options)

    def start(self, *words, log, before=()):
        """Starts the program and lets it run; its streams go to a file."""
        with open(log, "ab") as stream:
            return subprocess.Popen(
                [str(word) for word in (*before, PROGRAM, *words)],
                cwd=self.root,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=stream,
            )

    def json(self, *words):
        done = self.call(*words, "--json")
        if done.returncode:
            raise RuntimeError(f"{words}: {done.stderr}")
        return json.loads(done.stdout)

    def git(self, *words):
        done = run("git", *words, where=self.root)
        return done.stdout if done.returncode == 0 else f"{done.stdout}{done.stderr}exit {done.returncode}"

    def attempts(self):
        """The directories below `runs`, whatever they hold."""
        return sorted(self.root.glob("experiments/*/runs/*/*"))

    def unsealed(self):
        return sorted(self.root.glob(".fairledger/tmp/*/*.*"))

    def statuses(self):
        """The status of each attempt, by directory; "torn" where there is no record."""
        found = {}
        for folder in self.attempts():
            try:
                found[folder.name] = tomllib.loads((folder / "run.toml").read_text())["status"]
            except (OSError, ValueError, KeyError):
                found[folder.name] = "torn"
        return found

    def number(self, status):
        return sum(1 for other in self.statuses().values() if other == status)


def torn(ledger):
    """What is wrong with the attempts, judged without the program: each file by size and SHA-256."""
    wrong = []
    for folder in ledger.attempts():
        try:
            manifest = tomllib.loads((folder / "manifest.toml").read_text())
            manifest["file"][0]["sha256"]
        except (OSError, ValueError, KeyError) as error:
            wrong.append(f"{folder.name}: {error}")
            continue
        listed = {file["path"] for file in manifest["file"]} | {"manifest.toml"}
        there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
        if listed != there:
            wrong.append(f"{folder.name}: holds {sorted(there ^ listed)} against its manifest")
        for file in manifest["file"]:
            path = folder / file["path"]
            if path.is_file():
                held = path.read_bytes()
                if (len(held), hashlib.sha256(held).hexdigest()) != (file["size"], file["sha256"]):
                    wrong.append(f"{folder.name}: {file['path']} is not what was sealed")
    return wrong
