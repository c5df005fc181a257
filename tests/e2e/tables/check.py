#!/usr/bin/env python3
"""The tables that the program writes, read by DuckDB and Polars, and its lists on a real terminal."""

import csv
import fcntl
import io
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import duckdb
import polars

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "forest"))
from ledger import PROGRAM, REPOSITORY, Checks, Ledger  # noqa: E402

BOOSTING = """name = "boosting-{n_estimators}"
[data]
path = "data/housing.csv"
target = "price"
split = { column = "split" }
[train]
model = "gradient-boosting-regressor"
[sweep]
method = "grid"
params = { n_estimators = [5, 40] }
"""


def ask(query):
    return duckdb.sql(query).fetchall()


def close(one, other):
    return abs(one - other) <= 1e-9 * max(1.0, abs(one), abs(other))


def sums(runs):
    """Counts and sums of what `list --json` says: all runs, then by metric."""
    names = sorted({name for run in runs for name in run["metrics"]})
    values = {name: [run["metrics"][name] for run in runs if name in run["metrics"]] for name in names}
    return len(runs), {name: (len(found), sum(found)) for name, found in values.items()}


def points(ledger, runs):
    """Counts and sums of the points in the files themselves, by experiment and metric."""
    found = {}
    for run in runs:
        for line in (ledger.root / run["directory"] / "metrics.jsonl").read_text().splitlines():
            point = json.loads(line)
            count, total = found.get((run["experiment"], point["name"]), (0, 0.0))
            found[run["experiment"], point["name"]] = (count + 1, total + point["value"])
    return found


def same(checks, name, found, wanted):
    agree = found.keys() == wanted.keys() and all(
        found[key][0] == wanted[key][0] and close(found[key][1], wanted[key][1]) for key in wanted
    )
    checks.holds(name, agree, "" if agree else f"{found}, wanted {wanted}")


def read_by_duckdb(checks, ledger, runs):
    tables = ledger.root / "export"
    number, by_metric = sums(runs)
    run_table = f"read_parquet('{tables}/runs/*.parquet')"
    found = ask(f"select count(*), count(distinct run_id) from {run_table}")[0]
    checks.holds("DuckDB: a row a run", found == (number, len({run["id"] for run in runs})), str(found))
    read = {
        name: ask(f'select count("last_{name}"), sum("last_{name}") from {run_table}')[0]
        for name in by_metric
    }
    same(checks, "DuckDB: counts and sums of the final metrics", read, by_metric)
    types = {row[0]: row[1] for row in ask(f"describe select * from {run_table}")}
    wanted = {"created": "TIMESTAMP WITH TIME ZONE", "seed": "BIGINT", "param_n_estimators": "BIGINT",
              "param_bootstrap": "BOOLEAN", "last_r2": "DOUBLE", "label": "VARCHAR"}
    checks.holds("DuckDB: columns have their types", wanted.items() <= types.items(), str(types))
    point_table = f"read_parquet('{tables}/metrics/*/*.parquet', hive_partitioning = true)"
    query = f"select experiment, name, count(*), sum(value) from {point_table} group by all"
    read = {(row[0], row[1]): row[2:] for row in ask(query)}
    same(checks, "DuckDB: counts and sums of the metric points", read, points(ledger, runs))
    query = f"""select count(*) from (select run_id, name, min(value) low, max(value) high from {point_table}
        where name = 'rmse' group by all) join {run_table} using (run_id) where low = min_rmse and high = max_rmse"""
    joined = ask(query)[0][0]
    checks.holds("DuckDB: the tables join, and extremes agree", joined == by_metric["rmse"][0], str(joined))


def read_by_polars(checks, ledger, runs):
    tables = ledger.root / "export"
    number, by_metric = sums(runs)
    frame = polars.scan_parquet(tables / "runs/*.parquet").collect()
    checks.holds("Polars: a row a run", frame.height == number, str(frame.height))
    read = {name: (frame[f"last_{name}"].count(), frame[f"last_{name}"].sum()) for name in by_metric}
    same(checks, "Polars: counts and sums of the final metrics", read, by_metric)
    scan = polars.scan_parquet(tables / "metrics/**/*.parquet", hive_partitioning=True)
    grouped = scan.group_by("experiment", "name").agg(polars.len().alias("n"), polars.col("value").sum()).collect()
    read = {(row[0], row[1]): row[2:] for row in grouped.rows()}
    same(checks, "Polars: counts and sums of the metric points", read, points(ledger, runs))
    spread = {json.loads(text)["n_estimators"] for text in frame["params_json"] if "n_estimators" in text}
    checks.holds("Polars: all params in one column", spread == set(frame["param_n_estimators"].drop_nulls()))


