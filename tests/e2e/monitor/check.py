#!/usr/bin/env python3
"""Drift as scipy measures it, and the guide's drifted houses: they raise an alert, the test rows do not.

The population stability index, the Kolmogorov-Smirnov test and the chi-square test of every column agree with scipy to
1e-9, each from the training rows and the new rows themselves; metrics are those of scikit-learn on the predictions. The
card of the registered model is read by the Hugging Face Hub's own library.
"""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from huggingface_hub import ModelCard
from scipy.special import rel_entr
from scipy.stats import chi2_contingency, ks_2samp
from sklearn.metrics import mean_squared_error, r2_score

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "forest"))
from ledger import PROGRAM, Checks, Ledger  # noqa: E402

HERE = Path(__file__).resolve().parent
TOLERANCE = 1e-9
LEAST = 1e-4
ALERT = 7

FOREST = """name = "forest"
[data]
path = "data/housing.csv"
target = "price"
features = ["area", "bedrooms", "bathrooms", "age", "distance_to_city"]
split = { column = "split" }
[train]
model = "random-forest-regressor"
seed = 42
[params]
n_estimators = 300
max_depth = 20
min_samples_split = 2
"""
WORDS = """name = "words"
[data]
path = "data/words.csv"
target = "kind"
split = { column = "part" }
[train]
model = "random-forest-classifier"
[prepare]
categories = "one-hot"
missing = "most-frequent"
[params]
n_estimators = 10
"""


def monitor(ledger, name, model, data, rest=""):
    ledger.write(f"monitors/{name}.toml", f'model = "{model}"\ndata = "{data}"\n{rest}')


