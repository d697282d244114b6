#!/bin/sh
# Compile pyproject.toml into the two locked lists: every platform, hashes, no index address.
# Versions already locked are kept; UPGRADE=--upgrade takes the newest ones.
set -eu
cd "$(dirname "$0")/.."

lock() {
  .venv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
    --no-emit-index-url --no-emit-find-links --no-header --no-annotate ${UPGRADE:-} "$@"
}
lock -o requirements.txt
lock --group dev -c requirements.txt -o requirements-dev.txt
