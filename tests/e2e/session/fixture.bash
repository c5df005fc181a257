# What every session script starts from: a folder and a home of its own, and checks that count.
# Source it; it prints one line a check and, at the end, "N passed, N failed".

set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
FAIRLEDGER=$(realpath "${FAIRLEDGER:-$repository/target/release/fairledger}")
test -x "$FAIRLEDGER" || { echo "no program at $FAIRLEDGER; cargo build --release" >&2; exit 1; }

work=$(mktemp -d)
mkdir "$work/home"
export HOME="$work/home" GIT_CONFIG_GLOBAL="$work/home/.gitconfig" GIT_CONFIG_NOSYSTEM=1
# `git status` would otherwise rewrite the index whose bytes are compared.
export GIT_OPTIONAL_LOCKS=0
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE XDG_CONFIG_HOME FAIRLEDGER_PARAMS
identity() {
    git config --global user.name Ada
    git config --global user.email ada@example.org
}
identity
git config --global init.defaultBranch main
git config --global advice.detachedHead false

passed=0
failed=0
children=()
finish() {
    local status=$?
    trap - EXIT
    for child in ${children[@]+"${children[@]}"}; do
        kill -9 "$child" 2>/dev/null || true
    done
    if [ "$status" -ne 0 ]; then
        failed=$((failed + 1))
        echo "FAIL $(basename "$0") stopped early, exit $status"
    fi
    if [ "$failed" -eq 0 ]; then rm -rf "$work"; else echo "kept for a look: $work"; fi
    echo "$passed passed, $failed failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
    exit
}
trap finish EXIT
trap 'echo "FAIL $(basename "$0"):$LINENO: $BASH_COMMAND"' ERR

ok() {
    passed=$((passed + 1))
    echo "ok   $1"
}
fail() {
    failed=$((failed + 1))
    echo "FAIL $1"
    shift
    printf '%s\n' "$@" | sed 's/^/     | /'
}
# is NAME GOT WANTED
is() {
    if [ "$2" = "$3" ]; then ok "$1"; else fail "$1" "got:    $2" "wanted: $3"; fi
}
# has NAME TEXT PART...: the text holds every part
has() {
    local name=$1 text=$2 part
    shift 2
    for part in "$@"; do
        if [[ $text != *"$part"* ]]; then
            fail "$name" "missing: $part" "in:" "$text"
            return
        fi
    done
    ok "$name"
}
# lacks NAME TEXT PART: the text does not hold the part
lacks() {
    if [[ $2 == *"$3"* ]]; then fail "$1" "found: $3" "in:" "$2"; else ok "$1"; fi
}
# same NAME FILE FILE: two files or folders hold the same bytes
same() {
    local difference
    if difference=$(diff -r "$2" "$3" 2>&1); then ok "$1"; else fail "$1" "${difference:0:2000}"; fi
}

# In the background call "$FAIRLEDGER" itself: `$!` would be the shell that runs this function.
fairledger() { "$FAIRLEDGER" "$@"; }
# try COMMAND...: sets `out` (both streams) and `code`
try() {
    code=0
    out=$("$@" 2>&1) || code=$?
}
attempts() { find experiments -name manifest.toml | wc -l | tr -d ' '; }
# The number of attempts that begin to exist within a while after something happened, once it stays the same.
new_attempts() { echo $(($(attempts) - $1)); }
seconds() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f s", b - a }'; }
# wait_for SECONDS COMMAND...: true as soon as the command is
wait_for() {
    local until=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$until" ] || return 1
        sleep 0.02
    done
}

not_alive() { ! kill -0 "$1" 2>/dev/null; }

# small_data FILE ROWS: x1 to x3, y and part; no two cells of a column are equal
small_data() {
    mkdir -p "$(dirname "$1")"
    awk -v rows="$2" 'BEGIN {
        print "x1,x2,x3,y,part"
        for (i = 1; i <= rows; i++) {
            a = (i * 7919) % 100003; b = (i * 104729) % 100019; c = (i * 1299709) % 100043
            printf "%d.5,%d.25,%d.125,%.3f,%s\n", a, b, c, a / 7 + b / 11 - c / 13, i % 5 ? "train" : "test"
        }
    }' > "$1"
}
# small_spec [LINE...]: a spec over that data on standard output, with lines for [params] at its end
small_spec() {
    cat <<'TOML'
name = "small"
[data]
path = "data/small.csv"
target = "y"
split = { column = "part" }
[train]
model = "random-forest-regressor"
seed = 7
[params]
TOML
    [ $# -eq 0 ] || printf '%s\n' "$@"
}
# small_ledger FOLDER: an empty ledger in branch mode with that data and one spec of three trees
small_ledger() {
    fairledger init --empty "$1" >/dev/null
    small_data "$1/data/small.csv" 60
    mkdir -p "$1/experiments/quick"
    small_spec 'n_estimators = 3' > "$1/experiments/quick/forest.toml"
}
