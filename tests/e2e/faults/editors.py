"""The editor matrix: specs saved as editors save them while `watch` runs; each save is one run, of the final bytes.

The patterns are the calls that editors make, recorded with strace: vim 9 (by default, with `backupcopy=no`, in
place), emacs 29 (by rename and in place), VS Code, the JetBrains editors' safe write, and two programs that write in
chunks. `FAULTS=full` repeats each 200 times, all of them at once.
"""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from fixture import FULL, Checks, Ledger, forest, torn, wait_for

TIMES = 200 if FULL else 3


# After so many seconds of quiet a file that its writer holds open counts as saved.
QUIET = 0.25


def write(path, *chunks, flags=os.O_WRONLY | os.O_CREAT | os.O_TRUNC, sync=False, pause=0.0):
    """Writes a file in chunks; whether a machine that is busy made the pauses as long as an end of writing."""
    file = os.open(path, flags, 0o644)
    late, last = False, time.monotonic()
    for number, chunk in enumerate(chunks):
        if number and pause:
            time.sleep(pause)
        before, last = last, time.monotonic()
        os.write(file, chunk)
        late = late or time.monotonic() - before > QUIET
    if sync:
        os.fsync(file)
    os.close(file)
    return late


def vim(path, text):
    """The default on Linux for a plain file: a probe, the old file renamed away, a new one written."""
    folder = path.parent
    write(folder / f".{path.name}.swp", b"b0VIM", sync=True)
    write(folder / "4913", flags=os.O_WRONLY | os.O_CREAT | os.O_EXCL)
    os.chmod(folder / "4913", 0o644)
    os.unlink(folder / "4913")
    os.rename(path, f"{path}~")
    write(path, text, sync=True)
    os.chmod(path, 0o644)
    os.unlink(f"{path}~")
    os.unlink(folder / f".{path.name}.swp")


def vim_in_place(path, text):
    """`backupcopy=yes`: a copy as backup, then the file itself written over."""
    write(f"{path}~", path.read_bytes())
    write(path, text, sync=True)
    os.unlink(f"{path}~")


def emacs(path, text):
    """A lock that leads nowhere, the old file renamed to a backup, the new one written and closed twice."""
    lock = path.parent / f".#{path.name}"
    os.symlink("ada@host.1234:1700000000", lock)
    os.rename(path, f"{path}~")
    write(path, text, sync=True)
    write(path, flags=os.O_WRONLY | os.O_APPEND)
    os.unlink(lock)


def emacs_in_place(path, text):
    lock = path.parent / f".#{path.name}"
    os.symlink("ada@host.1234:1700000000", lock)
    write(path.parent / f"#{path.name}#", text)
    write(path, text, sync=True)
    time.sleep(0.03)
    write(path, flags=os.O_WRONLY | os.O_APPEND)
    os.unlink(path.parent / f"#{path.name}#")
    os.unlink(lock)


def vs_code(path, text):
    """In place: cut to nothing, written, and cut to its length; read again at once."""
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    os.ftruncate(file, 0)
    os.write(file, text)
    os.ftruncate(file, len(text))
    os.fdatasync(file)
    os.close(file)
    path.read_bytes()


def jetbrains(path, text):
    """A safe write: the spec does not exist for an instant."""
    new, old = f"{path}___jb_tmp___", f"{path}___jb_old___"
    write(new, text, sync=True)
    os.rename(path, old)
    time.sleep(0.014)
    os.rename(new, path)
    os.unlink(old)


def two_chunks(path, text):
    """The first chunk is a valid spec of another run."""
    at = len(text.rstrip(b"\n")) - 1
    return write(path, text[:at], text[at:], pause=0.047)


def two_slow_chunks(path, text):
    at = len(text.rstrip(b"\n")) - 1
    return write(path, text[:at], text[at:], pause=0.2)


def truncate_and_write(path, text):
    """Cut to nothing by one opening, written by the next."""
    write(path)
    time.sleep(0.01)
    write(path, text)


def rename(path, text):
    """A hidden file beside it, renamed over it: sed, rsync, many libraries."""
    write(path.parent / f".{path.name}.x8Wq2t", text, sync=True)
    os.rename(path.parent / f".{path.name}.x8Wq2t", path)


EDITORS = [vim, vim_in_place, emacs, emacs_in_place, vs_code, jetbrains, two_chunks, two_slow_chunks]
EDITORS += [truncate_and_write, rename]


def text_of(place, number):
    """A spec of two digits of depth, so that all but its last digit are a spec of another run."""
    return forest(number).replace("seed = 7", f"seed = {place + 1}").encode()


def runs_of(ledger, place):
    """The depths of the runs that a spec has led to."""
    folders = (ledger.root / f"experiments/e{place}/runs").glob("*/*")
    texts = [(folder / "params.toml").read_text() for folder in folders]
    return sorted(int(text.split("max_depth = ")[1].split()[0]) for text in texts)


def main():
    checks = Checks(quick_disk=True)
    # Other seeds, so that no editor's run is another's hit.
    ledger = Ledger.make(checks.work / "ledger")
    for place in range(len(EDITORS)):
        ledger.save(f"e{place}/s.toml", text_of(place, 10).decode())
    log = checks.work / "watch.log"
    child = ledger.start("watch", log=log)
    held = {place: [10] for place in range(len(EDITORS))}
    if not wait_for(lambda: all(runs_of(ledger, place) == held[place] for place in held), 60):
        checks.fail("the daemon trains what is there", log.read_text())
        checks.close()
    wrong = {place: [] for place in held}
    slowest = 0.0
    with ThreadPoolExecutor(len(EDITORS)) as pool:
        for number in range(11, 11 + TIMES):
            started = time.monotonic()
            saves = [
                pool.submit(editor, ledger.root / f"experiments/e{place}/s.toml", text_of(place, number))
                for place, editor in enumerate(EDITORS)
            ]
            late = [save.result() for save in saves]
            for place in held:
                held[place].append(number)
            wait_for(lambda: all(runs_of(ledger, place) == held[place] for place in held), 20)
            slowest = max(slowest, time.monotonic() - started)
            # Long enough for a second run that must not come.
            time.sleep(0.6)
            for place, editor in enumerate(EDITORS):
                found = runs_of(ledger, place)
                if found != held[place]:
                    told = f"save {number}: {found} in place of {held[place]}"
                    held[place] = found
                    if late[place] and number in found:
                        print(f"     {editor.__name__}: {told}, after a pause of more than {QUIET} s between chunks")
                    else:
                        wrong[place].append(told)
    for place, editor in enumerate(EDITORS):
        checks.check(
            f"{editor.__name__.replace('_', ' ')}: {TIMES} saves, {TIMES - len(wrong[place])} of them one run of the final bytes",
            not wrong[place], *wrong[place],
        )
    print(f"     the slowest of {TIMES} saves by all at once took {slowest:.2f} s")
    child.terminate()
    checks.equal("the daemon ends", child.wait(60), 0)
    checks.equal("torn", torn(ledger), [])
    for backup in ledger.root.glob("experiments/*/*~"):
        backup.unlink()
    checks.equal("git status", ledger.git("status", "--porcelain"), "")
    plan = ledger.call("plan").stdout
    checks.check("nothing is left to train", "0 to train" in plan, plan)
    checks.close()


if __name__ == "__main__":
    sys.exit(main())
