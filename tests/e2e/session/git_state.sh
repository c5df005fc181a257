#!/usr/bin/env bash
# Whatever the user is in the middle of stays as it is, and `status` says where the snapshot went.
source "$(dirname "$0")/fixture.bash"

# What must not change: HEAD, the branches, what is staged, and the bytes of the index.
state() {
    cat .git/HEAD
    git for-each-ref refs/heads refs/tags
    git diff --cached
    sha256sum < .git/index
    git status --porcelain | grep -v ' experiments/quick/' || true
}

# new_case NAME: a ledger with one commit of the user's on top and a file of the user's own
new_case() {
    case_name=$1
    small_ledger "$work/$case_name"
    cd "$work/$case_name"
    echo mine > mine.txt
    git add -A
    git commit -qm "the user's own"
}

# run_and_compare: trains, then compares the user's state and looks for the snapshot on the ref
run_and_compare() {
    state > "$work/before"
    try fairledger run
    is "$case_name: run exit code" "$code" 0
    state > "$work/after"
    same "$case_name: the user's state is untouched" "$work/before" "$work/after"
    reference=$(git for-each-ref --format='%(refname)' refs/fairledger/)
    has "$case_name: the run is on a ref of its own" \
        "$(git ls-tree -r --name-only "${reference:-none}" 2>&1)" "manifest.toml"
    try fairledger status
    has "$case_name: status says where the snapshot went, and why" "$out" "${reference:-refs/fairledger/}" "$@"
}

new_case staged
echo changed > mine.txt
git add mine.txt
echo "changed again" > mine.txt
run_and_compare "staged"
is "staged: the work tree keeps the user's text" "$(cat mine.txt)" "changed again"

new_case detached
git checkout -q --detach
run_and_compare "HEAD"

new_case hook
printf '#!/bin/sh\ntouch "%s/hook-ran"\nexit 1\n' "$work" > .git/hooks/pre-commit
chmod +x .git/hooks/pre-commit
run_and_compare "hook"
is "hook: it did not run" "$(test -e "$work/hook-ran" && echo ran)" ""

new_case merging
git checkout -qb other
echo theirs > mine.txt
git commit -qam theirs
git checkout -q main
echo ours > mine.txt
git commit -qam ours
git merge -q other >/dev/null 2>&1 || true
cp .git/MERGE_HEAD "$work/merge-head"
run_and_compare "merge"
same "merging: MERGE_HEAD is untouched" "$work/merge-head" .git/MERGE_HEAD

new_case locked
touch .git/index.lock
run_and_compare "index.lock"
rm .git/index.lock

new_case signing
git config commit.gpgsign true
run_and_compare "gpgsign"

new_case nobody
git config --global --unset user.name
git config --global --unset user.email
run_and_compare "user.name"
identity

# A ledger inside somebody's repository never touches the branch.
mkdir "$work/theirs"
cd "$work/theirs"
git init -q
echo code > code.txt
git add -A
git commit -qm code
echo more > more.txt
git add more.txt
case_name=inside
try fairledger init --empty ledger
has "inside: init says that snapshots go to a ref" "$out" "ref of their own"
small_data ledger/data/small.csv 60
mkdir -p ledger/experiments/quick
small_spec 'n_estimators = 3' > ledger/experiments/quick/forest.toml
{ cat .git/HEAD; git for-each-ref refs/heads; git diff --cached; sha256sum < .git/index; } > "$work/before"
try fairledger -C ledger run
is "inside: run exit code" "$code" 0
{ cat .git/HEAD; git for-each-ref refs/heads; git diff --cached; sha256sum < .git/index; } > "$work/after"
same "inside: the user's state is untouched" "$work/before" "$work/after"
reference=$(git for-each-ref --format='%(refname)' refs/fairledger/)
has "inside: the run is on a ref of its own" "$(git ls-tree -r --name-only "${reference:-none}" 2>&1)" manifest.toml
try fairledger -C ledger status
has "inside: status says where the snapshot went" "$out" "${reference:-refs/fairledger/}"