def filtered(checks, ledger):
    words = "metrics.rmse < 60000 and params.n_estimators >= 40"
    runs = json.loads(ledger.command("list", words, "--json"))
    ledger.command("list", words, "--parquet", "some.parquet")
    count, total = ask(f"select count(*), sum(last_rmse) from '{ledger.root}/some.parquet'")[0]
    agree = count == len(runs) > 0 and close(total, sum(run["metrics"]["rmse"] for run in runs))
    checks.holds("a filter chooses the same runs for JSON and Parquet", agree, f"{count} runs")
    text = ledger.command("list", words, "--csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    agree = [row["run_id"] for row in rows] == [run["id"] for run in runs]
    exact = all(float(row["last_rmse"]) == run["metrics"]["rmse"] for row, run in zip(rows, runs))
    checks.holds("CSV holds the same runs to the last bit", agree and exact)


def on_terminal(ledger, *words, rows=50, columns=80, **environment):
    """What the program writes to a terminal of this size."""
    terminal, program_side = pty.openpty()
    fcntl.ioctl(program_side, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    environment = ledger.environment | {"TERM": "xterm"} | environment
    child = subprocess.Popen([PROGRAM, *words], cwd=ledger.root, env=environment,
                             stdin=program_side, stdout=program_side, stderr=program_side)
    os.close(program_side)
    written = b""
    try:
        while piece := os.read(terminal, 65536):
            written += piece
    except OSError:
        pass
    child.wait()
    os.close(terminal)
    return written.decode().replace("\r\n", "\n")


def terminals(checks, ledger):
    colour = re.compile("\x1b\\[[0-9;]*m")
    shown = on_terminal(ledger, "list", columns=200)
    checks.holds("a terminal gets colours", bool(colour.search(shown)))
    plain = on_terminal(ledger, "list", columns=200, NO_COLOR="1")
    checks.holds("NO_COLOR is heard", not colour.search(plain))
    checks.holds("colours change nothing else", colour.sub("", shown) == plain)
    checks.holds("a pipe gets none", "\x1b" not in ledger.command("list"))
    for columns in (60, 80, 100):
        lines = on_terminal(ledger, "list", columns=columns, NO_COLOR="1").splitlines()
        widest = max(len(line) for line in lines if "not shown" not in line)
        checks.holds(f"a table fits into {columns} columns", widest <= columns, str(widest))
    pager = on_terminal(ledger, "list", rows=6, PAGER="sed s/^/paged:/")
    checks.holds("what is longer than the terminal goes through the pager", "paged:" in pager)
    checks.holds("what is shorter does not", "paged:" not in on_terminal(ledger, "list", PAGER="sed s/^/paged:/"))
    pager = on_terminal(ledger, "list", "--no-pager", rows=6, PAGER="sed s/^/paged:/")
    checks.holds("--no-pager is heard", "paged:" not in pager)
    shape = ledger.command("list", "boosting-40", "--columns", "label,curve.train_loss")
    checks.holds("a falling loss falls", "█" in shape and "▁" in shape and shape.index("█") < shape.index("▁"), shape)


def main():
    checks = Checks()
    with Ledger() as ledger:
        spec = REPOSITORY / "experiments/housing"
        for name in ("forest.toml", "baseline.toml"):
            ledger.write(f"experiments/housing/{name}", (spec / name).read_text())
        ledger.write("experiments/größer als/boosting.toml", BOOSTING)
        ledger.command("run")
        ledger.command("export", "parquet")
        runs = json.loads(ledger.command("list", "--json"))
        read_by_duckdb(checks, ledger, runs)
        read_by_polars(checks, ledger, runs)
        filtered(checks, ledger)
        terminals(checks, ledger)
    checks.end()


if __name__ == "__main__":
    main()
