# syntax=docker/dockerfile:1
# One image for the three processes (web, worker, scheduler); docker-compose.yml says how they run together.
# Python 3.11 on Debian 12: the pair on which the test suite runs.

FROM python:3.11-slim-bookworm AS build
WORKDIR /app
RUN python -m venv /app/.venv
COPY requirements.txt .
RUN .venv/bin/pip install --no-cache-dir --no-compile --require-hashes --only-binary :all: -r requirements.txt
COPY . .
# A throwaway key: collecting static files signs nothing.
RUN CPTS_MODE=demonstration SECRET_KEY=build CPTS_DATA_DIR=/tmp/build \
    .venv/bin/python manage.py collectstatic --no-input --verbosity 0

FROM python:3.11-slim-bookworm
# What WeasyPrint opens, and one family of fonts.
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
    libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --home-dir /data --no-create-home cpts \
 && install --directory --owner=cpts --group=cpts --mode=750 /data
WORKDIR /app
# Owned by root: the processes cannot rewrite their own code.
COPY --from=build /app /app
ENV CPTS_MODE=production \
    PATH=/app/.venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    CPTS_DATA_DIR=/data
USER cpts
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "scripts/probe.py"]
CMD ["gunicorn", "cpts.wsgi", "--bind", "0.0.0.0:8000"]
