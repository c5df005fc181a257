#!/usr/bin/env python3
"""What leaves a ledger, judged by the programs it is made for: roc-validator, mlcroissant, swh identify, cffconvert,
rdflib."""

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote

import mlcroissant
import polars
import rdflib

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "forest"))
from contexts import seed  # noqa: E402
from ledger import PROGRAM, REPOSITORY, Checks, Ledger  # noqa: E402

BESIDE = Path(sys.executable).parent
# In an environment of its own, for it wants an older jsonschema.
CFFCONVERT = Path(os.environ.get("CFFCONVERT", "cffconvert"))

DECLARED = """format = 1
title = "Housing: \\"prices\\" & more"
description = "Which model predicts the price of a house best?"
licence = "CC-BY-4.0"
time_zone = "UTC"
url = "https://ada.example.org/housing"
[[authors]]
name = "Ada Lovelace"
orcid = "0000-0002-1825-0097"
affiliation = "Universidad de los Andes"
[publisher]
name = "Universidad de los Andes"
ror = "https://ror.org/02mhbdp94"
url = "https://uniandes.edu.co/"
[snapshot]
mode = "branch"
"""

COMMAND = """name = "größe & {rate}"
description = "A command, \\"quoted\\""
[command]
run = ["python3", "{{at}}/fit it.py", "--rate", "{rate}"]
inputs = ["{{at}}/fit it.py"]
[sweep]
method = "grid"
params = { rate = [1, 2] }
"""

SCRIPT = """import json, os, sys
given = json.load(open(os.environ["FAIRLEDGER_PARAMS"]))
with open(os.environ["FAIRLEDGER_METRICS"], "a") as metrics:
    metrics.write(json.dumps({"name": "loss ü", "value": 0.5}) + "\\n")
folder = os.environ["FAIRLEDGER_ARTIFACTS"]
open(f"{folder}/größe & x#1%.csv", "w").write("a,b\\n1,2\\n")
os.makedirs(f"{folder}/a folder")
open(f"{folder}/a folder/large.bin", "wb").write(bytes(4000))
print("from", os.getcwd())
sys.exit(3 if sys.argv[-1] == "2" else 0)
"""

ODD = '''größe (m²),"name, of it",part,flag,count,größe [m²]
1.5,"a ""b""",train,true,1,7
,c,test,false,,8
3.25,ü,train,,9007199254740993,9
'''


def crate(checks, cache, name, path, *more):
    """One crate under roc-validator, at level recommended, without network."""
    words = ["-y", "validate", path, "-l", "recommended", "--offline", "--cache-path", cache, "--skip-availability-check",
             "-f", "text", "--no-paging", *more]
    done = subprocess.run([BESIDE / "rocrate-validator", *words], capture_output=True, text=True,
                          env=os.environ | {"COLUMNS": "200", "NO_COLOR": "1"})
    good = done.returncode == 0 and "is a valid process-run-crate-0.5" in done.stdout
    checks.holds(f"roc-validator: {name}", good, "" if good else done.stdout[-3000:] + done.stderr[-500:])


def crates(checks, ledger, cache, runs):
    out = ledger.around / "out"
    jobs = []

    def made(name, words, more=()):
        path = out / f"{len(jobs)}{'.zip' if 'archive' in name else ''}"
        ledger.command("export", "crate", *words, "--output", str(path))
        jobs.append((name, path, more))
        return path

    for name, run in runs.items():
        made(name, [run["id"]])
    failed = runs["a failed command"]["id"]
    made("a failed command as an archive", [failed])
    made("a run without names", [runs["a command"]["id"], "--anonymous"])
    whole = made("every run", [])
    made("every run as an archive", [])
    made("an experiment with odd names", ["größe & co"])
    made("the metadata of every run", ["--metadata-only"], ("-m",))
    inner = whole / "runs" / runs["a finished run"]["id"]
    jobs.append(("a run inside the crate of all", inner, ()))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda job: crate(checks, cache, job[0], job[1], *job[2]), jobs))


