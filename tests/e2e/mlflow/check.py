#!/usr/bin/env python3
"""A real MLflow store of files and a real database, written and read by MLflow, beside what `import mlflow` makes of them.

`check.py [files|database]`. MLflow's own interface is the reference: experiments, runs, statuses, params, tags, every
metric point, the bytes of artifacts, the trash, and the best run by the same filter and order.
"""

import hashlib
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "forest"))
from ledger import Checks, Ledger  # noqa: E402

HERE = Path(__file__).resolve().parent
STATUS = {"FINISHED": "finished", "FAILED": "failed", "KILLED": "interrupted", "RUNNING": "interrupted"}
FILTER, ORDER = "metrics.r2 > 0.6 and params.max_depth = '3'", "metrics.r2 DESC"


def client_of(store, kind):
    """MLflow's client on a store, in this process."""
    os.environ |= {"MLFLOW_ALLOW_FILE_STORE": "true", "MLFLOW_DISABLE_TELEMETRY": "true"}
    import mlflow

    # MLflow makes a database where it is asked from.
    os.chdir(store.parent)
    uri = (store / "mlruns").as_uri() if kind == "files" else f"sqlite:///{store}/mlflow.db"
    return mlflow.MlflowClient(tracking_uri=uri, registry_uri=uri)


def runs_of(client):
    """All runs with their experiment, those in the trash among them."""
    from mlflow.entities import ViewType

    for experiment in client.search_experiments(view_type=ViewType.ALL):
        for run in client.search_runs([experiment.experiment_id], run_view_type=ViewType.ALL, max_results=1000):
            yield experiment, run


def same(one, other):
    return one == other or (math.isnan(one) and math.isnan(other))


