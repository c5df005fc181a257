"""Learns whether a house costs more than the median: a perceptron, with nothing but Python's own library."""

import argparse
import csv
import json
import os
import random
import statistics
from pathlib import Path

FEATURES = ["area", "bedrooms", "bathrooms", "age", "distance_to_city"]


def load(path):
    """Rows as (features, +1 or -1), those for training and those for the test; features have mean 0 and deviation 1."""
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    train = [row for row in rows if row["split"] == "train"]
    median = statistics.median(float(row["price"]) for row in train)
    moments = []
    for name in FEATURES:
        values = [float(row[name]) for row in train]
        moments.append((name, statistics.fmean(values), statistics.pstdev(values) or 1.0))
    parts = {"train": [], "test": []}
    for row in rows:
        features = [(float(row[name]) - mean) / deviation for name, mean, deviation in moments]
        parts[row["split"]].append((features, 1 if float(row["price"]) > median else -1))
    return parts["train"], parts["test"]


def answer(weights, features):
    return 1 if weights[0] + sum(w * x for w, x in zip(weights[1:], features)) > 0 else -1


def accuracy(weights, rows):
    return sum(answer(weights, features) == side for features, side in rows) / len(rows)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("--rate", type=float, required=True)
    arguments = parser.parse_args()
    params = json.loads(Path(os.environ["FAIRLEDGER_PARAMS"]).read_text())
    order = random.Random(int(os.environ["FAIRLEDGER_SEED"]))
    train, test = load(arguments.data)
    weights = [0.0] * (1 + len(FEATURES))
    with open(os.environ["FAIRLEDGER_METRICS"], "a") as metrics:
        for epoch in range(params["epochs"]):
            order.shuffle(train)
            for features, side in train:
                if answer(weights, features) != side:
                    step = arguments.rate * side
                    weights = [weights[0] + step] + [w + step * x for w, x in zip(weights[1:], features)]
            line = {"name": "train_accuracy", "value": accuracy(weights, train), "step": epoch}
            # A line is read once it is whole, so it is written out at once.
            print(json.dumps(line), file=metrics, flush=True)
    print(f"accuracy: {accuracy(weights, test)}")
    named = dict(zip(["intercept", *FEATURES], weights))
    artifacts = Path(os.environ["FAIRLEDGER_ARTIFACTS"])
    (artifacts / "weights.json").write_text(json.dumps(named, indent=1) + "\n")


if __name__ == "__main__":
    main()
