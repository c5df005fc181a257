#!/usr/bin/env python3
"""Every built-in model as ONNX: onnxruntime predicts what the program predicts.

Each model is trained with a few settings on scikit-learn's data sets, as they are and scaled, and on a table with words
and empty cells, prepared in several ways; the test rows have empty cells and words that no training row has. Files are
checked by `onnx.checker`; numbers agree to 1e-5, labels exactly. A model the list below does not know is trained with its
defaults, so none is forgotten.
"""

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pandas as pd
from tables import PREPARATIONS, TABLES, TASKS, WORDS

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "forest"))
from ledger import PROGRAM, Checks, Ledger  # noqa: E402

TOLERANCE = 1e-5
HIST = {"n_estimators": 10, "tree_method": "hist", "max_bins": 20}
# Settings by model, the defaults aside.
SETTINGS = {
    "k-neighbors-regressor": [
        {"weights": "distance"},
        {"metric": "chebyshev", "n_neighbors": 1},
        {"p": 3.0},
        {"metric": "manhattan", "n_neighbors": 20, "algorithm": "brute"},
    ],
    "k-neighbors-classifier": [{"weights": "distance"}, {"metric": "manhattan", "n_neighbors": 2}],
    "random-forest-regressor": [{"n_estimators": 7, "max_depth": 1}, {"n_estimators": 1, "bootstrap": False}, HIST],
    "logistic-regression": [{"penalty": "none"}, {"C": 0.1, "class_weight": "balanced", "fit_intercept": False}],
    "support-vector-classifier": [
        {"kernel": "linear"},
        {"kernel": "poly", "degree": 2, "coef0": 1.0},
        {"kernel": "sigmoid", "coef0": -0.5},
        {"gamma": "auto", "C": 10.0},
    ],
    "support-vector-regressor": [
        {"kernel": "linear", "C": 5.0},
        {"kernel": "poly", "C": 100.0},
        {"kernel": "sigmoid", "coef0": -0.5},
        {"epsilon": 1e9},
    ],
    "k-means": [{"n_clusters": 3, "init": "random"}],
    "linear-support-vector-classifier": [{"loss": "hinge"}],
    "linear-support-vector-regressor": [{"epsilon": 1.0}],
    "decision-tree-classifier": [{"criterion": "entropy", "max_depth": 4}],
    "decision-tree-regressor": [{"max_depth": 1}],
    "random-forest-classifier": [{"n_estimators": 2, "class_weight": "balanced"}, HIST],
    "gradient-boosting-classifier": [{"n_estimators": 7, "learning_rate": 0.5, "subsample": 0.5}, HIST],
    "gradient-boosting-regressor": [{"n_estimators": 300, "max_depth": 6}, {"n_estimators": 1}, HIST],
    "linear-regression": [{"fit_intercept": False}],
}
# The most classes that a model takes.
MOST_CLASSES = {"linfa-decision-tree": 2}
# Models that ONNX cannot express.
NOT_IN_ONNX = ["dbscan"]


def toml(value):
    return json.dumps(value)


class Case:
    """A model with settings on a table with a preparation."""

    def __init__(self, model, task, settings, table, target, preparation, text):
        self.model, self.task, self.table, self.target = model, task, table, target
        self.settings = ", ".join(f"{name}={value}" for name, value in settings.items())
        self.name = f"{model} ({self.settings or 'defaults'}) on {table}, {preparation or 'as it is'}"
        self.text = text
        self.features = [name for name in TABLES[table] if name not in {"part", "value", "kind", "target"}]
        params = "\n".join(f"{name} = {toml(value)}" for name, value in settings.items())
        self.spec = f"""
name = {toml(self.name)}
[data]
path = "data/{table}.csv"
{f'target = {toml(target)}' if target else ''}
features = {toml(self.features)}
split = {{ column = "part" }}
[train]
model = "{model}"
seed = 3
[params]
{params}
[artifacts]
onnx = true
[prepare]
{text}
"""


def takes(model, table, target):
    return model not in MOST_CLASSES or TABLES[table][target].nunique() <= MOST_CLASSES[model]