def evaluate(ledger, name):
    """What `monitor run --json` says of a monitor, and the exit code."""
    done = subprocess.run(
        [PROGRAM, "monitor", "run", name, "--json"],
        cwd=ledger.root,
        env=ledger.environment,
        capture_output=True,
        text=True,
    )
    if done.returncode not in (0, ALERT):
        sys.exit(f"monitor run {name}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return json.loads(done.stdout)[0], done.returncode


def measures(ledger, done):
    """The rows of an evaluation's `drift.csv` by column."""
    text = (ledger.root / done["directory"] / "artifacts/drift.csv").read_text()
    return {row["column"]: row for row in csv.DictReader(io.StringIO(text))}


def stability(p, q):
    p, q = (np.maximum(counts / counts.sum(), LEAST) for counts in (p, q))
    return rel_entr(p, q).sum() + rel_entr(q, p).sum()


def of_numbers(training, new):
    """PSI over tenths of the training numbers, KS statistic and p-value."""
    training, new = training.dropna().to_numpy(float), new.dropna().to_numpy(float)
    edges = np.unique(np.quantile(training, np.arange(1, 10) / 10))
    counts = [np.bincount(np.searchsorted(edges, x, side="left"), minlength=len(edges) + 1) for x in (training, new)]
    test = ks_2samp(training, new, method="exact")
    return {"psi": stability(*counts), "ks": test.statistic, "ks_p": test.pvalue}


def of_words(training, new):
    """PSI over categories, chi-square statistic and p-value."""
    words = sorted(set(training.dropna()) | set(new.dropna()))
    counts = np.array([[(column == word).sum() for word in words] for column in (training, new)])
    test = chi2_contingency(counts, correction=False)
    return {"psi": stability(*counts), "chi2": test.statistic, "chi2_p": test.pvalue}


def compare(checks, name, shown, wanted):
    for measure, value in wanted.items():
        checks.within(f"{name} {measure}", float(shown[measure]), value, TOLERANCE)


def houses(checks, ledger):
    housing = pd.read_csv(ledger.root / "data/housing.csv")
    training, test = (housing[housing.split == part] for part in ("train", "test"))
    drifted = pd.read_csv(HERE / "housing_drift.csv")
    drifted.to_csv(ledger.root / "data/drifted.csv", index=False)
    test.to_csv(ledger.root / "data/same.csv", index=False)
    ledger.write("experiments/housing/forest.toml", FOREST)
    ledger.command("run", "experiments/housing/forest.toml")
    ledger.command("model", "register", "house", "forest")
    ledger.command("model", "alias", "house@champion", "1")
    relative = 'alert = ["r2 < 0.95 * training.r2"]\n'
    for name, data, alert in (("drifted", drifted, ALERT), ("same", test, 0)):
        monitor(ledger, name, "house@champion", f"data/{name}.csv", relative)
        done, code = evaluate(ledger, name)
        checks.holds(f"{name}: exit code", code == alert, f"{code}, {done['raised']}")
        shown = measures(ledger, done)
        for column in [*done_features(ledger), "price"]:
            wanted = of_numbers(training[column], data[column])
            compare(checks, f"{name} {column}", shown[column], wanted)
        predictions = pd.read_csv(ledger.root / done["directory"] / "artifacts/predictions.csv")
        for metric, value in (
            ("r2", r2_score(predictions.actual, predictions.predicted)),
            ("rmse", mean_squared_error(predictions.actual, predictions.predicted) ** 0.5),
        ):
            checks.within(f"{name} {metric}", done["metrics"][metric] / value, 1.0, TOLERANCE)
    monitor(ledger, "same", "house@champion", "data/same.csv", 'alert = ["r2 < 0.8"]\n')
    done, code = evaluate(ledger, "same")
    checks.holds("a limit above every model's score raises without drift", code == ALERT and done["hit"])


def done_features(ledger):
    return json.loads(ledger.command("model", "show", "house/1", "--json"))["features"]


def words(checks, ledger):
    random = np.random.default_rng(5)

    def table(rows, shares, shift):
        frame = pd.DataFrame(
            {
                "size": np.round(random.normal(shift, 1, rows), 2),
                "town": random.choice(["Bonn", "Jena", "Ulm"], rows, p=shares),
                "kind": random.choice(["new", "old"], rows),
            }
        )
        frame.loc[random.random(rows) < 0.05 * (1 + 2 * shift), ["size"]] = np.nan
        return frame

    training, test, new = table(700, [0.5, 0.3, 0.2], 0), table(100, [0.5, 0.3, 0.2], 0), table(450, [0.3, 0.3, 0.4], 1)
    new.loc[:3, "town"] = "Trier"
    pd.concat([training.assign(part="train"), test.assign(part="test")]).to_csv(ledger.root / "data/words.csv", index=False)
    new.to_csv(ledger.root / "data/new.csv", index=False)
    ledger.write("experiments/words/words.toml", WORDS)
    ledger.command("run", "experiments/words/words.toml")
    ledger.command("model", "register", "words", "words")
    monitor(ledger, "words", "words/1", "data/new.csv", "drift = { psi = 0.1, chi2 = 0.01, missing = 0.05 }\n")
    done, code = evaluate(ledger, "words")
    shown = measures(ledger, done)
    compare(checks, "words size", shown["size"], of_numbers(training["size"], new["size"]))
    for column in ("town", "kind"):
        compare(checks, f"words {column}", shown[column], of_words(training[column], new[column]))
    checks.within("words size missing", float(shown["size"]["missing"]), new["size"].isna().mean(), TOLERANCE)
    more = new["size"].isna().mean() - training["size"].isna().mean()
    checks.within("words size missing more", done["metrics"]["missing_size"], more, TOLERANCE)
    raised = " ".join(done["raised"])
    checks.holds("words: every limit raises", code == ALERT and all(w in raised for w in ("psi of town", "chi2 of town", "missing of size")), raised)


def card(checks, ledger):
    path = ledger.root / "card.md"
    ledger.command("model", "card", "house@champion", "-o", str(path))
    read = ModelCard.load(path).data.to_dict()
    checks.holds("the card is read", read["library_name"] == "fairledger" and read["pipeline_tag"] == "tabular-regression")
    metrics = read["model-index"][0]["results"][0]["metrics"]
    version = json.loads(ledger.command("model", "show", "house/1", "--json"))
    wanted = {name: value for name, value in version["metrics"].items()}
    checks.holds("the card has every metric", {it["type"]: it["value"] for it in metrics} == wanted)


checks = Checks()
with Ledger() as ledger:
    houses(checks, ledger)
    words(checks, ledger)
    card(checks, ledger)
    ledger.command("verify")
checks.end()
