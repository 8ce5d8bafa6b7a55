"""The shop as it is founded: places, names, stores and the catalogue. Made once from the seed."""

from dataclasses import dataclass
from math import ceil

import numpy as np
import polars as pl
from faker import Faker

from pipelines.generate.season import DAY
from pipelines.generate.streams import Floats, Ints, Purpose, stream
from pipelines.generate.words import (
    BRANDS,
    CATEGORIES,
    COUNTRIES,
    DISTRICTS,
    FAMILY_NAME_FIRST,
    MARKETPLACES,
    STYLES,
)

NAMES_A_LOCALE = 240
LINES_AN_ORDER = 1.85  # what baskets come to on average
UNITS_A_LINE = 1.3
AVERAGE_PRICE = 4_900  # cents of a line's unit, weighted by what sells
WEB_EU, WEB_WORLD = 0, 1  # the first two stores
EUROPE = ("GB", "DE", "FR", "ES", "IT", "PL")


@dataclass(frozen=True)
class Places:
    """Every city the shop sells to; a place is an index into these."""

    country: pl.Series
    region: pl.Series
    city: pl.Series
    country_number: Ints
    tax: Ints  # basis points on the net price
    cumulative: Floats  # chance of a customer living there, running sum
    given: pl.Series  # NAMES_A_LOCALE a country, one country after the other
    family: pl.Series


@dataclass(frozen=True)
class Stores:
    """Web shops, marketplaces, then retail stores country by country."""

    frame: pl.DataFrame  # store_id, store_name, channel, country, region, city
    opens_on: Ints  # number of the day
    opened_at: Ints  # seconds
    marketplace_of: Ints  # store of each country
    web_of: Ints
    first_retail: Ints  # of each country
    retail_count: Ints


@dataclass(frozen=True)
class Catalogue:
    """Products by rank of popularity; a product is an index into these."""

    frame: pl.DataFrame  # product_id, product_name, category, subcategory, brand, reorder_point
    category: Ints
    weight: Floats
    price: Ints  # cents, on the first day
    cost: Ints
    launched_on: Ints  # number of the day
    known_since: Ints  # seconds; the first version's updated_at
    daily_units: Floats  # expected
    companion: Ints  # the product often bought with it

    def __len__(self) -> int:
        return len(self.category)


@dataclass(frozen=True)
class Shop:
    """All that does not change from day to day."""

    seed: int
    places: Places
    stores: Stores
    catalogue: Catalogue


def found_shop(seed: int, opens_at: int, orders_per_day: int) -> Shop:
    """The shop of a seed. `opens_at` is the first second of its first day."""
    places = _places(seed)
    return Shop(seed, places, _stores(seed, opens_at, places), _catalogue(seed, opens_at, orders_per_day))


def _places(seed: int) -> Places:
    rows = [
        (number, country.code, region, city, country.tax)
        for number, country in enumerate(COUNTRIES)
        for region, cities in country.regions
        for city in cities
    ]
    number = np.array([row[0] for row in rows], dtype=np.int64)
    rng = stream(seed, 0, Purpose.NAMES)
    size = rng.gamma(2.0, 1.0, len(rows)) + 0.3
    of_country = np.bincount(number, size)
    weight = np.array([country.weight for country in COUNTRIES])
    chance = size / of_country[number] * weight[number]
    given, family = _names(seed)
    return Places(
        country=pl.Series("country", [row[1] for row in rows]),
        region=pl.Series("region", [row[2] for row in rows]),
        city=pl.Series("city", [row[3] for row in rows]),
        country_number=number,
        tax=np.array([row[4] for row in rows], dtype=np.int64),
        cumulative=np.cumsum(chance) / chance.sum(),
        given=given,
        family=family,
    )


def _names(seed: int) -> tuple[pl.Series, pl.Series]:
    given: list[str] = []
    family: list[str] = []
    for country in COUNTRIES:
        faker = Faker(country.locale)
        faker.seed_instance(seed)
        given += [faker.first_name() for _ in range(NAMES_A_LOCALE)]
        family += [faker.last_name() for _ in range(NAMES_A_LOCALE)]
    return pl.Series("given", given), pl.Series("family", family)


def full_names(places: Places, country: Ints, given: Ints, family: Ints) -> pl.Series:
    """Names of people of a country, by their numbers below NAMES_A_LOCALE."""
    start = country * NAMES_A_LOCALE
    family_first = COUNTRY_CODES.index(FAMILY_NAME_FIRST)
    frame = pl.DataFrame({"given": places.given.gather(start + given), "family": places.family.gather(start + family)})
    turned = pl.Series(country == family_first)
    return frame.select(
        full_name=pl.when(turned)
        .then(pl.concat_str("family", "given", separator=" "))
        .otherwise(pl.concat_str("given", "family", separator=" "))
    ).to_series()


COUNTRY_CODES = tuple(country.code for country in COUNTRIES)


