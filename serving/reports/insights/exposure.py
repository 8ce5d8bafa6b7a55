"""What may still be refunded."""

from decimal import Decimal

from serving.reports.formats import money, share
from serving.reports.model import Insight
from serving.reports.query import Row
from serving.reports.release import Release


def say(rows: list[Row], release: Release) -> list[str]:
    """What is inside its refund window, what is expected back, and the category with most of it."""
    held = sum((row["open_net"] for row in rows), Decimal(0))
    known = [row for row in rows if row["expected_refunds"] is not None]
    if held <= 0 or not known:
        return []
    expected = sum((row["expected_refunds"] for row in known), Decimal(0))
    first = known[0]
    said = [
        f"{money(held, release.currency)} is delivered and inside its refund window; at the rates of the last 90 days "
        f"about {money(expected, release.currency)} of it comes back, {share(expected, held)}."
    ]
    if len(known) > 1 and expected > 0:
        said.append(
            f"{first['category']} holds {share(first['expected_refunds'], expected)} of what is expected back, with "
            f"{share(first['open_net'], held)} of what is open."
        )
    return said


INSIGHT = Insight(order=70, topic="Refund exposure", dataset="refund_exposure", say=say)
