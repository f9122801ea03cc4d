# syntax=docker/dockerfile:1
# One image for the service, the shim and every other `baton` command. See docs/guides/deploy.md.
ARG PYTHON_IMAGE=python:3.12-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/baton
COPY requirements.lock /build/
# Wheels only: no compiler runs here, and a package that is not the locked one is refused.
RUN /opt/baton/bin/pip install --only-binary=:all: --require-hashes -r /build/requirements.lock
COPY pyproject.toml README.md LICENSE /build/
COPY app /build/app
COPY chains /build/chains
COPY prompts /build/prompts
COPY connectors /build/connectors
RUN /opt/baton/bin/pip install --no-deps --no-build-isolation /build \
    && /opt/baton/bin/python -m compileall -q -j 0 /opt/baton/lib \
    && /opt/baton/bin/pip uninstall -y pip

FROM ${PYTHON_IMAGE}
LABEL org.opencontainers.image.title="Baton" \
      org.opencontainers.image.description="The reasoning service beside an integration platform" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --system --gid 10001 baton \
    && useradd --system --uid 10001 --gid baton --home-dir /data --no-create-home --shell /usr/sbin/nologin baton \
    && install -d -o baton -g baton -m 0700 /data \
    && install -d -m 0755 /etc/baton
COPY --from=build /opt/baton /opt/baton
COPY deploy/healthcheck.py /opt/baton/healthcheck.py
# An address that others reach needs sign-in, so that the image starts only once an issuer is configured; and nobody
# should take the sample organisation for his own customers.
ENV PATH=/opt/baton/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    BATON_HOST=0.0.0.0 \
    BATON_PORT=8000 \
    BATON_AUTH=jwt \
    BATON_DATA_DIR=/data \
    BATON_SAMPLE__ENABLED=false
# `baton.yaml` is read from here, where it is mounted.
WORKDIR /etc/baton
VOLUME /data
EXPOSE 8000 8081
USER 10001:10001
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "/opt/baton/healthcheck.py", "/readyz"]
ENTRYPOINT ["baton"]
CMD ["serve"]
