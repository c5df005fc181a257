"""One tree without bootstrap on all features is scikit-learn's tree, prediction by prediction.

The data have no ties: every feature has distinct values even in 32 bits, and no two features divide a node equally
well. Where two do, scikit-learn itself chooses by its random state; so a drawn table counts only when scikit-learn
gives the same predictions under ten random states, and others are drawn until there are enough. Even then its last
digits differ from state to state, for a leaf's mean is summed in the order in which its rows were divided.
"""

import numpy as np
import pandas as pd
from ledger import Checks, Ledger
from sklearn.ensemble import RandomForestRegressor
from sklearn.tree import DecisionTreeRegressor

# Rows, features, params. Small nodes with several features hardly ever are without ties.
SHAPES = [
    (40, 1, {}),
    (300, 1, {"max_depth": 6, "min_samples_split": 7}),
    (60, 2, {"max_depth": 2}),
    (300, 2, {"min_samples_split": 60}),
    (200, 3, {"min_samples_leaf": 12}),
    (200, 5, {"max_depth": 3, "min_samples_leaf": 10}),
    (500, 4, {"max_depth": 8, "min_samples_leaf": 15}),
    (1000, 8, {"max_depth": 5, "min_samples_leaf": 20}),
    (3000, 6, {"max_depth": 12, "min_samples_leaf": 25}),
]
WANTED = 3
DRAWN = 100
# Of the largest target.
ROUNDING = 1e-12
SPEC = """
name = "{case}"
[data]
path = "data/{case}.csv"
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
"""
# Not among them: targets in units so small (variance below 2e-16) that scikit-learn takes every node for pure. Our
# trees do not depend on the unit of the target.
TARGETS = ["smooth", "noise", "large", "shifted", "integer", "negative"]


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
        "shifted": 1e3 + y,
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


def predict(table, names, params, state):
    train, test = table[table.part == "train"], table[table.part == "test"]
    tree = DecisionTreeRegressor(random_state=state, **params).fit(train[names], train.y)
    return tree.predict(test[names]), tree.tree_.node_count


def alike(one, other, scale):
    return len(one) == len(other) and float(np.abs(one - other).max()) <= ROUNDING * scale


def is_settled(table, names, params):
    first, nodes = predict(table, names, params, 0)
    scale = np.abs(table.y).max()
    others = (predict(table, names, params, state) for state in range(1, 10))
    return all(count == nodes and alike(first, other, scale) for other, count in others)


def settled_cases(checks, folder):
    """Tables on which scikit-learn's answer does not depend on its random state, written as CSV."""
    for rows, features, params in SHAPES:
        for target in TARGETS:
            names = [f"x{number}" for number in range(features)]
            found = 0
            for seed in range(DRAWN):
                table = draw(rows, features, target, seed)
                distinct = table[names].astype(np.float32).nunique()
                if (distinct == rows).all() and is_settled(table, names, params):
                    found += 1
                    case = f"{rows}x{features}-{target}-{seed}"
                    table.to_csv(folder / f"{case}.csv", index=False)
                    yield case, names, params, seed
                if found == WANTED:
                    break
            shape = f"{rows} rows, {features} features, {target} target"
            checks.holds(f"{shape}: {WANTED} tables without ties", found == WANTED, f"{seed + 1} drawn")


def main():
    checks = Checks()
    with Ledger() as ledger:
        cases = {}
        for case, names, params, seed in settled_cases(checks, ledger.root / "data"):
            lines = "\n".join(f"{key} = {value}" for key, value in params.items())
            ledger.write(f"experiments/trees/{case}.toml", SPEC.format(case=case, seed=seed, lines=lines))
            cases[case] = (names, params, seed)
        ledger.command("run", "trees")
        runs = {run["label"]: run for run in ledger.runs("trees")}
        checks.holds("one tree: every case ran", set(runs) == set(cases), f"{len(runs)} of {len(cases)}")
        exact = 0
        for case, (names, params, seed) in cases.items():
            # Both read the text of the file.
            table = pd.read_csv(ledger.root / f"data/{case}.csv", float_precision="round_trip")
            train, test = table[table.part == "train"], table[table.part == "test"]
            forest = RandomForestRegressor(n_estimators=1, bootstrap=False, random_state=seed, **params)
            theirs = forest.fit(train[names], train.y).predict(test[names])
            directory = ledger.root / runs[case]["directory"]
            ours = pd.read_csv(directory / "artifacts/predictions.csv", float_precision="round_trip")
            same_rows = np.array_equal(ours["row"], test.index + 1) and np.array_equal(ours["actual"], test.y)
            scale = np.abs(table.y).max()
            predicted = ours["predicted"].to_numpy()
            off = np.abs(predicted - theirs).max() / scale if len(ours) == len(theirs) else np.inf
            nodes = ledger.show(runs[case])["model"]["nodes"]
            wanted = forest.estimators_[0].tree_.node_count
            exact += np.array_equal(predicted, theirs)
            checks.holds(
                f"one tree {case}: scikit-learn's predictions",
                same_rows and nodes == wanted and alike(predicted, theirs, scale),
                f"{nodes} nodes, wanted {wanted}; largest difference {off:.0e} of the target",
            )
        print(f"     equal to the last bit: {exact} of {len(cases)}")
    checks.end()


if __name__ == "__main__":
    main()
