"""Disks that take no more: full at each size of what is left, out of inodes, read-only; what is there stays whole.

File systems in memory stand for the disk; where nobody may mount one, that part prints so. `FAULTS=full` tries each
number of free blocks that a run can run out of.
"""

import os
import shutil
import subprocess
import sys
import time

from fixture import FULL, Checks, Ledger, forest, run, spec, torn, wait_for

BLOCK = 4096
STEP = 1 if FULL else 16


def may_mount():
    """Whether this process may mount; one that may not tries again as the root of a name space of its own."""
    if os.geteuid() == 0:
        return True
    if os.environ.get("FAULTS_MAPPED") or run("unshare", "-Urm", "true").returncode:
        return False
    os.environ["FAULTS_MAPPED"] = "1"
    os.execvp("unshare", ["unshare", "-Urm", sys.executable, *sys.argv])


class Disk:
    """A file system in memory at a folder."""

    def __init__(self, place, options):
        self.place = place
        place.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=True)

    def change(self, options):
        subprocess.run(["mount", "-o", f"remount,{options}", self.place], check=True)

    def close(self):
        assert wait_for(lambda: run("umount", self.place).returncode == 0)


def one_error(done):
    """The lines of a failed command that say why."""
    return [line for line in done.stderr.splitlines() if line.startswith("error")]


class Full:
    """Runs on a disk that fills up, and what was wrong with any of them."""

    def __init__(self, checks, template):
        self.checks, self.template = checks, template
        self.tried = self.refused = 0
        self.wrong = []

    def try_with(self, name, disk, fill, empty):
        """One run when the disk has been filled, and the next when there is room again."""
        ledger = self.template.copy(disk.place / "ledger")
        earlier = ledger.attempts()
        ledger.save("quick/new.toml", spec("fit_intercept = false"))
        fill()
        done = ledger.call("run", "-j", "1")
        self.tried += 1
        said = one_error(done)
        if "panicked" in done.stderr or done.returncode in (101, 134, 139, -6, -11):
            self.wrong.append(f"{name}: panicked: {done.stderr}")
        self.wrong += [f"{name}: {line}" for line in torn(ledger)]
        sealed = ledger.number("finished") - len(earlier)
        if done.returncode:
            self.refused += 1
            if not any(words in done.stdout + done.stderr for words in ["disk is full", "No space left"]):
                self.wrong.append(f"{name}: fails without saying that the disk is full: {done.stdout}{done.stderr}")
            if len(said) > 2:
                self.wrong.append(f"{name}: {len(said)} errors: {said}")
        elif not sealed:
            self.wrong.append(f"{name}: succeeds without a run: {done.stdout}{done.stderr}")
        if "done small" in done.stderr and not sealed:
            self.wrong.append(f"{name}: reported and not there")
        empty()
        done = ledger.call("run", "-j", "1")
        if done.returncode or (sealed and "0 trained" not in done.stdout):
            self.wrong.append(f"{name}: with room again: exit {done.returncode}: {done.stdout}{done.stderr}")
        verified = ledger.call("verify")
        if verified.returncode or ledger.number("finished") != len(earlier) + 1 or ledger.unsealed():
            self.wrong.append(f"{name}: afterwards: {ledger.statuses()} {verified.stdout}{verified.stderr}")
        if ledger.git("status", "--porcelain") or ledger.git("fsck", "--no-dangling", "--no-progress"):
            self.wrong.append(f"{name}: git: {ledger.git('status', '--porcelain')}")
        shutil.rmtree(ledger.root)

    def close(self, name):
        self.checks.check(f"{name}: {self.tried} tried, {self.refused} refused", not self.wrong, *self.wrong)
        self.checks.check(f"{name}: some were refused and some were not", 0 < self.refused < self.tried)


def full(checks, template):
    disk = Disk(checks.work / "full", "size=64m")
    filler = disk.place / "filler"
    lot = Full(checks, template)

    def fill(left):
        with open(filler, "wb") as file:
            state = os.statvfs(disk.place)
            os.posix_fallocate(file.fileno(), 0, (state.f_bavail - left) * BLOCK)

    for left in range(0, 260, STEP):
        lot.try_with(f"{left} blocks left", disk, lambda: fill(left), filler.unlink)
    lot.close("full")
    disk.close()


def without_inodes(checks, template):
    disk = Disk(checks.work / "inodes", "size=64m,nr_inodes=20000")
    lot = Full(checks, template)
    stuffing = disk.place / "stuffing"

    def fill(left):
        stuffing.mkdir()
        state = os.statvfs(disk.place)
        for number in range(state.f_ffree - left):
            (stuffing / str(number)).touch()

    for left in range(0, 130, 3 if FULL else 43):
        lot.try_with(f"{left} inodes left", disk, lambda: fill(left), lambda: shutil.rmtree(stuffing))
    lot.close("out of inodes")
    disk.close()


READS = [["list"], ["list", "--json"], ["show", "small"], ["best", "quick"], ["plan"], ["verify"], ["log", "small"]]
READS += [["status"], ["why", "quick/linear"], ["list", "metrics.r2 > 0"]]