def croissants(checks, ledger):
    def records(path):
        data = mlcroissant.Dataset(jsonld=str(path))
        return list(data.records("rows"))

    for data in ("data/housing.csv", "data/odd, ü.csv", "data/housing.parquet"):
        description = ledger.root / f"{Path(data).name}.json"
        ledger.command("export", "croissant", data, "--output", str(description))
        known = json.loads(ledger.command("data", data, "--json"))
        done = subprocess.run([BESIDE / "mlcroissant", "validate", "--jsonld", description], capture_output=True, text=True)
        said = done.stdout + done.stderr
        good = done.returncode == 0 and "warning" not in said.lower()
        checks.holds(f"mlcroissant validate: {data}", good, "" if good else said[-800:])
        rows = records(description)
        checks.holds(f"mlcroissant: rows of {data}", len(rows) == known["rows"], str(len(rows)))
        fields = json.loads(description.read_text())["recordSet"][-1]["field"]
        for column, field in zip(known["columns"], fields, strict=True):
            values = [row[field["@id"]] for row in rows]
            missing = sum(value is None or value != value for value in values)
            same = missing == column["missing"]
            if column["numbers"]:
                numbers = [value for value in values if value is not None and value == value]
                mean = sum(numbers) / len(numbers)
                same &= abs(mean - column["numbers"]["mean"]) <= 1e-9 * max(1, abs(mean))
                same &= max(numbers) == column["numbers"]["max"]
            checks.holds(f"mlcroissant: column {column['name']} of {data}", same)
    splits = list(mlcroissant.Dataset(jsonld=str(ledger.root / "housing.csv.json")).records("splits"))
    names = {split["splits/name"] for split in splits}
    names = {name.decode() if isinstance(name, bytes) else name for name in names}
    checks.holds("mlcroissant: the splits", names == {"train", "test"}, str(names))


def identifiers(checks, ledger, runs):
    for name in ("a finished run", "a failed command"):
        shown = ledger.show(runs[name])
        swhid = shown["swhid"]
        # As git carries it: without what is too large for it.
        folder = ledger.around / f"carried {name}"
        for path in swhid["files"]:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ledger.root / shown["directory"] / path, folder / path)
        words = [BESIDE / "swh", "identify", "--verify"]
        done = subprocess.run([*words, swhid["directory"], folder], capture_output=True, text=True)
        checks.holds(f"swh identify: the folder of {name}", done.returncode == 0, done.stdout + done.stderr)
        path = next(path for path in swhid["files"] if path.startswith("artifacts/"))
        done = subprocess.run([*words, swhid["files"][path], folder / path], capture_output=True, text=True)
        checks.holds(f"swh identify: {path} of {name}", done.returncode == 0, done.stdout + done.stderr)
        tree = subprocess.run(["git", "rev-parse", f"HEAD:{shown['directory']}"], cwd=ledger.root, capture_output=True,
                              text=True).stdout.strip()
        checks.holds(f"git has the folder of {name}", swhid["directory"] == f"swh:1:dir:{tree}")


def citation(checks, ledger):
    for licence in ("CC-BY-4.0", "MIT OR Apache-2.0", "MIT AND CC0-1.0"):
        ledger.write("ledger.toml", DECLARED.replace("CC-BY-4.0", licence))
        path = ledger.around / "CITATION.cff"
        path.unlink(missing_ok=True)
        ledger.command("export", "citation", "--output", str(path))
        done = subprocess.run([CFFCONVERT, "--validate", "-i", path], capture_output=True, text=True)
        checks.holds(f"cffconvert --validate: {licence}", done.returncode == 0, done.stdout + done.stderr)
    ledger.write("ledger.toml", DECLARED)


BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.S)

# What a search engine and F-UJI (metrics 0.8) look for in the block of a page.
ASKED = ["identifier", "name", "description", "keywords", "datePublished", "creator", "publisher", "license",
         "conditionsOfAccess", "variableMeasured", "url"]


def ids(value, top=True):
    """Every @id in a block but that of the page itself."""
    if isinstance(value, dict):
        if "@id" in value and not top:
            yield value["@id"]
        for inner in value.values():
            yield from ids(inner, False)
    elif isinstance(value, list):
        for inner in value:
            yield from ids(inner, False)


def resolves(site, page, own, id):
    if id == own or id.startswith(("urn:", "nih:", "https://orcid.org/", "https://ror.org/")):
        return True
    if id.startswith("https://archive.softwareheritage.org/swh:1:"):
        return True
    if id.startswith("https://ada.example.org/housing/"):
        return (site / unquote(id.removeprefix("https://ada.example.org/housing/"))).is_file()
    return "://" not in id and (page.parent / unquote(id)).is_file()


