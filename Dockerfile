# The app for docker-compose: one image, `tillhouse` as its command.
FROM python:3.13-slim
RUN pip install --no-cache-dir uv && useradd --create-home tillhouse
WORKDIR /home/tillhouse/app
COPY --chown=tillhouse . .
USER tillhouse
RUN uv sync --no-dev
ENTRYPOINT ["uv", "run", "--no-sync", "--no-dev", "tillhouse"]
