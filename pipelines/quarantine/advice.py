"""What a reason means and what to do about it, in words."""

from collections.abc import Sequence

from contracts.dictionary import reasons
from contracts.registry import sources

# By what stands after the colon of a reason code.
WHAT_TO_DO = {
    "null": "Fill the value in.",
    "type": "Write it as the data dictionary says: 1234.50 for money, 2024-01-31T18:30:00 for a time.",
    "enum": "Use one of these values, spelt exactly so.",
    "ge_0": "Correct the number.",
    "ge_1": "Correct the number; what was never sold or counted needs no row.",
    "ne_0": "Give the change in stock with its sign, or leave the row out.",
    "too_large": "Correct the quantity or the price.",
    "missing": "Fill in when the order came into its state, or correct the status.",
    "before_created": "Correct this time, or created_at.",
    "mismatch": "Convert the amounts and the currency, or correct the setting if the shop changed it.",
    "exceeds_gross": "Correct the discount, the tax, the quantity or the price.",
    "orphan": "Nothing, if the parent is still to come: the row is let in when it lands. Else correct the id.",
    "exceeds_sold": "Correct the quantity, or the line it names; a later row of the same return takes its place.",
    "ragged": "Give the row as many fields as the header has; look for a stray comma or a missing quote.",
}


def explain(source: str, codes: Sequence[str]) -> list[tuple[str, str, str]]:
    """Each reason code with its meaning and what to do."""
    meanings = dict(reasons(sources()[source]))
    # A row released long ago may have been against a rule that is no more.
    return [(code, meanings.get(code, ""), WHAT_TO_DO.get(code.rpartition(":")[2], "")) for code in codes]
