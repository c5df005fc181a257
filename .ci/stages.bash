# Stages of a check: each prints what it does and how long it took, and its checks are added up.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec </dev/null
export DEBIAN_FRONTEND=noninteractive CARGO_TERM_COLOR=never PIP_DISABLE_PIP_VERSION_CHECK=1
export FAIRLEDGER=$PWD/target/release/fairledger

passed=0
failed=0
summary=()
failures=()

# remarks NAME FILE: what a stage said of its failures, or the last it said. A log is often kept by its end alone.
remarks() {
    echo "== $1 failed:"
    { grep -E -A 12 '^(FAIL|error|warning: unused|failures:|thread .* panicked)' "$2" || tail -20 "$2"; } |
        sed -n '1,60p' | cut -c1-400
}

# stage NAME COMMAND...: a stage that counts its own checks ends with "N passed, N failed"; another is one check.
stage() {
    local name=$1 started=$SECONDS status=0 line output p f
    shift
    output=$(mktemp)
    echo
    echo "== $name"
    { "$@" 2>&1 | tee "$output"; } || status=$?
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$output" | tail -1 || true)
    if [ -n "$line" ]; then
        read -r p _ f _ <<<"$line"
    elif [ "$status" -eq 0 ]; then
        p=1 f=0
    else
        p=0 f=1
    fi
    # A stage that ended badly has failed, whatever it counted.
    if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then f=1; fi
    if [ "$f" -gt 0 ]; then failures+=("$(remarks "$name" "$output")"); fi
    rm "$output"
    passed=$((passed + p))
    failed=$((failed + f))
    summary+=("$(printf '%-22s %4d s  %5d passed, %d failed' "$name" $((SECONDS - started)) "$p" "$f")")
    echo "-- $name: $((SECONDS - started)) s, exit $status"
}

# begin NAME COMMAND...: does a command beside what follows; `stage NAME joined NAME` waits for it and tells what it said.
begun=$(mktemp -d)
begin() {
    local file=$begun/$1
    shift
    { "$@" >"$file" 2>&1 && echo 0 >"$file.status" || echo 1 >"$file.status"; } &
}
joined() {
    until [ -s "$begun/$1.status" ]; do sleep 0.2; done
    cat "$begun/$1"
    return "$(cat "$begun/$1.status")"
}

# The last lines: every stage, then the sum.
close() {
    echo
    printf '%s\n' ${failures[@]+"${failures[@]}"} "${summary[@]}"
    echo "total $SECONDS s"
    echo
    echo "checks: $passed passed, $failed failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
}

# Debian's packages for what is missing; the rest of the script needs no other machine.
packages() {
    local missing=() command package
    for pair in cc:build-essential git:git vim:vim jq:jq python3:python3 node:nodejs npm:npm fc-list:fontconfig \
        strace:strace mkfs.ext4:e2fsprogs mkfs.xfs:xfsprogs; do
        command=${pair%%:*} package=${pair#*:}
        command -v "$command" >/dev/null || missing+=("$package")
    done
    python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
    [ -n "$(fc-list 2>/dev/null | head -1)" ] || missing+=(fonts-dejavu-core)
    command -v chromium google-chrome google-chrome-stable chromium-browser >/dev/null || missing+=(chromium)
    if [ ${#missing[@]} -eq 0 ]; then
        echo "nothing is missing"
        return
    fi
    echo "installing ${missing[*]}"
    local as=()
    [ "$(id -u)" -eq 0 ] || as=(sudo)
    ${as[@]+"${as[@]}"} apt-get update -q
    ${as[@]+"${as[@]}"} apt-get install -qy --no-install-recommends "${missing[@]}"
}

python=$PWD/target/checks/python/bin/python
python_packages() {
    [ -x "$python" ] || python3 -m venv target/checks/python
    "$python" -m pip install -q -r tests/e2e/forest/requirements.txt -r tests/e2e/onnx/requirements.txt \
        -r tests/e2e/tables/requirements.txt -r tests/e2e/monitor/requirements.txt
}
# Validators of others, apart from what we compare with; the converter of citations wants an older jsonschema than they.
fair_python=$PWD/target/checks/fair/bin/python
citation_converter=$PWD/target/checks/citation/bin/cffconvert
fair_packages() {
    [ -x "$fair_python" ] || python3 -m venv target/checks/fair
    "$fair_python" -m pip install -q -r tests/e2e/fair/requirements.txt
    [ -x target/checks/citation/bin/python ] || python3 -m venv target/checks/citation
    target/checks/citation/bin/python -m pip install -q -r tests/e2e/fair/citation.txt
}
# Apart from the others: MLflow wants older versions of what they use.
mlflow_python=$PWD/target/checks/mlflow/bin/python
mlflow_packages() {
    [ -x "$mlflow_python" ] || python3 -m venv target/checks/mlflow
    "$mlflow_python" -m pip install -q -r tests/e2e/mlflow/requirements.txt
}
node_packages() { npm install --prefix tests/e2e/pages --no-package-lock --no-audit --no-fund --ignore-scripts; }
