"""A power cut, on ext4 and on xfs: what was acknowledged before it is there afterwards, intact.

A file system on a loop device is shut down without flushing its journal (FS_IOC_SHUTDOWN), as if the machine had lost
power; then it is mounted again. This is the tier "root": it needs root on Linux and loop devices. Elsewhere it prints
that and tries nothing.
"""

import fcntl
import os
import random
import re
import subprocess
import sys
import time
from contextlib import contextmanager

from fixture import FULL, PROGRAM, Checks, Ledger, run, spec, torn

ROUNDS = 12 if FULL else 1
# The least that mkfs.xfs makes is 300 MB.
SIZE = 320 * 1024 * 1024
SHUTDOWN = 0x8004587D
WITHOUT_FLUSH = 2
SWEEP = '\n[sweep]\nmethod = "grid"\nparams = {{ alpha = [{}] }}\n'


def may():
    return sys.platform == "linux" and os.geteuid() == 0 and os.path.exists("/dev/loop-control")


class Disk:
    """A file system in a file."""

    def __init__(self, checks, kind):
        self.kind, self.image, self.place = kind, checks.work / f"{kind}.image", checks.work / f"{kind}.mount"
        with open(self.image, "wb") as image:
            image.truncate(SIZE)
        make = ["mkfs.ext4", "-q", "-F"] if kind == "ext4" else ["mkfs.xfs", "-q", "-f"]
        subprocess.run([*make, self.image], check=True)
        self.place.mkdir()

    def mount(self):
        subprocess.run(["mount", "-o", "loop", self.image, self.place], check=True)

    def unmount(self):
        # A process that was ended may take an instant to let go of its files.
        for _ in range(100):
            if subprocess.run(["umount", self.place], stderr=subprocess.DEVNULL).returncode == 0:
                return
            time.sleep(0.1)
        sys.exit(f"cannot unmount {self.place}")

    def cut(self):
        folder = os.open(self.place, os.O_RDONLY)
        fcntl.ioctl(folder, SHUTDOWN, WITHOUT_FLUSH.to_bytes(4, "little"))
        os.close(folder)

    @contextmanager
    def after_a_cut(self, use):
        """Mounts it, lets `use` work until it says what was acknowledged, cuts, and mounts it again."""
        self.mount()
        try:
            acknowledged = use(self.place)
            (self.place / "canary").write_text("nobody synced this")
            self.cut()
        finally:
            self.unmount()
        self.mount()
        try:
            yield acknowledged
        finally:
            self.unmount()


def sweep(number):
    alphas = ", ".join(f"{i / number}" for i in range(1, number + 1))
    return spec(model="elastic-net").replace('"small"', '"net {alpha}"') + SWEEP.format(alphas)


def lines_until(ledger, words, enough):
    """Starts the program and gives its process and the lines it wrote until one of them is enough."""
    child = subprocess.Popen(
        [PROGRAM, *words], cwd=ledger.root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace",
    )
    lines = []
    for line in child.stdout:
        lines.append(line.rstrip("\n"))
        if enough(lines):
            break
    return child, lines


