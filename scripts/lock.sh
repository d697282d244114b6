#!/bin/sh
# Compile pyproject.toml into the two locked lists: every platform, hashes, no index address.
# Versions already locked are kept; UPGRADE=--upgrade takes the newest ones. Extras are kept in the names: without
# them pip looks past the locked version as soon as a newer one is out (`coverage[toml]`), and refuses it unhashed.
set -eu
cd "$(dirname "$0")/.."

lock() {
  .venv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
    --no-strip-extras --no-emit-index-url --no-emit-find-links --no-header --no-annotate ${UPGRADE:-} "$@"
}
lock -o requirements.txt
lock --group dev -c requirements.txt -o requirements-dev.txt
