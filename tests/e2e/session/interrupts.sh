#!/usr/bin/env bash
# Killed, interrupted, and two at a time: nothing is lost, nothing is trained twice.
source "$(dirname "$0")/fixture.bash"

# Large enough to be caught in the middle, small enough to end if something goes wrong.
big=('n_estimators = 60000' 'max_depth = 8')
unsealed() { compgen -G '.fairledger/tmp/*/*.*' >/dev/null; }
status_of() { fairledger list --json | jq -r --arg wanted "$1" '.[] | select(.label == $wanted) | .status'; }

# kill -9 in the middle.
small_ledger "$work/killed"
cd "$work/killed"
small_data data/small.csv 2000
small_spec "${big[@]}" | sed 's/"small"/"big"/' > experiments/quick/big.toml
"$FAIRLEDGER" run quick/big > "$work/killed.log" 2>&1 &
child=$!
children+=("$child")
wait_for 30 unsealed || { cat "$work/killed.log"; exit 1; }
sleep 0.2
kill -9 "$child"
wait "$child" 2>/dev/null || true
is "kill -9: nothing sealed" "$(attempts)" 0
try fairledger list
is "kill -9: list exit code" "$code" 0
try fairledger run quick/forest
is "kill -9: the next run's exit code" "$code" 0
has "kill -9: the next run says what it recorded" "$out" "interrupted before: big"
is "kill -9: the attempt is interrupted" "$(status_of big)" interrupted
has "kill -9: with its cause" "$(fairledger show big)" "its process died"
try fairledger plan quick/big
has "kill -9: it is no hit" "$out" "1 to train"
try fairledger verify
is "kill -9: verify exit code" "$code" 0

# kill -9 at other moments: whatever the moment, the ledger stays whole and the next run ends well.
cd "$work"
for wait in 0.01 0.03 0.06 0.1 0.15 0.25; do
    rm -rf "$work/cut"
    fairledger init "$work/cut" >/dev/null
    cd "$work/cut"
    "$FAIRLEDGER" run > /dev/null 2>&1 &
    child=$!
    children+=("$child")
    sleep "$wait"
    kill -9 "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
    try fairledger run
    is "kill -9 after $wait s: the next run's exit code" "$code" 0
    try fairledger verify
    is "kill -9 after $wait s: verify exit code" "$code" 0
    is "kill -9 after $wait s: the seven runs are finished" \
        "$(fairledger list --json | jq -r '[.[] | select(.status == "finished")] | length')" 7
    is "kill -9 after $wait s: git status is clean" "$(git status --porcelain)" ""
done

# Ctrl-C: finished runs stay, unfinished ones are recorded as interrupted.
small_ledger "$work/stopped"
cd "$work/stopped"
small_data data/small.csv 2000
mv experiments/quick/forest.toml experiments/quick/a.toml
small_spec "${big[@]}" | sed 's/"small"/"big"/' > experiments/quick/b.toml
small_spec 'n_estimators = 4' | sed 's/"small"/"later"/' > experiments/quick/c.toml
"$FAIRLEDGER" run -j 1 > "$work/stopped.log" 2>&1 &
child=$!
children+=("$child")
wait_for 30 grep -q '^train big' "$work/stopped.log" || { cat "$work/stopped.log"; exit 1; }
sleep 0.2
before=$EPOCHREALTIME
kill -INT "$child"
code=0
wait "$child" || code=$?
echo "     ended $(seconds "$before" "$EPOCHREALTIME") after the signal"
is "Ctrl-C: exit code" "$code" 130
is "Ctrl-C: the finished run stays" "$(status_of small)" finished
is "Ctrl-C: the run under way is interrupted" "$(status_of big)" interrupted
is "Ctrl-C: the run that had not begun has no attempt" "$(status_of later)" ""
is "Ctrl-C: what is there is committed" "$(git status --porcelain)" ""
rm experiments/quick/b.toml
try fairledger run
is "Ctrl-C: the next run's exit code" "$code" 0
has "Ctrl-C: the next run trains only what is missing" "$out" "1 trained, 1 already in the ledger"

# Two at once: each run is trained once, and both commands end well.
small_ledger "$work/two"
cd "$work/two"
small_data data/small.csv 2000
cat >> experiments/quick/forest.toml <<'TOML'
max_depth = 8
[sweep]
method = "grid"
params = { seed = [1, 2, 3, 4, 5, 6, 7, 8] }
TOML
sed -i 's/n_estimators = 3/n_estimators = 400/; s/^seed = 7$//; s/"small"/"seed {seed}"/' experiments/quick/forest.toml
processes=()
for number in 1 2 3; do
    "$FAIRLEDGER" run -j 1 > "$work/two.$number" 2>&1 &
    processes+=("$!")
    children+=("$!")
done
for number in 1 2 3; do
    code=0
    wait "${processes[$((number - 1))]}" || code=$?
    is "three at once: exit code of the $number." "$code" 0
done
is "three at once: each run trained once" "$(attempts)" 8
is "three at once: every run finished" "$(fairledger list --json | jq -r '[.[] | select(.status == "finished")] | length')" 8
is "three at once: git status is clean" "$(git status --porcelain)" ""
try fairledger verify
is "three at once: verify exit code" "$code" 0

# A tag does not wait for training.
small_spec "${big[@]}" | sed 's/"small"/"big"/' > experiments/quick/big.toml
"$FAIRLEDGER" run > "$work/busy.log" 2>&1 &
child=$!
children+=("$child")
wait_for 30 grep -q '^train big' "$work/busy.log"
run=$(fairledger list --json | jq -r '.[0].id')
before=$EPOCHREALTIME
try fairledger tag "$run" busy=no
echo "     a tag while training took $(seconds "$before" "$EPOCHREALTIME")"
is "tag while training: exit code" "$code" 0
is "tag while training: did not wait for it" "$(kill -0 "$child" 2>/dev/null && echo running)" running
try fairledger status
has "status while training: names the run" "$out" "running: big"
kill -INT "$child"
wait "$child" || true
