#!/bin/sh
# Check the code, then run the whole suite twice: SQLite and the embedded queue, PostgreSQL and Redis.
# Both services are thrown away afterwards. The last line is pytest's own.
set -eu
cd "$(dirname "$0")/.."

scripts/system.sh test
SYSTEM_READY=1 scripts/setup.sh dev
scripts/check.sh

unset DATABASE_URL CELERY_BROKER_URL CACHE_URL EMAIL_URL EMAIL_FROM CPTS_MODE CPTS_DATA_DIR CPTS_SITE_URL DJANGO_SETTINGS_MODULE
workers=${PYTEST_WORKERS:-2}
echo "== tests: SQLite and the embedded queue"
.venv/bin/pytest -q -n "$workers" --dist loadgroup "$@"

echo "== tests: PostgreSQL and Redis"
services=$(mktemp -d)
stop() { [ -z "${redis:-}" ] || kill "$redis" 2>/dev/null || :; rm -rf "$services"; }
trap stop EXIT
trap 'exit 130' INT TERM
port=$(.venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --dir "$services" \
  --logfile "$services/redis.log" &
redis=$!
export CELERY_BROKER_URL="redis://127.0.0.1:$port/0" CACHE_URL="redis://127.0.0.1:$port/14"
# Only pytest writes to our output (3), so that the last line is its own; what the cluster says goes to a file.
# shellcheck disable=SC2016  # its variables are pg_virtualenv's
mkdir -p build
pg_virtualenv -t sh -c '
  export DATABASE_URL="postgresql://$PGUSER:$PGPASSWORD@$PGHOST:$PGPORT/$PGDATABASE"
  exec .venv/bin/pytest -q --dist loadgroup -n "$@" >&3 2>&3' sh "$workers" "$@" 3>&1 >build/postgresql.log 2>&1
