"""The tables that models are trained on: those that scikit-learn ships, and one with words and empty cells."""

import numpy as np
import pandas as pd
from sklearn import datasets

# Rows of the larger data sets.
MOST = 500


def shipped(name, load):
    data = load(as_frame=True)
    table = data.data.copy()
    table["target"] = data.target
    if name in {"iris", "breast_cancer"}:
        table["target"] = np.asarray(data.target_names)[data.target]
    table = table.sample(n=min(MOST, len(table)), random_state=0, ignore_index=True)
    table["part"] = np.where(np.arange(len(table)) % 4 == 0, "test", "train")
    return table


def words(seed=7, rows=240):
    """Numbers and words with empty cells in both parts; the test part also has words and a class that no training row has."""
    random = np.random.default_rng(seed)
    area = random.gamma(4.0, 30.0, rows)
    rooms = random.integers(1, 7, rows).astype(float)
    year = 1950.0 + random.integers(0, 70, rows)
    place = random.choice(["north", "south", "été", 'old "town", east', "07"], rows)
    state = random.choice(["good", "fair", "poor"], rows, p=[0.5, 0.3, 0.2])
    value = 1500 * area + 8000 * rooms - 200 * (2020 - year) + 20000 * (place == "north") + random.normal(0, 8000, rows)
    value += 15000 * (state == "good")
    table = pd.DataFrame({"area": area, "rooms": rooms, "year": year, "place": place, "state": state})
    table = table.astype({"place": object, "state": object})
    for column in table:
        table.loc[random.uniform(size=rows) < 0.08, column] = None
    table["value"] = value
    table["kind"] = np.where(value < np.quantile(value, 0.4), "cheap", np.where(rooms > 4, "large", "fine"))
    table["part"] = np.where(random.uniform(size=rows) < 0.7, "train", "test")
    test = table.index[table.part == "test"]
    table.loc[test[:6], "place"] = "nowhere"
    table.loc[test[3:9], "state"] = "unheard of"
    table.loc[test[9:12], "kind"] = "castle"
    return table


TABLES = {
    "diabetes": shipped("diabetes", datasets.load_diabetes),
    "iris": shipped("iris", datasets.load_iris),
    "wine": shipped("wine", datasets.load_wine),
    "breast_cancer": shipped("breast_cancer", datasets.load_breast_cancer),
    "digits": shipped("digits", datasets.load_digits),
    "words": words(),
}
# By task: data sets with their target.
TASKS = {
    "regression": {"diabetes": "target"},
    "classification": {"iris": "target", "wine": "target", "breast_cancer": "target", "digits": "target"},
    "clustering": {"iris": "", "wine": ""},
}
WORDS = {"regression": "value", "classification": "kind", "clustering": ""}
# What is done with the words and the empty cells.
FREQUENT = """
[prepare.columns]
place = { missing = "most-frequent" }
state = { missing = "most-frequent" }"""
PREPARATIONS = {
    "mean, one-hot, standard": 'missing = "mean"\ncategories = "one-hot"\nscale = "standard"' + FREQUENT,
    "median, ordinal, min-max": 'missing = "median"\ncategories = "ordinal"\nscale = "min-max"' + FREQUENT,
    "most frequent, one-hot, degree 2": """missing = "most-frequent"
categories = "one-hot"
polynomial = { degree = 2 }
scale = "standard\"""",
    "constants, both, products": """categories = "one-hot"
missing = { constant = 0 }
polynomial = { degree = 3, interaction_only = true }
scale = "min-max"
[prepare.columns]
rooms = { categories = "one-hot", missing = "most-frequent" }
place = { missing = { constant = "north" } }
state = { categories = "ordinal", missing = { constant = "none" } }
year = { categories = "ordinal", missing = { constant = 1900 } }""",
}
