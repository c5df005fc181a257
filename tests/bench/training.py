#!/usr/bin/env python3
"""Training beside scikit-learn on all processors: a forest on friedman1, and the 108-point grid with five folds.

Of the forest the fits are compared; of the grid our whole process (data, 540 folds, 108 models, ledger and site)
with the fit of scikit-learn's `GridSearchCV` alone. Times are reported and never decide.
"""

import argparse
import json
import sys
import time

import numpy as np
import pandas
from budgets import FEATURES, Ledger, Table, median
from sklearn.datasets import make_friedman1
from sklearn.ensemble import RandomForestRegressor
from sklearn.model_selection import GridSearchCV

GRID = {
    "n_estimators": [100, 200, 300],
    "max_depth": [10, 15, 20, None],
    "min_samples_split": [2, 5, 10],
    "min_samples_leaf": [1, 2, 4],
}
FOREST = """
[data]
path = "data/friedman1.csv"
target = "y"
split = {{ column = "part" }}
[train]
model = "random-forest-regressor"
seed = {seed}
[params]
n_estimators = {trees}
max_depth = 12
"""


def friedman1(table, ledger, rows, trees, repeats):
    x, y = make_friedman1(n_samples=rows + rows // 4, n_features=20, noise=1.0, random_state=0)
    data = pandas.DataFrame(x, columns=[f"x{column}" for column in range(20)])
    data["y"], data["part"] = y, np.where(np.arange(len(y)) < rows, "train", "test")
    data.to_csv(ledger.root / "data/friedman1.csv", index=False)
    ours, theirs, scores = [], [], []
    for seed in range(repeats):
        spec = ledger.root / "experiments/friedman/forest.toml"
        spec.parent.mkdir(exist_ok=True)
        spec.write_text(FOREST.format(seed=seed, trees=trees))
        ledger.run("run", "friedman")
        run = next(run for run in json.loads(ledger.run("list", "friedman", "--json")) if run["seed"] == seed)
        ours.append(run["timings"]["fit"])
        model = RandomForestRegressor(n_estimators=trees, max_depth=12, random_state=seed, n_jobs=-1)
        begun = time.perf_counter()
        model.fit(x[:rows], y[:rows])
        theirs.append(time.perf_counter() - begun)
        scores.append((run["metrics"]["r2"], model.score(x[rows:], y[rows:])))
    us, them = median(ours), median(theirs)
    means = np.mean(scores, axis=0)
    table.row(
        f"friedman1, {rows} × 20, {trees} trees, depth 12, {repeats} seeds",
        "10 × scikit-learn",
        f"{us:.2f} s; scikit-learn n_jobs=-1 {them:.2f} s: {them / us:.1f} ×; R² {means[0]:.4f} and {means[1]:.4f}",
    )


def grid(table, ledger, small):
    """The grid of `experiments/housing/tuning.toml`; `small` takes one number of trees: 36 points."""
    points = {**GRID, "n_estimators": [100]} if small else GRID
    lists = ", ".join(f"{name} = {['none' if it is None else it for it in values]}" for name, values in points.items())
    for spec in ("forest.toml", "baseline.toml"):
        (ledger.root / "experiments/housing" / spec).unlink()
    (ledger.root / "experiments/housing/tuning.toml").write_text(f"""
[data]
path = "data/housing.csv"
target = "price"
features = {FEATURES}
split = {{ column = "split" }}
[train]
model = "random-forest-regressor"
seed = 42
[sweep]
method = "grid"
params = {{ {lists} }}
[evaluate]
metrics = ["r2", "rmse"]
cv = 5
""")
    us = ledger.time("run", "housing") / 1e3
    runs = [run for run in json.loads(ledger.run("list", "housing", "--json")) if run["spec"] == "tuning.toml"]
    wanted = int(np.prod([len(values) for values in points.values()]))
    table.gate(f"the grid has {wanted} finished runs", sum(run["status"] == "finished" for run in runs) == wanted)
    again = ledger.time("run", "housing") / 1e3
    data = pandas.read_csv(ledger.root / "data/housing.csv")
    train, test = data[data.split == "train"], data[data.split == "test"]
    search = GridSearchCV(RandomForestRegressor(random_state=42), points, cv=5, scoring="r2", n_jobs=-1)
    begun = time.perf_counter()
    search.fit(train[FEATURES], train.price)
    them = time.perf_counter() - begun
    best = max(runs, key=lambda run: run["metrics"]["cv_r2"])
    score = search.score(test[FEATURES], test.price)
    table.row(
        f"grid of {wanted} points, 5 folds, whole process",
        "5 × scikit-learn",
        f"{us:.1f} s; GridSearchCV n_jobs=-1, its fit alone {them:.1f} s: {them / us:.1f} ×; best CV R² "
        f"{best['metrics']['cv_r2']:.4f} and {search.best_score_:.4f}, its test R² {best['metrics']['r2']:.4f} and {score:.4f}",
    )
    table.row("the same grid again, all of it held", "–", f"{again:.2f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller table, smaller grid")
    quick = parser.parse_args().quick
    table = Table()
    with Ledger() as ledger:
        friedman1(table, ledger, 8_000 if quick else 80_000, 20 if quick else 100, 1 if quick else 3)
        grid(table, ledger, quick)
    table.end()


if __name__ == "__main__":
    sys.exit(main())
