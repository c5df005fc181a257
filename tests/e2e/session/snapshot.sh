#!/usr/bin/env bash
# A ledger of one's own: committed by itself, the same in a clone, the same after a move.
source "$(dirname "$0")/fixture.bash"

cd "$work"
try fairledger init "$work/demo"
is "init: exit code" "$code" 0
cd "$work/demo"
try fairledger run
is "run: exit code" "$code" 0
has "git log shows the snapshot" "$(git log --stat=300 -1)" \
    "experiments/housing/runs/" "artifacts/predictions.csv" "manifest.toml" "files changed"
is "git status is clean" "$(git status --porcelain)" ""
is "the tree on disk is the commit" "$(git diff HEAD --stat)" ""
is "no object of the repository is broken" "$(git fsck --full 2>&1 | grep -v '^dangling' || true)" ""
fairledger list --json > "$work/list.json"

try fairledger run
is "second run: exit code" "$code" 0
is "second run: still clean" "$(git status --porcelain)" ""

git clone -q "$work/demo" "$work/elsewhere"
cd "$work/elsewhere"
try fairledger verify
is "clone: verify exit code" "$code" 0
has "clone: verify names the absent model" "$out" "absent: " "artifacts/model." "0 faults"
try fairledger list
is "clone: list exit code" "$code" 0
has "clone: list names the absent file" "$out" "absent: model."
fairledger list --json > "$work/list-elsewhere.json"
same "clone: list shows the same runs" "$work/list.json" "$work/list-elsewhere.json"
try fairledger plan
has "clone: every run is a hit" "$out" "0 to train, 7 in the ledger"
try fairledger run
has "clone: run trains nothing" "$out" "0 trained, 7 already in the ledger"
is "clone: still clean" "$(git status --porcelain)" ""
large=$(jq -r '.[] | select(.label == "rf-300-20") | .short' "$work/list.json")
try fairledger show "$large"
has "clone: show says how to get an absent file" "$out" "absent" "copy it from where it was trained"

mkdir -p "$work/a/b"
mv "$work/demo" "$work/a/b/moved"
cd "$work/a/b/moved"
try fairledger run
has "moved: run trains nothing" "$out" "0 trained, 7 already in the ledger"
fairledger list --json > "$work/list-moved.json"
same "moved: list shows the same runs" "$work/list.json" "$work/list-moved.json"
try fairledger verify
is "moved: verify exit code" "$code" 0
is "moved: still clean" "$(git status --porcelain)" ""
is "no file of a run holds a path of this machine" \
    "$(grep -rlF "$work" experiments site data ledger.toml || true)" ""

fairledger tag "$large" keep=yes >/dev/null
fairledger note "$large" "the one to beat" >/dev/null
is "tag and note: committed too" "$(git status --porcelain)" ""