def pages(checks, ledger):
    for name, declared in (("published", DECLARED), ("local", DECLARED.replace("url = \"https://ada", "# url = \"https://ada"))):
        ledger.write("ledger.toml", declared)
        site = ledger.around / name
        ledger.command("publish", "--to", str(site))
        blocks, triples, lost = {}, 0, []
        for page in sorted(site.rglob("*.html")):
            text = page.read_text()
            found = BLOCK.findall(text)
            described = re.search(r'rel="describedby" type="application/ld\+json" href="([^"]+)"', text)
            if not described or not (page.parent / described[1]).is_file():
                lost.append(f"{page}: describedby")
            for block in found:
                graph = rdflib.Graph().parse(data=block, format="json-ld", publicID=page.as_uri())
                triples += len(graph)
                blocks[str(page.relative_to(site))] = json.loads(block)
                own = blocks[str(page.relative_to(site))]["@id"]
                lost += [f"{page}: {id}" for id in ids(json.loads(block)) if not resolves(site, page, own, id)]
        every = {str(page.relative_to(site)) for page in site.rglob("*.html")}
        checks.holds(f"{name}: every page has a block", set(blocks) == every, str(every - set(blocks)))
        checks.holds(f"{name}: rdflib parses every block", triples > 5 * len(blocks), f"{triples} triples")
        checks.holds(f"{name}: every @id leads to something", not lost, "; ".join(lost[:5]))
        if name == "published":
            own = {path: block for path, block in blocks.items() if block["@type"] == "Dataset"}
            wanted = {"index.html"} | {path for path in every if path.startswith(("x/", "r/")) and path.endswith("index.html")}
            checks.holds("published: the ledger, its experiments and its runs are data sets", set(own) == wanted)
            without = {path: [key for key in ASKED if key not in block] for path, block in own.items()}
            without = {path: keys for path, keys in without.items() if keys}
            checks.holds("published: blocks have what F-UJI asks for", not without, str(dict(list(without.items())[:3])))
            sizes = [(site / unquote(file["contentUrl"].removeprefix("https://ada.example.org/housing/")), int(file["contentSize"]))
                     for block in blocks.values() for file in listed(block.get("distribution", []))]
            good = sizes and all(path.stat().st_size == size for path, size in sizes)
            checks.holds("published: files to download are there and as large as said", bool(good), f"{len(sizes)} files")
            addresses = re.findall("<loc>https://ada.example.org/housing/(.*?)</loc>", (site / "sitemap.xml").read_text())
            there = all((site / unquote(address) / ("" if address.endswith(".html") else "index.html")).is_file() for address in addresses)
            checks.holds("published: the sitemap has every page", there and len(addresses) == len(list(site.rglob("*.html"))))
        checks.holds(f"{name}: CITATION.cff is there", (site / "CITATION.cff").is_file())
    ledger.write("ledger.toml", DECLARED)


def listed(value):
    return value if isinstance(value, list) else [value]


def indicators(checks, ledger):
    told = json.loads(ledger.command("fair", "--json"))
    missing = [it["id"] for it in told if it["standing"] == "not-met"]
    checks.holds("fair: 41 indicators, none of them missing", len(told) == 41 and not missing, str(missing))


def make(ledger):
    # Somebody git knows, so that runs have a commit before them.
    (ledger.around / ".gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
    ledger.write("ledger.toml", DECLARED.replace("[snapshot]", "[snapshot]\nmax_file = 3000"))
    spec = (REPOSITORY / "experiments/housing/baseline.toml").read_text()
    ledger.write("experiments/housing/baseline.toml", spec)
    at = "experiments/größe & co"
    ledger.write(f"{at}/fit it.py", SCRIPT)
    ledger.write(f"{at}/eine Spezifikation.toml", COMMAND.replace("{{at}}", at))
    ledger.write("data/odd, ü.csv", ODD)
    polars.read_csv(ledger.root / "data/housing.csv").write_parquet(ledger.root / "data/housing.parquet")
    ledger.command("snapshot")
    subprocess.run([PROGRAM, "run"], cwd=ledger.root, env=ledger.environment, capture_output=True)
    # Its second run fails, which is no error of ours.
    subprocess.run([PROGRAM, "run", f"{at}/eine Spezifikation.toml"], cwd=ledger.root, env=ledger.environment,
                   capture_output=True)
    housing, odd = ledger.runs("housing"), ledger.runs("größe & co")
    by_status = {run["status"]: run for run in odd}
    runs = {"a finished run": housing[0], "a command": by_status["finished"], "a failed command": by_status["failed"]}
    # What git does not carry is gone after a clone.
    gone = ledger.show(housing[1])
    for file in gone["artifacts"]:
        if file["size"] > 3000:
            (ledger.root / gone["directory"] / file["path"]).unlink()
    runs["a run with absent artifacts"] = housing[1]
    states = [file["state"] for file in ledger.show(housing[1])["artifacts"]]
    return runs, states


def main():
    checks = Checks()
    with Ledger() as ledger:
        runs, states = make(ledger)
        checks.holds("the ledger has a run with absent artifacts", "absent" in states, str(states))
        cache = ledger.around / "cache"
        seed(cache)
        crates(checks, ledger, cache, runs)
        croissants(checks, ledger)
        identifiers(checks, ledger, runs)
        citation(checks, ledger)
        pages(checks, ledger)
        indicators(checks, ledger)
    checks.end()


if __name__ == "__main__":
    main()
