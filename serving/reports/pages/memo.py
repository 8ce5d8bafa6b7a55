"""Memo: what the figures say, in sentences computed from them, each with the query behind it."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from serving.reports import insights
from serving.reports.model import Insight, PageSpec
from serving.reports.periods import Periods
from serving.reports.query import Row
from serving.reports.release import Release


@dataclass(frozen=True)
class Paragraph:
    """A topic with its sentences and the query they come from."""

    topic: str
    sentences: list[str]
    query: str


def context(release: Release, _periods: Periods, dataset: Callable[[str], list[Row]]) -> dict[str, Any]:
    """The paragraphs that the data carry, and the topics they do not."""
    found = [
        Paragraph(insight.topic, insight.say(dataset(insight.dataset), release), insight.dataset)
        for insight in sorted(_insights(), key=lambda item: item.order)
    ]
    return {
        "paragraphs": [item for item in found if item.sentences],
        "silent": [item.topic for item in found if not item.sentences],
    }


def _insights() -> list[Insight]:
    modules = (import_module(f"{insights.__name__}.{item.name}") for item in iter_modules(insights.__path__))
    return [module.INSIGHT for module in modules]


PAGE = PageSpec(order=15, title="Memo", template="memo.html.j2", context=context)
