#!/bin/sh
# Make sure the system libraries are there: `system.sh run` for the site, `system.sh test` for the tests too.
# As root on Debian or Ubuntu they are installed; otherwise the exact command is printed and we stop.
set -eu

missing=
need() { missing="$missing $1"; }
library() { PATH="$PATH:/sbin:/usr/sbin" ldconfig -p 2>/dev/null | grep -q "$1" || need "$2"; }
program() { command -v "$1" >/dev/null || need "$2"; }

# WeasyPrint opens these three; Pango brings fontconfig and a page without any font is blank.
library libpango-1.0.so.0 libpango-1.0-0
library libpangoft2-1.0.so.0 libpangoft2-1.0-0
library libharfbuzz-subset.so.0 libharfbuzz-subset0
[ -d /usr/share/fonts/truetype/dejavu ] || need fonts-dejavu-core
python=$(scripts/find-python.sh)
"$python" -c 'import ensurepip, venv' 2>/dev/null \
  || need "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"

if [ "$1" = test ]; then
  [ -n "${CHROMIUM:-}" ] || program chromium chromium
  program pg_virtualenv postgresql-common
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need postgresql
  program redis-server redis-server
fi

[ -n "$missing" ] || exit 0
install="apt-get install -y --no-install-recommends$missing"
if ! command -v apt-get >/dev/null; then
  echo "Il manque des logiciels du système. Sur Debian ou Ubuntu :$missing" >&2
  exit 1
elif [ "$(id -u)" != 0 ]; then
  echo "Il manque des logiciels du système. Installez-les, puis recommencez :" >&2
  echo "  sudo apt-get update && sudo $install" >&2
  exit 1
fi
echo "Installation de :$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get -q update >/dev/null
# shellcheck disable=SC2086  # a list of packages
$install >/dev/null