def cases(models):
    for model in models:
        name, task = model["name"], model["task"]
        if name in NOT_IN_ONNX:
            continue
        for settings in [{}, *SETTINGS.get(name, [])]:
            for table, target in TASKS[task].items():
                if not takes(name, table, target):
                    continue
                yield Case(name, task, settings, table, target, "", "")
                yield Case(name, task, settings, table, target, "standard", 'scale = "standard"')
            for preparation, text in PREPARATIONS.items() if takes(name, "words", WORDS[task]) else ():
                yield Case(name, task, settings, "words", WORDS[task], preparation, text)


def feed(session, table):
    """The columns of a data frame as inputs: empty cells are NaN or empty text."""
    inputs = {}
    for node in session.get_inputs():
        column = table[node.name]
        if node.type == "tensor(string)":
            text = column.astype(object).where(column.notna(), "").astype(str)
            inputs[node.name] = text.to_numpy(dtype=object).reshape(-1, 1)
        else:
            inputs[node.name] = column.to_numpy(dtype=np.float64).reshape(-1, 1)
    return inputs


def apart(ours, theirs):
    """The largest difference relative to the value, or to a thousandth of the usual value where it is near 0."""
    size = np.maximum(np.abs(ours), 1e-3 * np.abs(ours).mean())
    return float(np.max(np.abs(ours - theirs) / np.where(size > 0, size, 1.0), initial=0.0))


class Comparison:
    def __init__(self, ledger, checks):
        self.ledger, self.checks = ledger, checks
        # By model and kind of number the largest difference.
        self.largest = {}

    def case(self, case, run):
        """Compares the file of a run with the program, on the test rows."""
        output = self.ledger.root / "exported.onnx"
        self.ledger.command("export", "onnx", run["id"], "--output", str(output))
        exported = onnx.load(output)
        onnx.checker.check_model(exported, full_check=True)
        kept = onnx.load(self.ledger.root / run["directory"] / "artifacts/model.onnx")
        same = exported.graph.SerializeToString(deterministic=True) == kept.graph.SerializeToString(deterministic=True)
        session = onnxruntime.InferenceSession(output, providers=["CPUExecutionProvider"])
        rows = TABLES[case.table]
        rows = rows[rows["part"] == "test"]
        theirs = answers(session, rows)
        differences, wrong = compare(case, self.predict(case, run, rows), theirs)
        for kind, value in differences.items():
            self.largest[case.model, kind] = max(self.largest.get((case.model, kind), 0.0), value)
        detail = ", ".join(f"{kind} {value:.1e}" for kind, value in differences.items())
        if wrong:
            detail = f"{wrong} of {len(rows)} labels differ; {detail}"
        if not same:
            detail = f"the kept file is another; {detail}"
        fine = same and not wrong and all(value <= TOLERANCE for value in differences.values())
        self.checks.holds(case.name, fine, detail)
        if not case.settings:
            self.alone(case, session, rows, theirs)
            self.refused(case, session, rows, theirs)

    def alone(self, case, session, rows, theirs):
        """A row gets the same answer alone and among others."""
        one = answers(session, rows.iloc[3:4])
        same = [np.array_equal(value, theirs[name][3:4]) or apart(theirs[name][3:4], value) <= TOLERANCE
                for name, value in one.items()]
        self.checks.holds(f"{case.name}: one row", all(same))

    def refused(self, case, session, rows, theirs):
        """A cell that is empty where it may not be makes every number of its row NaN, and of no other."""
        if case.text not in {"", 'scale = "standard"'}:
            return
        rows = rows.copy()
        rows.iloc[3, rows.columns.get_loc(case.features[0])] = np.nan
        others = np.arange(len(rows)) != 3
        numbers = {name: value for name, value in answers(session, rows).items() if value.dtype == np.float64}
        fine = [np.isnan(value[3]).all() and apart(theirs[name][others], value[others]) <= TOLERANCE
                for name, value in numbers.items()]
        self.checks.holds(f"{case.name}: an empty cell", bool(fine) and all(fine))

    def predict(self, case, run, rows):
        """What the program says of some rows, as a table of text."""
        rows.drop(columns=["part", case.target], errors="ignore").to_csv(self.ledger.root / "asked.csv", index=False)
        text = self.ledger.command("predict", run["id"], "--input", "asked.csv", "--only")
        return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)


