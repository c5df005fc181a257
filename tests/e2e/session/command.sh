#!/usr/bin/env bash
# A program in plain Python as the repository's own experiment runs it.
source "$(dirname "$0")/fixture.bash"

fairledger init --empty "$work/ledger" >/dev/null
cd "$work/ledger"
cp -r "$repository/experiments/perceptron" experiments/
cp "$repository/data/housing.csv" data/
try fairledger run
is "before it is approved: exit code" "$code" 0
has "before it is approved: it waits" "$out" "pending: experiments/perceptron/steps.toml"
is "before it is approved: no attempt" "$(attempts)" 0
try fairledger run perceptron/steps
is "named: exit code" "$code" 0
has "named: every point with both seeds" "$out" "8 runs, 8 trained"
has "named: there is a best one" "$out" "best: rate-"
try fairledger show rate-0.1 --json
run=$(fairledger list --each --json | jq -r '.[0].id')
try fairledger show "$run" --json
is "a run: eight epochs" "$(jq '.params.epochs' <<<"$out")" 8
is "a run: it learnt something" "$(jq '.metrics.accuracy > 0.7' <<<"$out")" true
directory=$(jq -r .directory <<<"$out")
is "a run: a point an epoch" "$(grep -c train_accuracy "$directory/metrics.jsonl")" 8
is "a run: its weights are kept" "$(jq 'has("intercept")' "$directory/artifacts/weights.json")" true
has "a run: what it printed" "$(fairledger log "$run")" "accuracy: 0."
try fairledger run
has "again: nothing is trained" "$out" "0 trained, 8 already in the ledger"
is "again: git status is clean but for what is mine" "$(git status --porcelain | grep -v '^??' || true)" ""
try fairledger verify
is "verify: exit code" "$code" 0
try fairledger run perceptron/steps --force -j 2
is "forced: exit code" "$code" 0
lacks "forced: the same results" "$(fairledger show "$run")" "not deterministic"
