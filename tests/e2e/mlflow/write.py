#!/usr/bin/env python3
"""Fills an MLflow store by MLflow itself: `write.py FOLDER files|database`.

A hundred runs in three experiments: nested and failed ones, one still running, deleted ones, a metric of 10,000 steps,
values that are no numbers, negative steps, odd names, artifacts in folders, models and registered versions.
"""

import math
import os
import sys
from pathlib import Path

folder, kind = Path(sys.argv[1]).resolve(), sys.argv[2]
folder.mkdir(parents=True, exist_ok=True)
os.chdir(folder)
os.environ |= {"MLFLOW_ALLOW_FILE_STORE": "true", "GIT_PYTHON_REFRESH": "quiet", "MLFLOW_DISABLE_TELEMETRY": "true"}

import mlflow  # noqa: E402
import numpy as np  # noqa: E402
from mlflow.entities import Metric, Param, RunTag  # noqa: E402
from mlflow.models import infer_signature  # noqa: E402
from sklearn.linear_model import Ridge  # noqa: E402

uri = (folder / "mlruns").as_uri() if kind == "files" else f"sqlite:///{folder}/mlflow.db"
mlflow.set_tracking_uri(uri)
client = mlflow.MlflowClient()
generator = np.random.default_rng(7)


def plain():
    """Eighty runs as a sweep leaves them."""
    mlflow.set_experiment("Housing prices")
    mlflow.set_experiment_tags({"team": "north", "mlflow.note.content": "Which *forest* is best?"})
    for number in range(80):
        with mlflow.start_run(run_name=f"forest-{number}", description=f"run **{number}**" if number % 9 == 0 else None):
            mlflow.log_params({"max_depth": number % 7, "learning_rate": 0.1 / (1 + number), "model": "forest", "empty": ""})
            r2 = float(np.round(generator.uniform(0.5, 0.95), 12))
            mlflow.log_metrics({"r2": r2, "rmse": 1 / r2})
            for step in range(5):
                mlflow.log_metric("loss", float(generator.exponential() / (1 + step)), step=step)
            mlflow.set_tags({"dataset": "housing", "seed": str(number)})


def nested():
    """One run of ten others, and a metric of ten thousand steps."""
    mlflow.set_experiment("Housing prices")
    with mlflow.start_run(run_name="parent") as parent:
        for child in range(9):
            with mlflow.start_run(run_name=f"child-{child}", nested=True):
                mlflow.log_param("child", child)
                mlflow.log_metric("r2", child / 10)
        points = [Metric("long", math.sin(step / 50), 1_700_000_000_000 + step, step) for step in range(10_000)]
        for at in range(0, len(points), 1000):
            client.log_batch(parent.info.run_id, metrics=points[at:at + 1000])


def odd():
    """Names, values and ends that a sweep does not leave."""
    mlflow.set_experiment("실험 / odd: \"names\" ✓")
    with mlflow.start_run(run_name="../up and 'down' \"x\"") as run:
        mlflow.log_params({"a/b.c-d e": "line\nbreak", "유니코드": "값", "long": "x" * 5000, "looks like number": "1e-3"})
        for step, value in [(0, 1.0), (1, math.nan), (2, math.inf), (3, -math.inf), (-5, 0.25), (3, 7.5)]:
            client.log_metric(run.info.run_id, "val/odd metric", value, timestamp=1_700_000_000_000 + step, step=step)
        mlflow.set_tag("quote", "it's `here` \"too\"")
        (folder / "notes.txt").write_text("kept\n", encoding="utf-8")
        mlflow.log_artifact("notes.txt", "deep/er")
        mlflow.log_text("한글", "이름.txt")
        mlflow.log_dict({"a": [1, 2]}, "config.json")
        mlflow.log_input(mlflow.data.from_numpy(np.ones((4, 2)), name="ones"), context="training")
    (folder / "notes.txt").unlink()
    try:
        with mlflow.start_run(run_name="breaks"):
            mlflow.log_param("x", 1)
            mlflow.log_metric("loss", 3.0)
            raise ValueError("on purpose")
    except ValueError:
        pass
    running = client.create_run(mlflow.get_experiment_by_name("실험 / odd: \"names\" ✓").experiment_id, run_name="never ended")
    client.log_batch(running.info.run_id, metrics=[Metric("loss", 2.0, 1_700_000_000_000, 0)],
                     params=[Param("x", "2")], tags=[RunTag("host", "node7")])
    killed = client.create_run(running.info.experiment_id, run_name="killed")
    client.set_terminated(killed.info.run_id, "KILLED")
    gone = client.create_run(running.info.experiment_id, run_name="deleted")
    client.log_metric(gone.info.run_id, "r2", 0.99)
    client.set_terminated(gone.info.run_id)
    client.delete_run(gone.info.run_id)


def deleted():
    """An experiment in MLflow's trash."""
    mlflow.set_experiment("thrown away")
    with mlflow.start_run(run_name="with it"):
        mlflow.log_metric("r2", 0.1)
    client.delete_experiment(mlflow.get_experiment_by_name("thrown away").experiment_id)


def models():
    """Three models, two of them registered, with an alias, tags and descriptions."""
    mlflow.set_experiment("Models")
    x, y = generator.normal(size=(50, 3)), generator.normal(size=50)
    for number, alpha in enumerate([0.1, 1.0, 10.0]):
        with mlflow.start_run(run_name=f"ridge-{number}"):
            model = Ridge(alpha=alpha).fit(x, y)
            mlflow.log_param("alpha", alpha)
            mlflow.log_metric("r2", model.score(x, y))
            mlflow.sklearn.log_model(model, name="model", signature=infer_signature(x, y), pip_requirements=[],
                                     registered_model_name="house price" if number < 2 else None,
                                     serialization_format="pickle")
    client.update_registered_model("house price", "Prices of houses")
    client.set_registered_model_tag("house price", "owner", "north")
    client.update_model_version("house price", "2", "The second one")
    client.set_model_version_tag("house price", "2", "checked", "yes")
    client.set_registered_model_alias("house price", "champion", "2")
    client.set_registered_model_alias("house price", "previous", "1")


for part in (plain, nested, odd, deleted, models):
    part()