class Lot:
    """The cuts of one kind on one file system, and what was found afterwards."""

    def __init__(self, checks, disk, chance):
        self.checks, self.disk, self.chance = checks, disk, chance
        self.children, self.ledger = [], None
        self.acknowledged = self.lost = self.canaries = 0
        self.wrong = []

    def end(self):
        for child in self.children:
            child.stdout.close()
            child.kill()
            child.wait()
        self.children.clear()

    def fresh(self, place, name, *specs):
        self.ledger = Ledger.make(place / name, *specs)
        os.sync()
        return self.ledger

    def judge(self, what, missing):
        """Counts what is missing and looks at the whole ledger."""
        self.end()
        self.lost += len(missing)
        if missing:
            self.wrong.append(f"{what}: lost {missing}")
        self.wrong += torn(self.ledger)
        whole = self.ledger.git("fsck", "--full", "--no-dangling", "--no-progress")
        self.wrong += [f"{what}: git fsck: {whole}"] if whole else []
        verified = self.ledger.call("verify")
        if verified.returncode:
            self.wrong.append(f"{what}: verify: {verified.stdout}{verified.stderr}")
        canary = self.disk.place / "canary"
        self.canaries += not canary.exists() or canary.read_text() == ""

    def runs(self, number):
        """Cut while runs are being recorded, after so many were reported."""
        wanted = self.chance.randint(1, 12)
        self.ledger = None

        def use(place):
            ledger = self.fresh(place, f"runs{number}", ("quick/sweep.toml", sweep(40)))
            done = lambda lines: sum(line.startswith("done ") for line in lines) >= wanted
            child, lines = lines_until(ledger, ["run", "-j", "2"], done)
            self.children.append(child)
            return [re.search(r"\((\w+)\)", line)[1] for line in lines if line.startswith("done ")]

        with self.disk.after_a_cut(use) as reported:
            self.acknowledged += len(reported)
            there = {folder.parent.name + folder.name for folder, status in self.by_folder() if status == "finished"}
            missing = [run for run in reported if not any(name.startswith(run) for name in there)]
            self.judge(f"runs {number}", missing)
            done = self.ledger.call("run")
            self.wrong += [] if done.returncode == 0 else [f"the next run: {done.stdout}{done.stderr}"]
            if self.ledger.number("finished") != 40:
                self.wrong.append(f"afterwards: {self.ledger.statuses()}")

    def by_folder(self):
        statuses = self.ledger.statuses()
        return [(folder, statuses[folder.name]) for folder in self.ledger.attempts()]

    def after(self, number, name, words, pattern, prepare, there):
        """Cut right after a line of the program that acknowledges something."""

        def use(place):
            ledger = self.fresh(place, f"{name}{number}", ("quick/sweep.toml", sweep(3)))
            prepare(ledger)
            os.sync()
            child, lines = lines_until(ledger, words(ledger), lambda lines: re.search(pattern, lines[-1]))
            self.children.append(child)
            found = re.search(pattern, lines[-1])
            if not found:
                self.wrong.append(f"{name} {number}: not acknowledged: {lines}")
            return [found[1]] if found else []

        with self.disk.after_a_cut(use) as acknowledged:
            self.acknowledged += len(acknowledged)
            self.judge(f"{name} {number}", [it for it in acknowledged if not there(self.ledger, it)])

    def snapshot(self, number):
        def there(ledger, commit):
            return ledger.git("rev-parse", "main").startswith(commit) and ledger.git("status", "--porcelain") == ""

        self.after(number, "snapshot", lambda _: ["run"], r"in commit (\w+) on main", lambda _: None, there)

    def publish(self, number):
        def there(ledger, commit):
            return ledger.git("rev-parse", "pages").startswith(commit)

        words = ["publish", "--branch", "pages"]
        self.after(number, "publish", lambda _: words, r"commit (\w+)", lambda it: it.call("run"), there)

    def tag(self, number):
        def there(ledger, _):
            return all(run["tags"].get("colour") == "red" for run in ledger.json("list", "tags.colour = 'red'")[:1]) \
                and len(ledger.json("list", "tags.colour = 'red'")) == 1

        words = lambda ledger: ["tag", ledger.json("list")[0]["id"], "colour=red"]
        self.after(number, "tag", words, r"(colour|red|\w+)", lambda it: it.call("run"), there)

    def close(self, name):
        words = f"{ROUNDS} cuts, {self.acknowledged} acknowledged, {self.lost} lost"
        good = self.acknowledged >= ROUNDS and not self.lost and not self.wrong
        self.checks.check(f"{self.disk.kind}: {name}: {words}", good, *self.wrong)
        return self.canaries


def main():
    checks = Checks()
    if not may():
        print('tier "root": needs root on Linux and loop devices; no power is cut here')
        checks.ok("skipped")
        checks.close()
    print('tier "root": ext4 and xfs on loop devices')
    chance = random.Random(int(os.environ.get("SEED", 4)))
    for kind in ["ext4", "xfs"]:
        disk = Disk(checks, kind)
        names = ["runs", "snapshot", "publish", "tag"]
        canaries = 0
        for name in names:
            lot = Lot(checks, disk, chance)
            for number in range(ROUNDS):
                getattr(lot, name)(number)
            canaries += lot.close(name)
        # Otherwise the cuts would cut nothing, and the checks could not fail. Not all of them: what is still being
        # recorded syncs the journal, and a canary that is in it by then stays.
        words = f"{canaries} of {len(names) * ROUNDS} cuts lost what nobody synced"
        checks.check(f"{kind}: {words}", canaries > 0)
        disk.image.unlink()
    checks.close()


main()
