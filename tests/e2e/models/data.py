"""The data sets of the comparison as CSV files with a column that says train or test for each of ten folds."""

import numpy as np
import pandas as pd
from sklearn import datasets
from sklearn.model_selection import KFold, StratifiedKFold

FOLDS = 10
LOADERS = {
    "diabetes": datasets.load_diabetes,
    "iris": datasets.load_iris,
    "wine": datasets.load_wine,
    "breast_cancer": datasets.load_breast_cancer,
    "digits": datasets.load_digits,
}
TASKS = {"diabetes": "regression", "friedman1": "regression"}


class DataSet:
    """A table with its folds: `x` [rows, features], `y` [rows], `parts` [folds] of boolean training masks."""

    def __init__(self, name, x, y, parts):
        self.name, self.x, self.y, self.parts = name, x, y, parts
        self.task = TASKS.get(name, "classification")
        self.features = [f"x{column}" for column in range(x.shape[1])]

    def write(self, path):
        """Every number is written as the shortest text that reads back, so both sides see the same bits."""
        table = pd.DataFrame(self.x, columns=self.features)
        table["y"] = self.y
        for fold, training in enumerate(self.parts):
            table[f"fold{fold}"] = np.where(training, "train", "test")
        path.parent.mkdir(parents=True, exist_ok=True)
        table.to_csv(path, index=False)

    def split(self, fold):
        training = self.parts[fold]
        return self.x[training], self.y[training], self.x[~training], self.y[~training]


def shipped(name):
    """A data set that scikit-learn ships, in ten folds, shuffled once."""
    x, y = LOADERS[name](return_X_y=True)
    plain = TASKS.get(name) == "regression"
    folds = (KFold if plain else StratifiedKFold)(FOLDS, shuffle=True, random_state=0)
    parts = []
    for _, test in folds.split(x, y):
        training = np.ones(len(y), bool)
        training[test] = False
        parts.append(training)
    return DataSet(name, x, y, parts)


def friedman1(rows):
    """The first `rows` rows train, a quarter as many test; 20 features, noise 1, seed 0."""
    x, y = datasets.make_friedman1(n_samples=rows + rows // 4, n_features=20, noise=1.0, random_state=0)
    training = np.arange(len(y)) < rows
    return DataSet("friedman1", x, y, [training])
