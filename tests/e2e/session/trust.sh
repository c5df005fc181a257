#!/usr/bin/env bash
# A ledger with a command, brought here in every way there is: pending, shown by status, none executed.
source "$(dirname "$0")/fixture.bash"

# Wherever it is executed, it says so here.
export MARK="$work/executed"
script() {
    cat <<'SH'
. experiments/e/part.sh
echo "score: $1"
SH
}
spec() {
    cat <<'TOML'
[command]
run = ["sh", "experiments/e/train.sh", "{n}"]
inputs = ["experiments/e/train.sh"]
env_pass = ["MARK"]
metrics = "stdout"
[params]
TOML
    echo "n = $1"
}
# commanding FOLDER: a ledger whose one spec runs a script, which reads another that no spec names
commanding() {
    fairledger init --empty "$1" >/dev/null
    mkdir -p "$1/experiments/e"
    script > "$1/experiments/e/train.sh"
    echo 'echo executed >> "$MARK"' > "$1/experiments/e/part.sh"
    spec 1 > "$1/experiments/e/script.toml"
}
executed() { if [ -e "$MARK" ]; then wc -l < "$MARK" | tr -d ' '; else echo 0; fi; }
# waits NAME REASON: nothing starts, by whatever command, and status says why and what to do
waits() {
    local name=$1 reason=$2 before
    before=$(executed)
    for words in "run" "watch --once" "plan" "run e" "run --force"; do
        # shellcheck disable=SC2086 # words of a command
        try fairledger $words
        is "$name: exit code of $words" "$code" 0
        has "$name: $words says that it waits" "$out" "pending: experiments/e/script.toml"
    done
    try fairledger status
    has "$name: status says why, and the cure" "$out" "pending: experiments/e/script.toml" "$reason" \
        "fairledger approve experiments/e/script.toml"
    is "$name: status for programs" \
        "$(fairledger status --json | jq -r '.pending[0].spec')" experiments/e/script.toml
    is "$name: nothing was executed" "$(executed)" "$before"
}
# starts NAME: what is approved starts by itself
starts() {
    local before
    before=$(executed)
    try fairledger run
    is "$1: exit code" "$code" 0
    is "$1: it was executed" "$(executed)" $((before + 1))
}

# An upstream, and a clone of it in which the spec is approved.
commanding "$work/upstream"
cd "$work/upstream"
git add .
git commit -qm "a spec with a command"
cd "$work"
git clone -q upstream clone
cd clone
waits "cloned" "never approved on this machine"
try fairledger approve e/script
is "approve: exit code" "$code" 0
has "approve: shows what will run" "$out" "sh experiments/e/train.sh {n}" "experiments/e/train.sh"
starts "approved"

# What is pulled: a new spec, a change of a declared input, a change of an undeclared one.
upstream() { (cd "$work/upstream" && "$@" && git add -A && git commit -qm change); }
pull() { git pull -q --no-rebase --no-edit; }
upstream sh -c 'sed "s/n = 1/n = 7/" experiments/e/script.toml > experiments/e/other.toml'
pull
before=$(executed)
try fairledger run
has "pulled spec: it waits" "$out" "pending: experiments/e/other.toml" "never approved on this machine"
is "pulled spec: nothing was executed" "$(executed)" "$before"
upstream git rm -q experiments/e/other.toml
pull
fairledger approve e/script > "$work/approved"
upstream sh -c 'echo "# theirs" >> experiments/e/train.sh'
pull
waits "pulled change of a declared input" "fetched or pulled since it was approved"
try fairledger approve e/script --show
has "pulled change of a declared input: the difference is shown" "$out" "+# theirs"
fairledger approve e/script > "$work/approved"
starts "approved again"
upstream sh -c 'echo "echo theirs >> \"\$MARK\"" >> experiments/e/part.sh'
spec 2 > experiments/e/script.toml
fairledger approve e/script > "$work/approved"
pull
waits "pulled change of an undeclared input" "fetched or pulled since it was approved"

# Edits that are followed end with a pull, too; own commits end nothing.
fairledger approve e/script --follow-edits > "$work/approved"
spec 3 > experiments/e/script.toml
git commit -qam "an edit of mine"
before=$(executed)
fairledger run > "$work/log"
is "followed edit after a commit of one's own: it was executed" "$(executed)" $((before + 2))
upstream sh -c 'echo >> README.md'
pull
spec 4 > experiments/e/script.toml
waits "followed edits end with a pull" "fetched or pulled since it was approved"

# A spec that arrives during a merge.
fairledger approve e/script --follow-edits > "$work/approved"
git switch -qc theirs
spec 5 > experiments/e/script.toml
git commit -qam theirs
git switch -q -
fairledger approve e/script --follow-edits > "$work/approved"
git merge -q --no-ff --no-commit theirs
waits "during a merge" "a merge is in progress"
git commit -qm merged
waits "after a merge" "HEAD moved since it was approved"

# Brought without git.
fairledger approve e/script --follow-edits > "$work/approved"
cd "$work"
spec 6 > clone/experiments/e/script.toml
if command -v rsync >/dev/null; then
    rsync -a clone/ synced
else
    cp -a clone synced
fi
cd "$work/synced"
waits "by rsync" "1 run: "
cd "$work"
mv clone renamed
cd renamed
waits "a renamed folder" "not in the folder it was approved in"
cd "$work"
mv renamed clone
cd clone
fairledger approve e/script > "$work/approved"
cd "$work"
python3 -c 'import shutil; shutil.make_archive("archive", "zip", "clone")'
rm -rf clone
mkdir clone
python3 -c 'import zipfile; zipfile.ZipFile("archive.zip").extractall("clone")'
cd clone
rm -rf .fairledger
waits "by unzip, into a folder of the same name" "1 run: "

# A link in the place of an input.
rm -rf "$work/linked"
commanding "$work/linked"
cd "$work/linked"
fairledger approve e/script > "$work/approved"
cp experiments/e/train.sh elsewhere.sh
ln -sf ../../elsewhere.sh experiments/e/train.sh
waits "a link in the place of an input" "changed since it was approved: experiments/e/train.sh"

# What was approved is the user's, and taken back for good.
rm experiments/e/train.sh
cp elsewhere.sh experiments/e/train.sh
starts "the file again"
try fairledger trust
has "trust lists it" "$out" "here: experiments/e/script.toml"
fairledger trust --revoke-all > "$work/log"
spec 8 > experiments/e/script.toml
waits "revoked" "never approved on this machine"
chmod 666 "$HOME/.config/fairledger/trust.toml"
try fairledger run
is "approvals that others could have written: exit code" "$code" 1
has "approvals that others could have written: the cure" "$out" "could have been written by others" "chmod 600"
