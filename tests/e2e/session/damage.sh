#!/usr/bin/env bash
# One byte flipped in any file of a run is found, named, and trained again; restored times hide nothing.
source "$(dirname "$0")/fixture.bash"

small_ledger "$work/whole"
cd "$work/whole"
# One pass is too few, so this run leaves a log with a warning.
small_spec 'max_iter = 1' 'alpha = 0.5' 'tol = 0.0' | sed 's/random-forest-regressor/elastic-net/; s/"small"/"net"/' > experiments/quick/net.toml
fairledger run >/dev/null 2>&1
net=$(fairledger list --json | jq -r '.[] | select(.label == "net") | .directory')
forest=$(fairledger list --json | jq -r '.[] | select(.label == "small") | .directory')

# flip FILE: another byte in the middle, same size
flip() {
    local size at byte
    size=$(wc -c < "$1")
    at=$((size / 2))
    byte=$(od -An -tu1 -j "$at" -N 1 "$1" | tr -d ' ')
    printf "\\x$(printf %x $((byte ^ 1)))" | dd of="$1" bs=1 seek="$at" conv=notrunc status=none
}

kinds=("$net/log.txt")
while read -r file; do kinds+=("$file"); done < <(find "$forest" -type f | sort)
has "kinds of files" "${kinds[*]}" params.toml run.toml metrics.jsonl manifest.toml log.txt \
    artifacts/predictions.csv artifacts/feature_importance.csv artifacts/schema.json artifacts/model.

for file in "${kinds[@]}"; do
    name=${file#*/runs/??/*/}
    directory=${file%/"$name"}
    rm -rf "$work/flipped"
    cp -a "$work/whole" "$work/flipped"
    cd "$work/flipped"
    fairledger verify >/dev/null
    flip "$file"
    try fairledger verify
    is "$name flipped: verify exit code" "$code" 5
    has "$name flipped: verify names it" "$out" "damaged: " "$directory" "$name"
    try fairledger plan
    has "$name flipped: no hit" "$out" "1 to train, 1 in the ledger"
    try fairledger run
    is "$name flipped: run exit code" "$code" 0
    has "$name flipped: run trains it again" "$out" "1 trained, 1 already in the ledger"
    is "$name flipped: one attempt more on disk" "$(find experiments -mindepth 4 -maxdepth 4 -type d | wc -l)" 3
    try fairledger run
    has "$name flipped: then it is a hit" "$out" "0 trained, 2 already in the ledger"

    # The same with the times of the file restored.
    rm -rf "$work/flipped"
    cp -a "$work/whole" "$work/flipped"
    cd "$work/flipped"
    fairledger verify >/dev/null
    fairledger run >/dev/null
    touch -r "$file" "$work/times"
    flip "$file"
    touch -r "$work/times" "$file"
    try fairledger verify
    is "$name flipped, times restored: verify exit code" "$code" 5
    has "$name flipped, times restored: verify names it" "$out" "damaged: " "$directory" "$name"
    case $name in
        log.txt)
            try fairledger log net
            is "$name flipped, times restored: log refuses" "$((code != 0))" 1
            has "$name flipped, times restored: log names it" "$out" "$name" ;;
        artifacts/predictions.csv | artifacts/feature_importance.csv | metrics.jsonl)
            rm -rf site
            try fairledger report
            has "$name flipped, times restored: report names it" "$out" "$name" ;;
    esac
done

cd "$work/whole"
cp -a "$work/whole" "$work/missing"
cd "$work/missing"
rm "$forest/artifacts/predictions.csv"
try fairledger verify
is "a removed file: verify exit code" "$code" 5
has "a removed file: verify names it" "$out" "predictions.csv"
try fairledger run
has "a removed file: run trains it again" "$out" "1 trained, 1 already in the ledger"

cp -a "$work/whole" "$work/grown"
cd "$work/grown"
echo stray > "$forest/artifacts/stray.txt"
try fairledger verify
is "a file too many: verify exit code" "$code" 5
has "a file too many: verify names it" "$out" "stray.txt"