def judge_read_only(checks, name, ledger, **options):
    """Every reading command answers as before, every writing one says what is in its way."""
    for words in READS:
        done = ledger.call(*words, **options)
        checks.check(f"{name}: {' '.join(words)}", done.returncode == 0, done.stdout, done.stderr)
    for words in [["run"], ["run", "--force"], ["tag", "small", "colour=red"], ["report"], ["snapshot"], ["watch", "--once"]]:
        done = ledger.call(*words, **options)
        said = done.stdout + done.stderr
        told = any(part in said for part in ["read-only", "permission denied", "Read-only", "Permission denied"])
        harmless = words[0] in ("run", "report", "snapshot", "watch") and done.returncode == 0
        checks.check(
            f"{name}: {' '.join(words)}: one line says why", "panicked" not in said and (told or harmless),
            f"exit {done.returncode}", said,
        )
        checks.check(f"{name}: {' '.join(words)}: at most one error", len(one_error(done)) <= 1, said)


def read_only(checks, template):
    disk = Disk(checks.work / "read-only", "size=64m")
    ledger = template.copy(disk.place / "ledger")
    ledger.call("run")
    before = ledger.call("list", "--json").stdout
    ledger.save("quick/new.toml", spec("fit_intercept = false"))
    disk.change("ro")
    checks.equal("read-only disk: the same answer", ledger.call("list", "--json").stdout, before)
    judge_read_only(checks, "read-only disk", ledger)
    disk.change("rw")
    done = ledger.call("run")
    checks.equal("writable again: the new spec is trained", (done.returncode, ledger.number("finished")), (0, 2))
    disk.close()


def daemon_survives(checks, template):
    """A disk that fills up under `watch`: it says so, goes on, and trains what could not be recorded."""
    disk = Disk(checks.work / "watched", "size=64m")
    ledger = template.copy(disk.place / "ledger")
    log, filler = checks.work / "watch.log", disk.place / "filler"
    child = ledger.start("watch", log=log)
    checks.check("watch: begins", wait_for(lambda: "0 trained" in log.read_text()), log.read_text())
    spec_file = ledger.root / "experiments/quick/new.toml"
    for depth in range(2, 8 if FULL else 4):
        spec_file.write_text(forest(0))
        time.sleep(0.6)
        told = log.read_text().count("disk is full") + log.read_text().count("No space left")
        with open(filler, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, os.statvfs(disk.place).f_bavail * BLOCK)
        # In place and no longer, so that it still fits.
        spec_file.write_text(forest(depth))
        said = wait_for(lambda: log.read_text().count("disk is full") + log.read_text().count("No space left") > told)
        checks.check(f"watch on a full disk, {depth}: says so", said, log.read_text()[-1500:])
        checks.check(f"watch on a full disk, {depth}: goes on", child.poll() is None, log.read_text()[-1500:])
        filler.unlink()
        # The next full look is a minute away; a save is looked at now.
        spec_file.write_text(forest(depth) + "# saved again\n")
        trained = wait_for(lambda: f"max_depth = {depth}" in params_of(ledger))
        checks.check(f"watch with room again, {depth}: trains", trained, log.read_text()[-1500:])
    child.terminate()
    checks.equal("watch: ends", child.wait(60), 0)
    checks.equal("watch: nothing torn", torn(ledger), [])
    spec_file.unlink()
    checks.equal("watch: the next run succeeds", ledger.call("run").returncode, 0)
    checks.equal("watch: nothing is unsealed", ledger.unsealed(), [])
    checks.equal("watch: verify", ledger.call("verify").returncode, 0)
    checks.equal("watch: git fsck", ledger.git("fsck", "--no-dangling", "--no-progress"), "")
    disk.close()


def params_of(ledger):
    return "".join((folder / "params.toml").read_text() for folder in ledger.attempts())


def not_ones_own(checks, template):
    """A folder that the user may read and not write, which root would not notice."""
    ledger = template.copy(checks.work / "others")
    ledger.call("run")
    ledger.save("quick/new.toml", spec("fit_intercept = false"))
    subprocess.run(["chmod", "-R", "a+rX,a-w", checks.work], check=True)
    try:
        judge_read_only(checks, "folder of another", ledger, user=65534, group=65534, extra_groups=[])
    finally:
        subprocess.run(["chmod", "-R", "u+w", checks.work], check=True)


def main():
    mounts = may_mount()
    checks = Checks(quick_disk=True)
    template = Ledger.make(checks.work / "template", ("quick/linear.toml", spec()))
    done = template.call("run")
    checks.equal("the template is trained", done.returncode, 0)
    if mounts:
        full(checks, template)
        without_inodes(checks, template)
        read_only(checks, template)
        daemon_survives(checks, template)
    else:
        print('tier "mount": nobody but root may mount a disk in memory here; full and read-only disks are not tried')
    if os.geteuid() == 0 and "FAULTS_MAPPED" not in os.environ:
        not_ones_own(checks, template)
    checks.close()


main()
