#!/bin/sh
# Print the path of a Python of at least 3.11, or say what to install. PYTHON=… chooses one.
for name in ${PYTHON:-python3.11 python3.12 python3.13 python3.14 python3}; do
  path=$(command -v "$name") || continue
  "$path" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
  exec "$path" -c 'import sys; print(sys.executable)'
done
echo "Python 3.11 ou plus récent est introuvable. Sur Debian ou Ubuntu : sudo apt-get install python3 python3-venv" >&2
exit 1
