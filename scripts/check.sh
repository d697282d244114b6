#!/bin/sh
# Run the checks of the code: all of them, or those named (pre-commit calls them one by one). No network.
# Every check runs, whatever the others say; the last line names those that failed.
set -u
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"

style() { ruff check . && ruff format --check .; }
# Linted, not reformatted: djlint breaks lines inside inline elements, which adds blanks to what is read.
templates() { djlint templates --lint --quiet; }
types() { mypy .; }
imports() { lint-imports --no-logo; }
# documents.0002: an older version still writes rows, the new columns having defaults in the database itself.
# organisations.0002: the same.
# funding.0002: the unique constraint added asks for less than the one it takes the place of.
migrations() (
  export DJANGO_SETTINGS_MODULE=tests.settings LOG_LEVEL=WARNING
  python -m django makemigrations --check --dry-run \
    && python -m django lintmigrations --ignore-initial-migrations --exclude-apps account mfa \
      --ignore-name 0002_of_a_cpts 0002_anniversary_by_its_day 0002_search_name --quiet ok ignore
)
deployment() {
  env -u DATABASE_URL -u CELERY_BROKER_URL -u CACHE_URL -u ALLOWED_HOSTS CPTS_MODE=production \
    CPTS_DATA_DIR="$PWD/build/check" CPTS_SITE_URL=https://cpts.example.org EMAIL_URL=smtp://127.0.0.1 \
    SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    python manage.py check --deploy --fail-level WARNING
}

[ $# -gt 0 ] || set -- style templates types imports migrations deployment
failed=
for name in "$@"; do
  echo "== $name"
  "$name" || failed="$failed $name"
done
[ -z "$failed" ] || { echo "Checks that failed:$failed"; exit 1; }