def _stores(seed: int, opens_at: int, places: Places) -> Stores:
    rng = stream(seed, 0, Purpose.STORES)
    rows: list[tuple[str, str, int]] = [("Online Europe", "web", -1), ("Online World", "web", -1)]
    rows += [(name, "marketplace", _a_place(places, code)) for name, code in MARKETPLACES]
    first, count = [], []
    for number, country in enumerate(COUNTRIES):
        first.append(len(rows))
        count.append(country.stores)
        inside = np.flatnonzero(places.country_number == number)
        for chosen in rng.permutation(inside)[: country.stores].tolist():
            rows.append((f"{places.city[chosen]} {DISTRICTS[len(rows) % len(DISTRICTS)]}", "retail", chosen))
    where = pl.Series([row[2] for row in rows], dtype=pl.Int64).replace(-1, None)
    frame = pl.DataFrame(
        {
            "store_id": [f"S{number:02}" for number in range(1, len(rows) + 1)],
            "store_name": [row[0] for row in rows],
            "channel": [row[1] for row in rows],
            "country": places.country.gather(where),
            "region": places.region.gather(where),
            "city": places.city.gather(where),
        }
    )
    # The last store of the two largest countries opens while we watch.
    opens_on = np.ones(len(rows), dtype=np.int64)
    for number, day in ((0, 33), (1, 75)):
        opens_on[first[number] + count[number] - 1] = day
    age = rng.integers(200, 900, len(rows)) * DAY
    marketplace = [
        2 if code in ("US", "BR", "JP") else 4 if code in ("GB", "FR", "ES") else 3 for code in COUNTRY_CODES
    ]
    return Stores(
        frame=frame,
        opens_on=opens_on,
        opened_at=np.where(opens_on == 1, opens_at - age, opens_at + (opens_on - 1) * DAY + 8 * 3600),
        marketplace_of=np.array(marketplace, dtype=np.int64),
        web_of=np.array([WEB_EU if code in EUROPE else WEB_WORLD for code in COUNTRY_CODES], dtype=np.int64),
        first_retail=np.array(first, dtype=np.int64),
        retail_count=np.array(count, dtype=np.int64),
    )


def _a_place(places: Places, code: str) -> int:
    return places.country.to_list().index(code)


def _catalogue(seed: int, opens_at: int, orders_per_day: int) -> Catalogue:
    rng = stream(seed, 0, Purpose.CATALOGUE)
    size = min(60 + ceil(10 * orders_per_day**0.5), 4_000)
    popularity = (np.arange(size) + 4.0) ** -1.15
    shares = np.array([category.weight for category in CATEGORIES])
    category = rng.choice(len(CATEGORIES), size, p=shares / shares.sum())
    typical = np.array([category.typical_price for category in CATEGORIES])
    price = typical[category] * rng.lognormal(0.0, 0.45, size)
    weight = popularity / popularity.sum()
    cents = price * AVERAGE_PRICE / float(price @ weight)
    listed = np.maximum(np.round(cents / 100), 3).astype(np.int64) * 100 - rng.choice(np.array([1, 5, 10, 51]), size)
    cost = (listed * rng.uniform(0.36, 0.58, size)).astype(np.int64)
    # One product in ten, none of the best sellers, joins later; one a week or so in a small shop.
    joins = rng.random(size) < 0.10
    joins[: size // 12] = False
    launched_on = np.where(joins, rng.integers(5, 400, size), 1)
    daily = weight * orders_per_day * LINES_AN_ORDER * UNITS_A_LINE
    companion = np.minimum(rng.geometric(12 / size, size), size) - 1
    names = _product_names(rng, category)
    return Catalogue(
        frame=names.with_columns(reorder_point=pl.Series(np.ceil(daily * 5).astype(np.int64) + 1)),
        category=category.astype(np.int64),
        weight=weight,
        price=listed,
        cost=cost,
        launched_on=launched_on,
        known_since=np.where(
            joins,
            opens_at + (launched_on - 1) * DAY + rng.integers(60, 600, size),
            opens_at - rng.integers(DAY, 200 * DAY, size),
        ),
        daily_units=daily,
        companion=companion,
    )


def _product_names(rng: np.random.Generator, category: Ints) -> pl.DataFrame:
    """product_id, product_name, category, subcategory, brand: every name once."""
    rows: list[tuple[str, str, str, str]] = [("", "", "", "")] * len(category)
    for number, described in enumerate(CATEGORIES):
        kinds = [(sub, noun) for sub, nouns in described.subcategories for noun in nouns]
        members = np.flatnonzero(category == number)
        drawn = rng.permutation(len(kinds) * len(STYLES) * len(BRANDS))[: len(members)]
        for product, choice in zip(members.tolist(), drawn.tolist(), strict=True):
            rest, brand = divmod(choice, len(BRANDS))
            kind, style = divmod(rest, len(STYLES))
            sub, noun = kinds[kind]
            rows[product] = (f"{BRANDS[brand]} {STYLES[style]} {noun}", described.name, sub, BRANDS[brand])
    ids = rng.permutation(len(rows)) + 1  # the number of a product says nothing of its rank
    return pl.DataFrame(rows, schema=["product_name", "category", "subcategory", "brand"], orient="row").insert_column(
        0, pl.Series("product_id", [f"SKU-{number:05}" for number in ids.tolist()])
    )
