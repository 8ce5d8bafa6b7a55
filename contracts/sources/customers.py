"""customers: who buys."""

from contracts.base import Field, Source

SOURCE = Source(
    grain="One row per customer record that landed, in any state.",
    key=("customer_id",),
    fields=(
        Field("customer_id"),
        Field("full_name?"),
        Field("email?"),
        Field("country?"),
        Field("region?"),
        Field("city?"),
        Field("signup_at?"),
        Field("updated_at"),
    ),
)