def answers(session, rows):
    outputs = session.run(None, feed(session, rows))
    return dict(zip([node.name for node in session.get_outputs()], outputs, strict=True))


def compare(case, ours, theirs):
    """The largest difference of each kind of number, and how many labels differ."""
    prediction = ours["prediction"].to_numpy()
    if case.task == "regression":
        return {"prediction": apart(prediction.astype(float), theirs["prediction"])}, 0
    label = theirs["label" if case.task == "classification" else "cluster"]
    wrong = int((prediction != label.astype(str)).sum())
    kinds = {"probabilities": "probability_", "scores": "score_"}
    differences = {}
    if case.task == "clustering":
        wrong += int((theirs["distances"].argmin(axis=1) != label).sum())
    for kind, prefix in kinds.items():
        columns = [name for name in ours if name.startswith(prefix)]
        if columns or kind in theirs:
            differences[kind] = apart(ours[columns].to_numpy(float), theirs[kind])
    return differences, wrong


def names(comparison):
    """Columns named as outputs and nodes are keep their names as inputs; the outputs get a 2."""
    odd = {"sepal length (cm)": "label", "sepal width (cm)": "probabilities", "petal length (cm)": "concat",
           "petal width (cm)": 'a "b", ü'}
    TABLES["odd"] = TABLES["iris"].rename(columns=odd)
    TABLES["odd"].to_csv(comparison.ledger.root / "data/odd.csv", index=False)
    case = Case("k-neighbors-classifier", "classification", {}, "odd", "target", "", "")
    comparison.ledger.write("experiments/names/odd.toml", case.spec)
    comparison.ledger.command("run", "names")
    output = comparison.ledger.root / "odd.onnx"
    comparison.ledger.command("export", "onnx", case.name, "--output", str(output))
    onnx.checker.check_model(onnx.load(output), full_check=True)
    session = onnxruntime.InferenceSession(output, providers=["CPUExecutionProvider"])
    rows = TABLES["odd"].iloc[:9]
    inputs = [node.name for node in session.get_inputs()]
    outputs = [node.name for node in session.get_outputs()]
    ours = comparison.predict(case, comparison.ledger.runs("names")[0], rows)
    same = list(answers(session, rows)[outputs[0]]) == list(ours["prediction"])
    named = inputs == list(odd.values()) and outputs == ["label_2", "probabilities_2"]
    comparison.checks.holds("odd names", named and same, ", ".join(outputs))


def refusals(ledger, checks, models):
    """A model that ONNX cannot express is refused before it is trained."""
    for model in models:
        if model["name"] in NOT_IN_ONNX:
            case = Case(model["name"], model["task"], {}, "iris", "", "", "")
            ledger.write(f"experiments/refused/{model['name']}.toml", case.spec)
            subprocess.run([PROGRAM, "run", "refused"], cwd=ledger.root, env=ledger.environment, capture_output=True)
            run = next(run for run in ledger.runs("refused") if run["trainer"] == model["name"])
            checks.holds(f"{model['name']} is refused", "cannot be written as ONNX" in (run["cause"] or ""), run["cause"])


def main():
    models = json.loads(subprocess.run([PROGRAM, "models", "--json"], check=True, capture_output=True).stdout)
    checks = Checks()
    with Ledger() as ledger:
        for name, table in TABLES.items():
            table.to_csv(ledger.root / f"data/{name}.csv", index=False)
        words = sys.argv[1:]
        chosen = [case for case in cases(models) if not words or any(word in case.name for word in words)]
        wanted = {case.name: case for case in chosen}
        for number, case in enumerate(wanted.values()):
            ledger.write(f"experiments/onnx/case{number}.toml", case.spec)
        ledger.command("run", "onnx")
        runs = {run["label"]: run for run in ledger.runs("onnx")}
        checks.holds("every case ran", set(runs) == set(wanted), f"{len(runs)} of {len(wanted)}")
        comparison = Comparison(ledger, checks)
        for name, case in wanted.items():
            comparison.case(case, runs[name])
        names(comparison)
        refusals(ledger, checks, models)
        print("\nlargest relative difference of a number, by model")
        for (model, kind), largest in comparison.largest.items():
            print(f"{model:32} {kind:14} {largest:.1e}")
    checks.end()


if __name__ == "__main__":
    main()
