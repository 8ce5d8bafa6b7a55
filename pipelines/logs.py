"""Logs on standard error, as text or JSON by the setting `log_format`."""

import logging
import os

import structlog


def configure() -> None:
    """Set up structlog for this process; warnings and worse are shown."""
    as_json = os.environ.get("TILLHOUSE_LOG_FORMAT") == "json"
    renderer: structlog.typing.Processor = structlog.dev.ConsoleRenderer(colors=False)
    if as_json:
        renderer = structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO if as_json else logging.WARNING),
        logger_factory=structlog.WriteLoggerFactory(file=__import__("sys").stderr),
    )
