#!/bin/sh
# Run the whole site on this machine, on SQLite and the embedded queue, until Ctrl-C.
set -eu
cd "$(dirname "$0")/.."

PORT=${PORT:-8000}
"$(scripts/find-python.sh)" scripts/port.py "$PORT"
scripts/setup.sh run

# The demonstration stands on its own: nothing from the caller's environment leads it to another base.
unset DATABASE_URL CELERY_BROKER_URL CACHE_URL EMAIL_URL EMAIL_FROM ALLOWED_HOSTS CPTS_TRUSTED_PROXIES DJANGO_SETTINGS_MODULE
export CPTS_MODE=demonstration CPTS_DATA_DIR="$PWD/var/demo" CPTS_SITE_URL="http://127.0.0.1:$PORT"
export LOG_LEVEL="${LOG_LEVEL:-ERROR}" WEB_CONCURRENCY="${WEB_CONCURRENCY:-2}"
# Celery's reminder not to run as root helps nobody in a trial on one's own machine.
export PYTHONWARNINGS="ignore:You're running the worker"
export GUNICORN_CMD_ARGS="--bind 127.0.0.1:$PORT --log-level error"
mkdir -p var
if [ ! -s var/demo.env ]; then
  (umask 077; .venv/bin/python -c 'import secrets; print("SECRET_KEY=" + secrets.token_urlsafe(50))' > var/demo.env)
fi
SECRET_KEY=$(sed -n 's/^SECRET_KEY=//p' var/demo.env)
export SECRET_KEY

.venv/bin/python -m scripts.prepare
.venv/bin/python -m scripts.announce &
# honcho stops the three processes when it is told to, or when one of them dies; we wait for it.
.venv/bin/honcho --no-colour --no-prefix --env /dev/null start 2>&1 &
honcho=$!
trap 'kill -TERM "$honcho" 2>/dev/null || :' INT TERM HUP
status=0
while kill -0 "$honcho" 2>/dev/null; do
  wait "$honcho" && status=0 || status=$?
done
[ "$status" = 130 ] || [ "$status" = 143 ] || exit "$status"
echo "La démonstration est arrêtée."
