#!/usr/bin/env bash
# While `watch` runs, a spec is saved in the manner of several editors: each save is exactly one run, of the
# final bytes.
source "$(dirname "$0")/fixture.bash"

small_ledger "$work/ledger"
cd "$work/ledger"
spec=experiments/quick/forest.toml
small_spec 'max_depth = 1' > "$spec"
"$FAIRLEDGER" watch > "$work/watch.log" 2>&1 &
watch=$!
children+=("$watch")
wait_for 30 grep -q '1 trained' "$work/watch.log" || { cat "$work/watch.log"; exit 1; }

# saved NAME DEPTH RUNS: that many runs came of the save, and the newest is of the final bytes
saved() {
    local name=$1 depth=$2 runs=$3
    [ "$runs" -eq 0 ] || wait_for 15 test "$(attempts)" -gt "$held" || true
    # Long enough for a second run that must not come.
    sleep 1.5
    is "$name: runs trained" "$(new_attempts "$held")" "$runs"
    is "$name: the newest run is of the final bytes" \
        "$(fairledger list --json | jq -r 'sort_by(.started) | last | .params.max_depth')" "$depth"
    try fairledger plan
    has "$name: nothing is left to train" "$out" "0 to train"
    held=$(attempts)
}
held=$(attempts)

vim -es -u NONE -i NONE -c '%s/max_depth = .*/max_depth = 2/' -c wq "$spec"
saved "vim" 2 1
vim -es -u NONE -i NONE -c 'set backup backupcopy=no' -c '%s/max_depth = .*/max_depth = 3/' -c wq "$spec"
saved "vim, by rename" 3 1
vim -es -u NONE -i NONE -c 'set backupcopy=yes' -c '%s/max_depth = .*/max_depth = 4/' -c wq "$spec"
saved "vim, in place" 4 1

# emacs: a dangling link as a lock, the original renamed to a backup, the new file closed twice.
ln -s "ada@nowhere.1234:5678" experiments/quick/.#forest.toml
mv "$spec" "$spec~"
small_spec 'max_depth = 5' > "$spec"
: >> "$spec"
rm experiments/quick/.#forest.toml
saved "emacs" 5 1
ln -s "ada@nowhere.1234:5678" experiments/quick/.#forest.toml
small_spec 'max_depth = 6' > "$spec"
sleep 0.03
: >> "$spec"
rm experiments/quick/.#forest.toml
saved "emacs, in place" 6 1

# A safe write: the spec is gone for an instant.
small_spec 'max_depth = 7' > "${spec}___jb_tmp___"
mv "$spec" "${spec}___jb_old___"
sleep 0.015
mv "${spec}___jb_tmp___" "$spec"
rm "${spec}___jb_old___"
saved "safe write" 7 1

# In two chunks; the first half is a valid spec of another run.
exec 3> "$spec"
small_spec >&3
printf 'max_depth = 1' >&3
sleep 0.047
printf '8\n' >&3
exec 3>&-
saved "two chunks" 18 1
exec 3> "$spec"
small_spec >&3
printf 'max_depth = 1' >&3
sleep 0.2
printf '9\n' >&3
exec 3>&-
saved "two slow chunks" 19 1

touch "$spec"
saved "touched" 19 0
{ echo '# a comment'; small_spec 'max_depth=19'; } > "$spec"
saved "a comment and a space" 19 0
small_spec 'max_depth = 2' > "$spec"
hit() { tail -n 6 "$work/watch.log" | grep -q '0 trained, 1 already in the ledger'; }
sleep 1.5
wait_for 15 hit || true
has "edited back: a hit" "$(tail -n 6 "$work/watch.log")" "0 trained, 1 already in the ledger"
is "edited back: runs trained" "$(new_attempts "$held")" 0

# At once is within the 50 ms after which a closed file is saved; on a busy machine it may take another five.
for first in 21 41 61 81; do
    texts=()
    for depth in {0..4}; do texts+=("$(small_spec "max_depth = $((first + depth))")"); done
    held=$(attempts)
    before=$EPOCHREALTIME
    for text in "${texts[@]}"; do printf '%s\n' "$text" > "$spec"; done
    took=$(seconds "$before" "$EPOCHREALTIME")
    wait_for 15 test "$(attempts)" -gt "$held" || true
    sleep 1.5
    [[ $took > 0.04 ]] || break
    echo "     again, they took $took"
done
is "five saves at once: runs trained" "$(new_attempts "$held")" 1
held=$(attempts)

# A mistake stops nothing; its correction trains.
small_spec 'max_dept = 3' > "$spec"
wait_for 15 grep -q 'max_depth' "$work/watch.log" || true
sleep 1
has "a mistake: shown with its place" "$(cat "$work/watch.log")" "$spec:" "max_dept"
is "a mistake: runs trained" "$(new_attempts "$held")" 0
small_spec 'max_depth = 31' > "$spec"
saved "corrected" 31 1

# Data that change are other runs of the same spec.
small_data data/small.csv 65
saved "data saved" 31 1

kill -INT "$watch"
ended=0
wait_for 15 not_alive "$watch" || { kill -0 "$watch" && echo "     still there after 15 s" && kill -9 "$watch"; }
wait "$watch" 2>/dev/null || ended=$?
is "Ctrl-C: exit code" "$ended" 0
is "Ctrl-C: every run is committed" "$(git status --porcelain -- experiments/quick/runs)" ""
try fairledger verify
is "verify: exit code" "$code" 0
