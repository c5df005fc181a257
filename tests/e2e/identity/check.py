#!/usr/bin/env python3
"""Identity computed a second time, by another program in another language.

Reads the published vectors and the attempts of real ledgers, encodes each request as `src/ledger/encode.rs` describes,
and compares the ids.
"""

import datetime
import struct
import sys
import tomllib
import unicodedata
from pathlib import Path

import blake3

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "forest"))
from ledger import REPOSITORY, Checks, Ledger  # noqa: E402

CONTEXT = "fairledger run v1"
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def text(value):
    data = unicodedata.normalize("NFC", value).encode()
    return struct.pack(">Q", len(data)) + data


def encode(value):
    if isinstance(value, bool):
        return b"b" + bytes([value])
    if isinstance(value, int):
        return b"i" + struct.pack(">q", value)
    if isinstance(value, float):
        return b"f" + struct.pack(">d", value + 0.0)
    if isinstance(value, str):
        return b"s" + text(value)
    if isinstance(value, list):
        return b"a" + struct.pack(">Q", len(value)) + b"".join(map(encode, value))
    if isinstance(value, dict):
        pairs = sorted((unicodedata.normalize("NFC", key).encode(), item) for key, item in value.items())
        body = b"".join(struct.pack(">Q", len(key)) + key + encode(item) for key, item in pairs)
        return b"t" + struct.pack(">Q", len(pairs)) + body
    if isinstance(value, datetime.datetime) and value.tzinfo:
        since = value - EPOCH
        nanoseconds = (since.days * 86400 + since.seconds) * 10**9 + since.microseconds * 1000
        return b"u" + nanoseconds.to_bytes(16, "big", signed=True)
    return b"l" + text(value.isoformat())


def run_id(request):
    return blake3.blake3(encode(request), derive_key_context=CONTEXT).hexdigest()[:32]


def attempts(root):
    for path in sorted(root.glob("experiments/*/runs/*/*/params.toml")):
        attempt = path.parent
        yield attempt.parent.name + attempt.name.split(".")[0], tomllib.loads(path.read_text())


def main():
    checks = Checks()
    vectors = tomllib.loads((REPOSITORY / "tests/it/vectors.toml").read_text())["vector"]
    for vector in vectors:
        if "request" in vector:
            found = run_id(tomllib.loads(vector["request"]))
            checks.holds(f"vector {vector['name']}", found == vector["id"], found)
    for identity, request in attempts(REPOSITORY / "tests/ledgers/format-1"):
        checks.holds(f"frozen attempt of {identity}", run_id(request) == identity)
    with Ledger() as ledger:
        spec = REPOSITORY / "experiments/housing"
        for name in ("forest.toml", "baseline.toml"):
            (ledger.root / "experiments/housing" / name).write_text((spec / name).read_text())
        ledger.command("run")
        found = list(attempts(ledger.root))
        checks.holds("the housing ledger has seven attempts", len(found) == 7, str(len(found)))
        for identity, request in found:
            checks.holds(f"attempt of {identity}", run_id(request) == identity)
    checks.end()


if __name__ == "__main__":
    main()
