"""Gradient boosting on the housing data with scikit-learn; every param is an argument of the model."""

import json
import os
import pickle
from pathlib import Path

import pandas
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error


def main():
    params = json.loads(Path(os.environ["FAIRLEDGER_PARAMS"]).read_text())
    table = pandas.read_csv(os.environ["FAIRLEDGER_DATA"])
    features = table.columns.drop(["price", "split"])
    train, test = table[table.split == "train"], table[table.split == "test"]
    model = HistGradientBoostingRegressor(random_state=int(os.environ["FAIRLEDGER_SEED"]), **params)
    model.fit(train[features], train.price)

    with open(os.environ["FAIRLEDGER_METRICS"], "a") as metrics:
        for name, part in [("train_", train), ("", test)]:
            predicted = model.predict(part[features])
            scores = {
                f"{name}r2": r2_score(part.price, predicted),
                f"{name}rmse": root_mean_squared_error(part.price, predicted),
                f"{name}mae": mean_absolute_error(part.price, predicted),
            }
            print(json.dumps(scores), file=metrics)
    with open(os.environ["FAIRLEDGER_TAGS"], "a") as tags:
        print(f"iterations={model.n_iter_}", file=tags)
    artifacts = Path(os.environ["FAIRLEDGER_ARTIFACTS"])
    predictions = pandas.DataFrame({"actual": test.price, "predicted": model.predict(test[features])})
    predictions.to_csv(artifacts / "predictions.csv", index=False)
    (artifacts / "model.pickle").write_bytes(pickle.dumps(model))


if __name__ == "__main__":
    main()
