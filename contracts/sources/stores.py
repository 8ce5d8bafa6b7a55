"""stores: where the shop sells; a shop may have none."""

from contracts.base import Field, Source

CHANNELS = ("web", "retail", "marketplace")

SOURCE = Source(
    grain="One row per store record that landed, in any state.",
    key=("store_id",),
    optional=True,
    fields=(
        Field("store_id"),
        Field("store_name"),
        Field("channel", enum=CHANNELS),
        Field("country?"),
        Field("region?"),
        Field("city?"),
        Field("updated_at"),
    ),
)
