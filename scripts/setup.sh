#!/bin/sh
# Set up `.venv` from the locked requirements: `setup.sh run` for the site, `setup.sh dev` for the tools too.
# A stamp holds the fingerprint of what was installed, so that a second run does nothing.
set -eu
cd "$(dirname "$0")/.."

installed() { [ "$(cat ".venv/$1.sha256" 2>/dev/null)" = "$(sha256sum "$1")" ]; }

case "$1" in
  run) requirements=requirements.txt ;;
  dev) requirements=requirements-dev.txt ;;
esac

[ "${SYSTEM_READY:-}" ] || scripts/system.sh run
if ! .venv/bin/python -c 'import pip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  rm -rf .venv
  "$(scripts/find-python.sh)" -m venv .venv
fi
# What developers have holds what the site needs.
if ! installed "$requirements" && ! installed requirements-dev.txt; then
  echo "Installation des bibliothèques Python ($requirements)…"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$requirements"
  sha256sum "$requirements" > ".venv/$requirements.sha256"
fi
