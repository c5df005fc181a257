"""Every built-in model against scikit-learn: default parameters, ten folds or ten seeds, fit times side by side.

Deterministic models must score as scikit-learn's on each fold within 1e-6 of the score; iterative ones that stop
short of the optimum by default within 0.005, and within 1e-6 once both go on to it, unless scikit-learn says that it
gave up before. Those that draw random numbers must lie within max(0.005, two deviations of scikit-learn's seeds) of its
mean, with fewer than ten seeds within one test row too. Times are reported and never decide.
"""

import argparse
import json
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from data import FOLDS, LOADERS, friedman1, shipped
from models import CLUSTERING, TABLES
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "forest"))
from ledger import Checks, Ledger  # noqa: E402

EXACT, LOOSE = 1e-6, 0.005
BINS = 'tree_method = "hist"'
HEADING = "| data | model | ours | scikit-learn | apart | allowed | fit, ms | scikit-learn | ratio |\n|---|---|---|---|---|---|---|---|---|"


def spec(data, fold, models, scaled, sweep="", params=""):
    prepare = '[prepare]\nscale = "standard"' if scaled else ""
    names = ", ".join(f'"{name}"' for name in models)
    metric = "r2" if data.task == "regression" else "accuracy"
    return f"""
name = "{{model}}-{{seed}}"
[data]
path = "data/{data.name}.csv"
target = "y"
features = {data.features}
split = {{ column = "fold{fold}" }}
[train]
{prepare}
[params]
{params}
[evaluate]
metrics = ["{metric}"]
[sweep]
method = "grid"
params = {{ model = [{names}] {sweep} }}
"""


def own_scores(ledger, experiment, key):
    """Score and fit time of every run of an experiment by (spec, model, seed)."""
    runs = {}
    for run in ledger.runs(experiment):
        if run["status"] != "finished":
            sys.exit(f"{run['label']} of {experiment}: {run['cause']}")
        runs[run["spec"], run["trainer"], run["seed"]] = run["metrics"][key], run["timings"]["fit"]
    return runs


def inertia(x, labels):
    """The sum of squared distances from each row to the mean of its cluster."""
    return sum(((x[labels == label] - x[labels == label].mean(axis=0)) ** 2).sum() for label in np.unique(labels))


def reference(counterpart, data, fold, seed=0, params=None):
    """Score and fit time of scikit-learn's model, and whether it says that it reached its tolerance."""
    model = counterpart.make(**(params or {}), **({"random_state": seed} if counterpart.seeded else {}))
    if counterpart.scaled:
        model = make_pipeline(StandardScaler(), model)
    x, y, test_x, test_y = data.split(fold)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", ConvergenceWarning)
        begun = time.perf_counter()
        model.fit(x, y)
        fit = time.perf_counter() - begun
    short = any(issubclass(it.category, ConvergenceWarning) for it in warned)
    return model.score(test_x, test_y), fit, not short


CLUSTERS = """
name = "{{model}}-{{seed}}"
[data]
path = "data/{name}.csv"
features = {features}
[train]
model = "{model}"
[evaluate]
metrics = ["silhouette"]
[sweep]
method = "grid"
params = {{ seed = {seeds} }}
"""


def own_clusters(ledger, run):
    """The cluster of each row, in file order."""
    return pd.read_csv(ledger.root / run["directory"] / "artifacts/clusters.csv").sort_values("row")["cluster"].to_numpy()


