#!/usr/bin/env bash
# The repository itself as a ledger: the first run trains, the second answers from the ledger.
source "$(dirname "$0")/fixture.bash"

mkdir "$work/clone"
tar -C "$repository" --exclude='runs' --exclude='annotations' -c ledger.toml data experiments .gitignore .gitattributes \
    | tar -C "$work/clone" -x
cd "$work/clone"

all=$(fairledger plan --json | jq '.runs | length')
try fairledger run
is "run: exit code" "$code" 0
has "run: five forests, two baselines and the best are in the table" "$out" \
    rf-100-10 rf-200-15 rf-150-12 rf-300-20 rf-100-8 linear-regression elastic-net \
    "$all runs, $all trained, 0 already in the ledger" "best: "
has "run: says where the site is and what comes next" "$out" "site: " "site/index.html" "next: fairledger"
is "run: an attempt on disk for each run" "$(attempts)" "$all"
is "run: the site is there" "$(test -s site/index.html && echo yes)" yes

before=$EPOCHREALTIME
try fairledger run
echo "     second run took $(seconds "$before" "$EPOCHREALTIME")"
is "second run: exit code" "$code" 0
has "second run: all hits" "$out" "$all runs, 0 trained, $all already in the ledger"
is "second run: nothing trained" "$(attempts)" "$all"
try fairledger run --json
is "second run: --json says hit for each" "$(jq -r '[.runs[].result] | unique[]' <<<"$out")" hit
try fairledger plan
has "plan: nothing to train" "$out" "0 to train, $all in the ledger"
try fairledger best housing/baseline --json
is "best: by r2" "$(jq -r .label <<<"$out")" linear-regression

try fairledger verify
is "verify: exit code" "$code" 0
has "verify: no fault" "$out" "$all attempts" "0 faults"

try fairledger list --json
is "list: every run finished" "$(jq -r '[.[].status] | unique[]' <<<"$out")" finished
oversize=$(jq -r '.[] | select(.trainer == "random-forest-regressor") | .directory' <<<"$out" | while read -r directory; do
    nodes=$(awk -F' = ' '$1 == "nodes" { print $2 }' "$directory/run.toml")
    size=$(wc -c < "$(find "$directory/artifacts" -name 'model.*')")
    [ "$size" -le $((nodes * 16)) ] || echo "$directory: $size bytes for $nodes nodes"
done)
is "model files take at most 16 bytes a node" "$oversize" ""

try fairledger run --force -j 1 housing/baseline
is "run --force: exit code" "$code" 0
try fairledger list --json
is "run --force: the same results again" "$(jq -r '[.[].deterministic] | unique[]' <<<"$out")" true
