# The web, worker and beat processes of one installation; docker-compose.yml says which is which.
FROM python:3.11-slim AS requirements
COPY requirements.txt constraints.txt /build/
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check -r /build/requirements.txt -c /build/constraints.txt

FROM python:3.11-slim
# Japanese glyphs for figures and PDF
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --create-home --home-dir /home/rebaseline rebaseline \
    && install -d -o rebaseline /var/lib/rebaseline
COPY --from=requirements /opt/venv /opt/venv
COPY . /app
ARG CODE_VERSION=unknown
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=config.settings \
    REBASELINE_DATA=/var/lib/rebaseline \
    CODE_VERSION=$CODE_VERSION
WORKDIR /app
USER rebaseline
RUN python manage.py build_figures && python manage.py collectstatic --no-input
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=4 \
    CMD ["python", "docker/healthy.py"]
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "4", "--worker-class", "sync", "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