class Comparison:
    def __init__(self, ledger, checks):
        self.ledger, self.checks, self.rows = ledger, checks, []

    def data_set(self, data, names, folds, seeds):
        """Trains the models of a data set on both sides and compares them one by one."""
        table = TABLES[data.task]
        data.write(self.ledger.root / f"data/{data.name}.csv")
        fixed = [name for name in names if not table[name].seeded]
        drawn = [name for name in names if table[name].seeded]
        for fold in range(folds):
            for scaled in (False, True):
                group = [name for name in fixed if table[name].scaled == scaled]
                if group:
                    path = f"experiments/{data.name}/fold{fold}-{'scaled' if scaled else 'raw'}.toml"
                    self.ledger.write(path, spec(data, fold, group, scaled))
            for name in fixed:
                if table[name].tight:
                    params = "\n".join(f"{param} = {value}" for param, value in table[name].tight.items())
                    path = f"experiments/{data.name}/fold{fold}-{name}.toml"
                    self.ledger.write(path, spec(data, fold, [name], table[name].scaled, params=params))
        if drawn:
            sweep = f", seed = {list(range(seeds))}"
            self.ledger.write(f"experiments/{data.name}/seeds.toml", spec(data, 0, drawn, False, sweep))
            binned = [name for name in drawn if table[name].bins]
            self.ledger.write(f"experiments/{data.name}/bins.toml", spec(data, 0, binned, False, sweep, BINS))
        # One at a time, so that fit times are those of a model alone.
        self.ledger.command("run", data.name, "--jobs", "1")
        ours = own_scores(self.ledger, data.name, "r2" if data.task == "regression" else "accuracy")
        for name in fixed:
            self.folds(data, name, table[name], folds, ours)
        for name in drawn:
            self.seeds(data, name, table[name], seeds, ours)

    def folds(self, data, name, counterpart, folds, ours):
        kind = "scaled" if counterpart.scaled else "raw"
        self.pairs(data, name, counterpart, [ours[f"fold{fold}-{kind}.toml", name, 0] for fold in range(folds)])
        if counterpart.tight:
            own = [ours[f"fold{fold}-{name}.toml", name, 0] for fold in range(folds)]
            self.pairs(data, name, counterpart, own, counterpart.tight)

    def pairs(self, data, name, counterpart, own, params=None):
        """Fold by fold; where both stop short of the optimum, each at its own place, their means."""
        answers = [reference(counterpart, data, fold, params=params) for fold in range(len(own))]
        theirs = [(score, fit) for score, fit, _ in answers]
        stopped = params and not all(reached for *_, reached in answers)
        short = counterpart.tight and not params or stopped
        mean = [np.mean([score for score, _ in side]) for side in (own, theirs)]
        worst = max(abs(mine[0] - other[0]) / max(abs(other[0]), 1e-12) for mine, other in zip(own, theirs))
        apart = abs(mean[0] - mean[1]) if short else worst
        label = f"{name}, tol {params['tol']:.0e}" if params else name
        label += " (scikit-learn did not converge)" if stopped else ""
        self.row(data, label, own, theirs, apart, LOOSE if short else EXACT)

    def seeds(self, data, name, counterpart, seeds, ours):
        theirs = [reference(counterpart, data, 0, seed)[:2] for seed in range(seeds)]
        deviation = np.std([score for score, _ in theirs], ddof=1) if seeds > 1 else 0.0
        # An accuracy moves by whole rows, and a few seeds may have no deviation: one row is no difference then.
        few = data.task == "classification" and seeds < FOLDS
        row = 1.01 / (~data.parts[0]).sum() if few else 0.0
        for file, label in {"seeds.toml": name, "bins.toml": f"{name}, bins"}.items():
            if file == "seeds.toml" or counterpart.bins:
                own = [ours[file, name, seed] for seed in range(seeds)]
                mean = [np.mean([score for score, _ in side]) for side in (own, theirs)]
                self.row(data, label, own, theirs, abs(mean[0] - mean[1]), max(LOOSE, row, 2 * deviation))

    def clusters(self, data, seeds):
        """k-means by its inertia over seeds, DBSCAN row by row."""
        experiment = f"{data.name}-clusters"
        for name, counterpart in CLUSTERING.items():
            count = seeds if counterpart.seeded else 1
            text = CLUSTERS.format(name=data.name, features=data.features, model=name, seeds=list(range(count)))
            self.ledger.write(f"experiments/{experiment}/{name}.toml", text)
        self.ledger.command("run", experiment, "--jobs", "1")
        runs = self.ledger.runs(experiment)
        for name, counterpart in CLUSTERING.items():
            own, theirs, agreement = [], [], []
            for run in sorted((run for run in runs if run["trainer"] == name), key=lambda run: run["seed"]):
                model = counterpart.make(**({"random_state": run["seed"]} if counterpart.seeded else {}))
                begun = time.perf_counter()
                labels = model.fit_predict(data.x)
                seconds = time.perf_counter() - begun
                mine = own_clusters(self.ledger, run)
                agreement.append(float(np.array_equal(mine, labels)))
                scores = [inertia(data.x, it) if counterpart.seeded else 1.0 for it in (mine, labels)]
                own.append((scores[0] if counterpart.seeded else agreement[-1], run["timings"]["fit"]))
                theirs.append((scores[1], seconds))
            mean = [np.mean([score for score, _ in side]) for side in (own, theirs)]
            spread = np.std([score for score, _ in theirs], ddof=1) / mean[1] if len(theirs) > 1 else 0.0
            allowed = max(LOOSE, 2 * spread) if counterpart.seeded else EXACT
            label = f"{name}, {'inertia' if counterpart.seeded else 'equal labels'}"
            self.row(data, label, own, theirs, abs(mean[0] / mean[1] - 1), allowed)

    def row(self, data, name, own, theirs, apart, allowed):
        mean = [np.mean([score for score, _ in side]) for side in (own, theirs)]
        fit = [np.median([seconds for _, seconds in side]) * 1e3 for side in (own, theirs)]
        shown = f"{len(data.parts[0])} rows, {mean[0]:.6f} and {mean[1]:.6f}, {apart:.1e} apart, allowed {allowed:.1e}"
        self.checks.holds(f"{data.name}: {name}", apart <= allowed, shown)
        self.rows.append(
            f"| {data.name} | {name} | {mean[0]:.6f} | {mean[1]:.6f} | {apart:.1e} | {allowed:.1e} "
            f"| {fit[0]:.1f} | {fit[1]:.1f} | {fit[1] / max(fit[0], 1e-3):.1f} × |"
        )

    def end(self):
        print(f"\n{HEADING}")
        print("\n".join(self.rows), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=80_000, help="training rows of friedman1")
    parser.add_argument("--folds", type=int, default=FOLDS, help="folds, and seeds, of the shipped data sets")
    parser.add_argument("--seeds", type=int, default=FOLDS, help="seeds on friedman1")
    parser.add_argument("--only", help="one data set")
    given = parser.parse_args()
    checks = Checks()
    with Ledger() as ledger:
        built_in = [model["name"] for model in json.loads(ledger.command("models", "--json"))]
        compared = [name for table in (*TABLES.values(), CLUSTERING) for name in table]
        checks.holds("every built-in model is compared", sorted(built_in) == sorted(compared), ", ".join(built_in))
        comparison = Comparison(ledger, checks)
        for name in LOADERS:
            if given.only in (None, name):
                data = shipped(name)
                values = len(np.unique(data.y))
                names = [it for it, model in TABLES[data.task].items() if model.classes is None or values <= model.classes]
                comparison.data_set(data, names, given.folds, given.folds)
                comparison.clusters(data, FOLDS)
        if given.only in (None, "friedman1"):
            large = {name: it for name, it in TABLES["regression"].items()}
            fits = [name for name, it in large.items() if it.rows is None or it.rows >= given.rows]
            comparison.data_set(friedman1(given.rows), fits, 1, given.seeds)
        comparison.end()
    checks.end()


if __name__ == "__main__":
    main()
