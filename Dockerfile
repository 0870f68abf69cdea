# The mock in a container: no build tools in it, nobody's root, and nothing it must write.
FROM python:3.13-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY scenarios ./scenarios
COPY mockserver ./mockserver
RUN python -m venv --without-pip /opt/routee-mock && \
    python -m pip --python /opt/routee-mock/bin/python install --no-cache-dir ".[tls]"

FROM python:3.13-slim
COPY --from=build /opt/routee-mock /opt/routee-mock
# A volume mounted here belongs to whom the directory does, so that --tls-ca /trust can be written.
RUN install -d -o 10001 -g 10001 /trust
# With --tls a key passes through a file for an instant: /dev/shm is memory, and writable where nothing else is.
ENV PATH=/opt/routee-mock/bin:$PATH \
    TMPDIR=/dev/shm \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ROUTEE_MOCK_HOST=0.0.0.0
USER 10001:10001
EXPOSE 8080 8443
HEALTHCHECK --interval=30s --timeout=3s --start-period=10s --start-interval=1s CMD ["routee-mock", "health"]
ENTRYPOINT ["routee-mock"]
CMD ["serve"]
