#!/usr/bin/env bash
# The 108-point grid, killed five times at random moments: every point is trained once, none is lost.
source "$(dirname "$0")/fixture.bash"

fairledger init "$work/grid" >/dev/null
cd "$work/grid"
rm experiments/housing/*forest.toml experiments/housing/baseline.toml
cp "$repository/experiments/housing/tuning.toml" experiments/housing/
finished() { fairledger list --json | jq '[.[] | select(.status == "finished")] | length'; }
# Of all attempts of all runs, those that finished: more than there are runs means one was trained twice.
finishes() {
    for run in $(fairledger list --json | jq -r '.[].id'); do
        fairledger show "$run" --json | jq '[.attempts[] | select(.status == "finished")] | length'
    done | awk '{ sum += $1; if ($1 > 1) twice++ } END { print sum + 0, twice + 0 }'
}

RANDOM=${SEED:-$(date +%s)}
echo "     seed of the moments: SEED=$RANDOM"
before=0
for kill in 1 2 3 4 5; do
    "$FAIRLEDGER" run housing/tuning > "$work/grid.log" 2>&1 &
    child=$!
    children+=("$child")
    sleep "$((RANDOM % 2)).$((RANDOM % 9 + 1))"
    kill -9 "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
    try fairledger verify
    is "kill $kill: verify exit code" "$code" 0
    now=$(finished)
    is "kill $kill: nothing that was finished is lost ($before, then $now)" "$((now >= before))" 1
    before=$now
done
try fairledger run housing/tuning
is "the grid to its end: exit code" "$code" 0
# A kill in the last step of sealing leaves a run of which nothing but that step is missing: it is done, not trained.
late=$(grep -c 'sealed late: ' <<<"$out" || true)
has "the grid to its end: only what is missing" "$out" "$((before + late)) already in the ledger"
is "the grid to its end: 108 finished runs" "$(finished)" 108
is "the grid to its end: finishes, and runs trained twice" "$(finishes)" "108 0"
try fairledger run housing/tuning
has "the grid again: all hits" "$out" "0 trained, 108 already in the ledger"
sed -i 's/min_samples_leaf = \[1, 2, 4\]/min_samples_leaf = [1, 2, 4, 8]/; s/n_estimators = \[100, 200, 300\]/n_estimators = [100]/' \
    experiments/housing/tuning.toml
try fairledger run housing/tuning
has "the grid widened: what it had is used again" "$out" "12 trained, 36 already in the ledger"
try fairledger best housing/tuning
has "best: names the metric it ranks by" "$out" "cv_r2"
