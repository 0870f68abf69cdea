# The build installs everything into one virtual environment, without pip.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE routee_mock_pytest.py ./
COPY mockserver mockserver
COPY scenarios scenarios
RUN mkdir /trust /data \
    && python -m venv --without-pip /opt/routee-mock \
    && python -m pip --python /opt/routee-mock/bin/python install --no-cache-dir '.[tls,postgres]'

FROM python:3.13-slim
LABEL org.opencontainers.image.title="routee-failover-mock" \
      org.opencontainers.image.description="A local test double of Routee's Failover API" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/routee-mock /opt/routee-mock
# --tls-ca can write here. A volume that is mounted here belongs to the user below.
COPY --from=build --chown=65532:65532 /trust /trust
# --data can write here.
COPY --from=build --chown=65532:65532 /data /data
# TMPDIR is in memory, because the root file system may be read-only. --tls needs it for a moment.
ENV PATH=/opt/routee-mock/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    TMPDIR=/dev/shm \
    ROUTEE_MOCK_HOST=0.0.0.0
USER 65532:65532
EXPOSE 8080 8443
# Often, because what waits for the mock waits for the first check. Podman 4 and Docker before 25 know no --start-interval.
HEALTHCHECK --interval=2s --timeout=5s --start-period=30s --retries=5 \
    CMD ["routee-mock", "health"]
ENTRYPOINT ["routee-mock"]
CMD ["serve"]
