"""One tree on all features is scikit-learn's tree: node by node in number, prediction by prediction.

The data have no ties: every feature has distinct values even in 32 bits, and no two features divide a node equally
well. Where two do, scikit-learn itself chooses by its random state; so a drawn table counts only when scikit-learn
gives the same predictions under ten random states, and others are drawn until there are enough. Even then its last
digits differ from state to state, for a leaf's mean is summed in the order in which its rows were divided.
"""

import numpy as np
import pandas as pd
from ledger import Checks, Ledger
from sklearn.metrics import log_loss
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

# Rows, features, params. Small nodes with several features hardly ever are without ties.
NUMBERS = [
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
# Classes tie more often than numbers: few rows of a class are told apart equally well in many places. Not among them:
# class_weight, with which scikit-learn splits a pure node when rounding leaves it an impurity of 3e-16.
CLASSES = [
    (40, 1, {}),
    (300, 1, {"max_depth": 6, "min_samples_split": 7}),
    (200, 2, {"max_depth": 3, "min_samples_leaf": 8}),
    (400, 3, {"min_samples_leaf": 20}),
    (1000, 5, {"max_depth": 4, "min_samples_leaf": 15}),
    (3000, 6, {"max_depth": 8, "min_samples_leaf": 40}),
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
model = "{model}"
seed = {seed}
[params]
{lines}
[evaluate]
metrics = {metrics}
"""
# Not among them: targets in units so small (variance below 2e-16) that scikit-learn takes every node for pure. Our
# trees do not depend on the unit of the target.
NUMBER_TARGETS = ["smooth", "noise", "large", "shifted", "integer", "negative"]
CLASS_TARGETS = ["two", "three", "seven", "rare", "chance"]


class Numbers:
    """Regression: a decision tree, and a forest of one tree, predict the same numbers."""

    shapes, targets, models = NUMBERS, NUMBER_TARGETS, ["random-forest-regressor", "decision-tree-regressor"]
    metrics = ["r2"]
    variants = [{}]

    @staticmethod
    def target(y, name, random):
        return {
            "smooth": y,
            "noise": random.normal(0, 1, len(y)),
            "large": 1e9 + 1e6 * y,
            "shifted": 1e3 + y,
            # Whole numbers drawn from so wide a range that they hardly repeat.
            "integer": np.round(1e9 * y),
            "negative": -100 * np.exp(y),
        }[name]

    @staticmethod
    def fit(train, names, params, state):
        return DecisionTreeRegressor(random_state=state, **params).fit(train[names], train.y)

    @staticmethod
    def answer(tree, test, names):
        return tree.predict(test[names])

    @staticmethod
    def scale(table):
        return np.abs(table.y).max()


class Classes:
    """Classification: a decision tree predicts the same classes with the same log loss."""

    shapes, targets, models = CLASSES, CLASS_TARGETS, ["decision-tree-classifier"]
    metrics = ["accuracy", "log_loss"]
    variants = [{"criterion": "gini"}, {"criterion": "entropy"}]

    @staticmethod
    def target(y, name, random):
        def parts(count):
            return np.searchsorted(np.quantile(y, np.arange(1, count) / count), y)

        return {
            "two": parts(2),
            "three": parts(3),
            "seven": parts(7),
            "rare": (y > np.quantile(y, 0.9)) + (y > np.quantile(y, 0.97)),
            "chance": random.integers(0, 4, len(y)),
        }[name].astype(int)

    @staticmethod
    def fit(train, names, params, state):
        return DecisionTreeClassifier(random_state=state, **params).fit(train[names], train.y)

    @staticmethod
    def answer(tree, test, names):
        return tree.predict_proba(test[names])

    @staticmethod
    def scale(_table):
        return 1.0


def draw(rows, features, task, target, seed):
    random = np.random.default_rng([rows, features, seed, task.targets.index(target)])
    # A shuffled ladder with a jitter smaller than its steps: distinct values, in 32 bits too.
    steps = np.stack([random.permutation(rows) for _ in range(features)], axis=1)
    x = steps + random.uniform(0.1, 0.9, size=(rows, features))
    x *= 10.0 ** random.integers(-3, 4, size=features)
    x = x.astype(np.float32).astype(np.float64)
    scaled = x / x.max(axis=0)
    y = np.sin(5 * scaled[:, 0]) + scaled[:, -1] ** 2 + random.normal(0, 0.3, rows)
    table = pd.DataFrame(x, columns=[f"x{number}" for number in range(features)])
    table["y"] = task.target(y, target, random)
    table["part"] = np.where(random.uniform(size=rows) < 0.75, "train", "test")
    # Both parts have a row.
    table.loc[0, "part"], table.loc[1, "part"] = "train", "test"
    return table


def parts(table):
    return table[table.part == "train"], table[table.part == "test"]


def alike(one, other, scale):
    return one.shape == other.shape and float(np.abs(one - other).max()) <= ROUNDING * scale


def is_settled(task, table, names, params):
    train, test = parts(table)
    if set(test.y) != set(train.y) and task is Classes:
        return False
    trees = [task.fit(train, names, params, state) for state in range(10)]
    nodes = {tree.tree_.node_count for tree in trees}
    first, *others = (task.answer(tree, test, names) for tree in trees)
    return len(nodes) == 1 and all(alike(first, other, task.scale(table)) for other in others)


def settled_cases(task, checks, folder):
    """Tables on which scikit-learn's answer does not depend on its random state, written as CSV."""
    for rows, features, common in task.shapes:
        for target in task.targets:
            for variant in task.variants:
                params = common | variant
                names = [f"x{number}" for number in range(features)]
                words = "-".join(variant.values())
                shape = f"{rows}x{features}-{target}{'-' * bool(words)}{words}"
                found = 0
                for seed in range(DRAWN):
                    table = draw(rows, features, task, target, seed)
                    distinct = table[names].astype(np.float32).nunique()
                    if (distinct == rows).all() and is_settled(task, table, names, params):
                        found += 1
                        case = f"{shape}-{seed}"
                        table.to_csv(folder / f"{case}.csv", index=False)
                        yield case, names, params, seed
                    if found == WANTED:
                        break
                checks.holds(f"{shape}: {WANTED} tables without ties", found == WANTED, f"{seed + 1} drawn")


def lines(model, params):
    """The params of a spec; the forest's trees take every row once and try all features."""
    text = [f"{key} = {value!r}" for key, value in params.items()]
    if model == "random-forest-regressor":
        text += ["n_estimators = 1", "bootstrap = false", "max_features = 1.0"]
    return "\n".join(text)


def compare(task, checks, ledger, run, case, names, params, seed):
    """Checks one run; returns whether its predictions are scikit-learn's to the last bit."""
    # Both read the text of the file.
    table = pd.read_csv(ledger.root / f"data/{case}.csv", float_precision="round_trip")
    train, test = parts(table)
    tree = task.fit(train, names, params, seed)
    directory = ledger.root / run["directory"]
    ours = pd.read_csv(directory / "artifacts/predictions.csv", float_precision="round_trip")
    same_rows = np.array_equal(ours["row"], test.index + 1) and np.array_equal(ours["actual"], test.y)
    predicted, wanted = ours["predicted"].to_numpy(), tree.predict(test[names])
    scale = task.scale(table)
    same = alike(predicted, wanted, scale)
    if task is Classes:
        loss = log_loss(test.y, tree.predict_proba(test[names]), labels=tree.classes_)
        same = same and abs(run["metrics"]["log_loss"] - loss) <= 1e-9 * max(loss, 1)
    nodes = ledger.show(run)["model"]["nodes"]
    off = np.abs(predicted - wanted).max() / scale if len(predicted) == len(wanted) else np.inf
    checks.holds(
        f"{run['label']}: scikit-learn's predictions",
        same_rows and nodes == tree.tree_.node_count and same,
        f"{nodes} nodes, wanted {tree.tree_.node_count}; largest difference {off:.0e} of the target",
    )
    return np.array_equal(predicted, wanted)


def main():
    checks = Checks()
    with Ledger() as ledger:
        for task in (Numbers, Classes):
            experiment = task.__name__.lower()
            cases = {case[0]: case for case in settled_cases(task, checks, ledger.root / "data")}
            for case, _, params, seed in cases.values():
                for model in task.models:
                    text = SPEC.format(
                        case=case, model=model, seed=seed, lines=lines(model, params), metrics=task.metrics
                    )
                    ledger.write(f"experiments/{experiment}/{model}-{case}.toml", text)
            ledger.command("run", experiment)
            runs = ledger.runs(experiment)
            wanted = len(cases) * len(task.models)
            checks.holds(f"{experiment}: every case ran", len(runs) == wanted, f"{len(runs)} of {wanted}")
            exact = sum(compare(task, checks, ledger, run, *cases[run["label"]]) for run in runs)
            print(f"     equal to the last bit: {exact} of {len(runs)}")
    checks.end()


if __name__ == "__main__":
    main()