def points_of(ledger, directory):
    lines = (ledger.root / directory / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    found = {}
    for point in map(json.loads, lines):
        found.setdefault(point["name"], []).append((point["step"], float(point["value"])))
    return found


def history_of(client, run):
    """Every point by metric: those of negative steps apart, which a ledger keeps elsewhere."""
    found = {}
    for name in run.data.metrics:
        points = client.get_metric_history(run.info.run_id, name)
        points.sort(key=lambda point: (point.step, point.timestamp))
        # The database stands the largest number for an infinite one.
        value = lambda point: math.copysign(math.inf, point.value) if abs(point.value) >= sys.float_info.max else point.value
        found[name] = [(point.step, value(point)) for point in points if point.step >= 0]
    return found


def digests_below(folder):
    files = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def artifacts_of(client, run):
    """The files of a run and of the models it logged, as MLflow finds them."""
    local = lambda uri: Path(uri.removeprefix("file://"))
    found = digests_below(local(run.info.artifact_uri))
    for output in run.outputs.model_outputs if run.outputs else []:
        model = client.get_logged_model(output.model_id)
        found |= {f"{model.name}/{path}": digest for path, digest in digests_below(local(model.artifact_location)).items()}
    return found


def compare(checks, ledger, client, kind):
    trash = json.loads(ledger.command("restore", "--json"))
    shown = json.loads(ledger.command("list", "--json")) + trash
    by_id, total, sums = {}, 0, [0.0, 0.0]
    for run in shown:
        tracker = (ledger.root / run["directory"] / "params.toml").read_text(encoding="utf-8")
        by_id[tracker.split('run = "')[1].split('"')[0]] = run
    for experiment, run in runs_of(client):
        total += 1
        ours, info, name = by_id.get(run.info.run_id), run.info, f"{kind}: {run.info.run_name}"
        checks.holds(f"{name} is there", ours is not None)
        if ours is None:
            continue
        history, points = history_of(client, run), points_of(ledger, ours["directory"])
        equal = history.keys() == points.keys() and all(
            len(history[metric]) == len(points[metric])
            and all(a[0] == b[0] and same(a[1], b[1]) for a, b in zip(history[metric], points[metric]))
            for metric in history)
        checks.holds(f"{name}: {sum(map(len, history.values()))} points", equal)
        for at, source in enumerate((history, points)):
            sums[at] += sum(value for found in source.values() for _, value in found if math.isfinite(value))
        # A param is the text MLflow has, or the number that Python prints as that text.
        params = {key: value if isinstance(value, str) else repr(value) for key, value in ours["params"].items()}
        checks.holds(f"{name}: params", params == run.data.params)
        kept = {key: value for key, value in run.data.tags.items() if key not in ("mlflow.runName", "mlflow.note.content")}
        checks.holds(f"{name}: tags", ours["tags"] == {key: value for key, value in kept.items() if value})
        checks.holds(f"{name}: status and name", (ours["status"], ours["label"]) == (STATUS[info.status], info.run_name))
        manifest = (ledger.root / ours["directory"] / "manifest.toml").read_text(encoding="utf-8")
        for path, digest in artifacts_of(client, run).items():
            checks.holds(f"{name}: {path}", digest in manifest)
        deleted = info.lifecycle_stage == "deleted" or experiment.lifecycle_stage == "deleted"
        checks.holds(f"{name}: {'in' if deleted else 'not in'} the trash", (ours in trash) == deleted)
    checks.holds(f"{kind}: {total} runs", total == len(by_id) >= 98)
    checks.holds(f"{kind}: sums of all points, {sums[0]:.9f}", sums[0] == sums[1])


def best(checks, ledger, client, kind):
    """The guide's question, in the same words, to both."""
    names = [experiment.experiment_id for experiment in client.search_experiments()]
    theirs = client.search_runs(names, filter_string=FILTER, order_by=[ORDER])
    ours = json.loads(ledger.command("list", FILTER, "order by", ORDER, "--json"))
    checks.holds(f"{kind}: {len(theirs)} runs in the same order", [r.info.run_name for r in theirs] == [r["label"] for r in ours] != [])


def registered(checks, ledger, client, kind):
    """Models, versions, aliases, tags and descriptions as MLflow tells them."""
    for model in client.search_registered_models():
        ours = json.loads(ledger.command("model", "show", model.name, "--json"))
        name = f"{kind}: model '{model.name}'"
        checks.holds(f"{name}: description", ours["description"] == (model.description or ""))
        checks.holds(f"{name}: tags", ours["tags"] == model.tags)
        for alias, number in model.aliases.items():
            found = json.loads(ledger.command("model", "show", f"{model.name}@{alias}", "--json"))
            checks.holds(f"{name}: {alias} is version {number}", found["tags"]["mlflow.version"] == str(number))
        versions = client.search_model_versions(f"name = '{model.name}'")
        checks.holds(f"{name}: {len(versions)} versions", len(versions) == len(ours["versions"]) > 0)
        for version in versions:
            run = client.get_run(version.run_id)
            kept = artifacts_of(client, run)["model/model.pkl"]
            found = next(it for it in ours["versions"] if it["tags"]["mlflow.version"] == str(version.version))
            checks.holds(f"{name}: version {version.version} pins model.pkl", found["file"]["sha256"] == kept)
            checks.holds(f"{name}: description of version {version.version}", found["description"] == (version.description or ""))
            checks.holds(f"{name}: tags of version {version.version}", version.tags.items() <= found["tags"].items())


def stages(checks, kind, folder):
    store = folder / kind
    subprocess.run([sys.executable, HERE / "write.py", store, kind], check=True, capture_output=True)
    moved = folder / f"moved-{kind}"
    with Ledger() as ledger, Ledger() as other:
        def brought_by(ledger, store, *words):
            return json.loads(ledger.command("import", "mlflow", str(store), "--json", *words))

        dry = brought_by(ledger, store, "--dry-run")
        checks.holds(f"{kind}: a dry run writes nothing", ledger.command("list", "--json").strip() == "[]")
        brought = brought_by(ledger, store)
        checks.holds(f"{kind}: a dry run says the same", dry == brought)
        client = client_of(store, kind)
        compare(checks, ledger, client, kind)
        best(checks, ledger, client, kind)
        registered(checks, ledger, client, kind)
        again = brought_by(ledger, store)
        checks.holds(f"{kind}: again adds nothing", (again["runs"], again["held"]) == (0, brought["runs"]))
        checks.holds(f"{kind}: verify", "0 faults" in ledger.command("verify"))
        shutil.move(store, moved)
        there = brought_by(other, moved)
        same_counts = all(there[name] == brought[name] for name in ("runs", "points", "artifacts", "tags", "params"))
        checks.holds(f"{kind}: a store that was moved gives the same", same_counts)


def main():
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        for kind in sys.argv[1:] or ["files", "database"]:
            stages(checks, kind, Path(folder))
    checks.end()


main()
