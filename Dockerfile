# Only its own virtual environment goes from the first stage to the second: the
# same image twice, for that environment points at this very Python.
FROM python:3.13-slim-trixie AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY sbc_exporter sbc_exporter
COPY dashboards dashboards
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /dist .
RUN python -m venv --without-pip /opt/sbc-exporter
# --build-arg EXTRAS=simulator for an image that can run `simulate` and `demo`, too.
ARG EXTRAS=
RUN pip --python /opt/sbc-exporter/bin/python install --no-cache-dir "$(echo /dist/*.whl)${EXTRAS:+[$EXTRAS]}"
# A volume in its place belongs to the user below then.
RUN mkdir -p /etc/sbc-exporter

FROM python:3.13-slim-trixie
LABEL org.opencontainers.image.title="sbc_exporter" \
      org.opencontainers.image.description="Prometheus exporter for Oracle Communications Session Border Controllers" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/sbc-exporter /opt/sbc-exporter
COPY --from=build --chown=10061:10061 /etc/sbc-exporter /etc/sbc-exporter
# A number, so that Kubernetes can see that it is not root.
USER 10061:10061
EXPOSE 10061
# The image has no curl. An empty ProxyHandler: HTTP_PROXY is not meant for this.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/opt/sbc-exporter/bin/python", "-c", "from urllib.request import ProxyHandler, build_opener; build_opener(ProxyHandler({})).open('http://127.0.0.1:10061/-/healthy', timeout=4)"]
ENTRYPOINT ["/opt/sbc-exporter/bin/sbc-exporter"]
CMD ["serve", "--config.file=/etc/sbc-exporter/config.yml"]
