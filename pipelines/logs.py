"""Logs on standard error, as text or JSON by the setting `log_format`."""

import logging
import sys

import stamina.instrumentation
import structlog


def configure(log_format: str = "text") -> None:
    """Set up structlog for this process: of text warnings and worse, of JSON every step."""
    stamina.instrumentation.set_on_retry_hooks(())  # who tries again says so itself
    as_json = log_format == "json"
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
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )
