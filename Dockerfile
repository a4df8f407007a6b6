# syntax=docker/dockerfile:1
# docker build --tag tieline .     The image holds no secret; deploy/README.md says what it needs to run.

FROM python:3.13-slim AS builder
ENV PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/tieline
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY connectors connectors
COPY app app
RUN --mount=type=cache,target=/root/.cache/pip \
    pip wheel --quiet --no-deps --wheel-dir /wheels . \
    && /opt/tieline/bin/pip install --quiet "$(ls /wheels/tieline-*.whl)[postgres,pubsub]"

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Tieline" \
      org.opencontainers.image.description="Self-hosted relationship intelligence for Salesforce and HubSpot" \
      org.opencontainers.image.licenses="Apache-2.0"

# One user with a fixed number, who owns nothing but the folder that a SQLite file would be in.
RUN groupadd --gid 10001 tieline \
    && useradd --uid 10001 --gid tieline --no-create-home --home-dir /var/lib/tieline --shell /usr/sbin/nologin tieline \
    && install --directory --owner tieline --group tieline --mode 0700 /var/lib/tieline
COPY --from=builder /opt/tieline /opt/tieline

ENV PATH=/opt/tieline/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TIELINE_DATABASE_URL=sqlite:////var/lib/tieline/tieline.db
USER 10001:10001
WORKDIR /var/lib/tieline
VOLUME /var/lib/tieline
EXPOSE 8700
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8700/health', timeout=4)"]
CMD ["tieline", "serve", "--host", "0.0.0.0", "--port", "8700"]
