#!/usr/bin/env bash
# 64 readers while 8 writers add runs: no error, and no stale or partial answer.
source "$(dirname "$0")/fixture.bash"

writers=8
readers=64
rounds=2
small_ledger "$work/busy"
cd "$work/busy"
rm experiments/quick/forest.toml
for writer in $(seq $writers); do mkdir -p "experiments/w$writer"; done
mkdir "$work/reads" "$work/done"

# Adds two runs a round, and only when `run` has ended says so in a file that readers look at first.
write() {
    local writer=$1 round
    for round in $(seq $rounds); do
        small_spec | sed "s/^seed = 7/seed = $((writer * 100 + round))/" > "experiments/w$writer/next.toml"
        printf '[sweep]\nmethod = "grid"\nparams = { n_estimators = [1, 2] }\n' >> "experiments/w$writer/next.toml"
        "$FAIRLEDGER" run "w$writer/next" > "$work/done/log.$writer.$round" 2>&1 || echo "writer $writer: exit $?" >> "$work/errors"
        touch "$work/done/$writer.$round.a" "$work/done/$writer.$round.b"
    done
}
# What stands in a list: whole runs only, each once, no fewer than had been reported before it began.
whole='length == (map(.id) | unique | length) and all(.[]; .status == "finished" and (.metrics | length) == 8
    and (.params.n_estimators | type) == "number" and .label == "small" and (.directory | length) > 0)'
reported() { find "$work/done" -name '*.[ab]' | wc -l; }
read_often() {
    local reader=$1 before found number=0
    until [ -e "$work/stop" ]; do
        before=$(reported)
        case $((reader % 4)) in
            0) "$FAIRLEDGER" list --json ;;
            1) "$FAIRLEDGER" list --json --limit 1000 --sort 'metrics.r2 desc' ;;
            2) "$FAIRLEDGER" list --json 'metrics.r2 > -1000 and params.n_estimators >= 1' ;;
            3) "$FAIRLEDGER" list --json --limit 1000 'params.n_estimators in (1, 2)' ;;
        esac > "$work/reads/$reader.json" 2> "$work/reads/$reader.err" || echo "reader $reader: exit $?" >> "$work/errors"
        [ ! -s "$work/reads/$reader.err" ] || cat "$work/reads/$reader.err" >> "$work/errors"
        [ "$(jq "$whole" "$work/reads/$reader.json")" = true ] || echo "reader $reader: partial" >> "$work/errors"
        found=$(jq length "$work/reads/$reader.json")
        [ "$found" -ge "$before" ] || echo "reader $reader: $found runs, $before were reported" >> "$work/errors"
        number=$((number + 1))
    done
    echo "$number" > "$work/reads/$reader.count"
}

touch "$work/errors"
for reader in $(seq $readers); do
    read_often "$reader" &
    children+=("$!")
done
writing=()
for writer in $(seq $writers); do
    write "$writer" &
    writing+=("$!")
    children+=("$!")
done
for child in "${writing[@]}"; do wait "$child"; done
touch "$work/stop"
wait
is "no error, no stale and no partial answer" "$(sort "$work/errors" | uniq -c | head -20)" ""
is "every reader read" "$(cat "$work"/reads/*.count | awk '$1 > 0' | wc -l)" "$readers"
is "every run is there at the end" "$(fairledger list --json | jq length)" $((writers * rounds * 2))
is "every snapshot carries it" "$(git ls-files 'experiments/*/manifest.toml' | wc -l)" $((writers * rounds * 2))
echo "     $(cat "$work"/reads/*.count | awk '{ sum += $1 } END { print sum }') answers"
mv .fairledger/index.sqlite "$work/grown.sqlite"
fairledger list --json > "$work/anew.json"
mv "$work/grown.sqlite" .fairledger/index.sqlite
fairledger list --json > "$work/grown.json"
same "the index that grew tells what a new one tells" "$work/grown.json" "$work/anew.json"
try fairledger verify
is "verify finds nothing" "$code" 0
