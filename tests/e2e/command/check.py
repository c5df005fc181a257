#!/usr/bin/env python3
"""The repository's experiment in scikit-learn, run by the real program and computed again here."""

import os
import shutil
import sys
from pathlib import Path

import pandas
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import r2_score

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "forest"))
from ledger import REPOSITORY, Checks, Ledger  # noqa: E402


def main():
    checks = Checks()
    with Ledger() as ledger:
        # The program asks for `python3`: let that be the Python of this script.
        ledger.environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        shutil.copytree(REPOSITORY / "experiments/scikit-learn", ledger.root / "experiments/scikit-learn")
        waits = ledger.command("run")
        checks.holds("before it is approved it waits", "pending: experiments/scikit-learn/boosting.toml" in waits)
        out = ledger.command("run", "scikit-learn/boosting")
        checks.holds("three runs were trained", "3 trained" in out)
        table = pandas.read_csv(ledger.root / "data/housing.csv")
        features = table.columns.drop(["price", "split"])
        train, test = table[table.split == "train"], table[table.split == "test"]
        for run in ledger.runs("scikit-learn"):
            shown = ledger.show(run)
            model = HistGradientBoostingRegressor(random_state=1, **shown["params"]).fit(train[features], train.price)
            wanted = r2_score(test.price, model.predict(test[features]))
            label = run["label"]
            checks.holds(f"{label}: R² to the last bit", run["metrics"]["r2"] == wanted, str(wanted))
            checks.holds(f"{label}: its tag", shown["tags"].get("iterations") == str(shown["params"]["max_iter"]))
            names = {file["path"] for file in shown["artifacts"]}
            checks.holds(f"{label}: its artifacts", {"artifacts/predictions.csv", "artifacts/model.pickle"} <= names)
        again = ledger.command("run")
        checks.holds("again, nothing is trained and nothing waits", "3 already" in again and "pending" not in again)
        ledger.command("verify")
    checks.end()


if __name__ == "__main__":
    main()
