#!/usr/bin/env bash
# What a run is called and where its spec lies is no part of it.
source "$(dirname "$0")/fixture.bash"

small_ledger "$work/ledger"
cd "$work/ledger"
mkdir experiments/again
cp experiments/quick/forest.toml experiments/again/other.toml
try fairledger run
is "the same spec in two experiments: exit code" "$code" 0
is "the same spec in two experiments: trained once" "$(attempts)" 1
is "the same spec in two experiments: listed in both" \
    "$(fairledger list --json | jq -r '[.[].experiment] | sort | join(" ")')" "again quick"
is "the same spec in two experiments: one id" "$(fairledger list --json | jq -r '[.[].id] | unique | length')" 1
run=$(fairledger list --json | jq -r '.[0].id')
is "show: names both experiments" \
    "$(fairledger show "$run" --json | jq -r '.experiments | sort | join(" ")')" "again quick"

# trains NOTHING
unchanged() {
    try fairledger run
    is "$1: exit code" "$code" 0
    lacks "$1: nothing trained" "$out" " 1 trained"
    is "$1: one attempt" "$(attempts)" 1
}

sed -i 's/^name = .*/name = "tiny-{n_estimators}"/' experiments/quick/forest.toml
unchanged "another label"
has "another label: it is shown" "$(fairledger list quick)" "tiny-3"
mv experiments/quick/forest.toml experiments/quick/trees.toml
unchanged "another name of the spec"
has "another name of the spec: the run is listed" "$(fairledger list quick)" "tiny-3"
is "another name of the spec: it is shown" \
    "$(fairledger list quick --json | jq -r '.[0].spec')" "trees.toml"
mv experiments/quick experiments/swift
unchanged "another name of the experiment"
has "another name of the experiment: the run is listed" "$(fairledger list swift)" "tiny-3"
mv data/small.csv data/little.csv
sed -i 's/small\.csv/little.csv/' experiments/*/*.toml
unchanged "another name of the data"
awk -F, 'BEGIN { OFS = "," } { print $0, NR == 1 ? "note" : "n" NR }' data/little.csv > data/wider.csv
mv data/wider.csv data/little.csv
for spec in experiments/*/*.toml; do sed -i 's/^target = .*/&\nfeatures = ["x1", "x2", "x3"]/' "$spec"; done
unchanged "a column that is not used"
{ echo '# moved around'; tac experiments/swift/trees.toml | grep '^name'; grep -v '^name' experiments/swift/trees.toml; } > "$work/spec"
cp "$work/spec" experiments/swift/trees.toml
unchanged "comments and order"

rm experiments/swift/trees.toml experiments/again/other.toml
try fairledger run
is "specs deleted: exit code" "$code" 0
is "specs deleted: the attempt stays" "$(attempts)" 1
is "specs deleted: the run is still listed in both" \
    "$(fairledger list --json | jq -r '[.[].experiment] | sort | join(" ")')" "again swift"
try fairledger show "$run"
is "specs deleted: show exit code" "$code" 0
try fairledger verify
is "specs deleted: verify exit code" "$code" 0
