"""One tree without bootstrap on all features is scikit-learn's tree, prediction by prediction.

The data have no ties: every feature has distinct values even in 32 bits, and targets are drawn so that no two
cuts gain the same. Where two cuts do gain the same, scikit-learn itself chooses by its random state.
"""

import numpy as np
import pandas as pd
from ledger import Checks, Ledger
from sklearn.ensemble import RandomForestRegressor
from sklearn.tree import DecisionTreeRegressor

# Rows, features, params.
SHAPES = [
    (40, 1, {}),
    (60, 2, {"max_depth": 3}),
    (200, 3, {"min_samples_leaf": 4}),
    (200, 5, {"min_samples_split": 9}),
    (500, 4, {"max_depth": 8, "min_samples_leaf": 2}),
    (1000, 8, {"max_depth": 6}),
    (3000, 6, {"max_depth": 12, "min_samples_split": 5}),
]
SEEDS = range(5)
TARGETS = ["smooth", "noise", "large", "tiny", "integer", "negative"]


def draw(rows, features, target, seed):
    random = np.random.default_rng([rows, features, seed, TARGETS.index(target)])
    # A shuffled ladder with a jitter smaller than its steps: distinct values, in 32 bits too.
    steps = np.stack([random.permutation(rows) for _ in range(features)], axis=1)
    x = steps + random.uniform(0.1, 0.9, size=(rows, features))
    x *= 10.0 ** random.integers(-3, 4, size=features)
    x = x.astype(np.float32).astype(np.float64)
    scaled = x / x.max(axis=0)
    y = np.sin(5 * scaled[:, 0]) + scaled[:, -1] ** 2 + random.normal(0, 0.3, rows)
    y = {
        "smooth": y,
        "noise": random.normal(0, 1, rows),
        "large": 1e9 + 1e6 * y,
        "tiny": 1e-9 * y,
        # Whole numbers drawn from so wide a range that they hardly repeat.
        "integer": np.round(1e9 * y),
        "negative": -100 * np.exp(y),
    }[target]
    table = pd.DataFrame(x, columns=[f"x{number}" for number in range(features)])
    table["y"] = y
    table["part"] = np.where(random.uniform(size=rows) < 0.75, "train", "test")
    # Both parts have a row.
    table.loc[0, "part"], table.loc[1, "part"] = "train", "test"
    return table


def main():
    checks = Checks()
    with Ledger() as ledger:
        cases = {}
        for rows, features, params in SHAPES:
            for target in TARGETS:
                for seed in SEEDS:
                    name = f"{rows}x{features}-{target}-{seed}"
                    table = draw(rows, features, target, seed)
                    names = [column for column in table if column.startswith("x")]
                    distinct = table[names].astype(np.float32).nunique()
                    assert (distinct == rows).all(), f"{name} has ties: {distinct.tolist()} of {rows} rows"
                    table.to_csv(ledger.root / f"data/{name}.csv", index=False)
                    lines = "\n".join(f"{key} = {value}" for key, value in params.items())
                    ledger.write(
                        f"experiments/trees/{name}.toml",
                        f"""
name = "{name}"
[data]
path = "data/{name}.csv"
target = "y"
split = {{ column = "part" }}
[train]
model = "random-forest-regressor"
seed = {seed}
[params]
n_estimators = 1
bootstrap = false
max_features = 1.0
{lines}
""",
                    )
                    cases[name] = (table, names, params, seed)
        ledger.command("run", "trees")
        runs = {run["label"]: run for run in ledger.runs("trees")}
        checks.holds("one tree: every case ran", set(runs) == set(cases), f"{len(runs)} of {len(cases)}")
        shapes = {}
        for name, (table, names, params, seed) in cases.items():
            # What the program read is the text of the file.
            table = pd.read_csv(ledger.root / f"data/{name}.csv", float_precision="round_trip")
            train, test = table[table.part == "train"], table[table.part == "test"]
            tree = DecisionTreeRegressor(random_state=seed, **params).fit(train[names], train.y)
            forest = RandomForestRegressor(n_estimators=1, bootstrap=False, random_state=seed, **params)
            theirs = forest.fit(train[names], train.y).predict(test[names])
            # A case whose own answer depends on scikit-learn's random state would prove nothing.
            settled = np.array_equal(tree.predict(test[names]), theirs)
            directory = ledger.root / runs[name]["directory"]
            path = directory / "artifacts/predictions.csv"
            ours = pd.read_csv(path, float_precision="round_trip")
            rows = np.array_equal(ours["row"], test.index + 1)
            actual = np.array_equal(ours["actual"], test.y)
            scale = np.abs(test.y).max()
            off = np.abs(ours["predicted"] - theirs).max() / scale if len(ours) == len(theirs) else np.inf
            # A leaf's mean is a sum of the same numbers in another order: the last digits may differ.
            same = bool(off <= 1e-12)
            nodes = ledger_nodes(directory) == forest.estimators_[0].tree_.node_count
            shape = name.rsplit("-", 1)[0]
            shapes.setdefault(shape, []).append((settled, rows and actual, same, nodes, float(off)))
        for shape, results in shapes.items():
            settled, data, same, nodes, off = zip(*results)
            detail = f"{sum(same)} of {len(same)} seeds identical, largest difference {max(off):.1e} of the target"
            checks.holds(f"one tree {shape}", all(data) and all(same) and all(nodes), detail)
            checks.holds(f"one tree {shape}: scikit-learn's answer is settled", all(settled))
    checks.end()


def ledger_nodes(directory):
    for line in (directory / "run.toml").read_text().splitlines():
        if line.startswith("nodes = "):
            return int(line.split(" = ")[1])
    return None


if __name__ == "__main__":
    main()
