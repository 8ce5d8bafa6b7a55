"""What the shop is named and made of: places, product words, reasons. Every brand is a made-up word."""

from typing import NamedTuple


class Country(NamedTuple):
    """A country the shop sells to; `tax` is the share of sales tax in basis points, `stores` its retail stores."""

    code: str
    locale: str
    weight: float
    tax: int
    stores: int
    regions: tuple[tuple[str, tuple[str, ...]], ...]


COUNTRIES = (
    Country(
        "US",
        "en_US",
        0.34,
        800,
        6,
        (
            ("California", ("Los Angeles", "San Francisco", "San Diego")),
            ("New York", ("New York", "Buffalo")),
            ("Texas", ("Austin", "Houston", "Dallas")),
            ("Illinois", ("Chicago",)),
            ("Washington", ("Seattle", "Spokane")),
            ("Florida", ("Miami", "Tampa")),
        ),
    ),
    Country(
        "GB",
        "en_GB",
        0.16,
        2000,
        4,
        (
            ("England", ("London", "Manchester", "Bristol", "Leeds")),
            ("Scotland", ("Edinburgh", "Glasgow")),
            ("Wales", ("Cardiff",)),
        ),
    ),
    Country(
        "DE",
        "de_DE",
        0.14,
        1900,
        3,
        (
            ("Berlin", ("Berlin",)),
            ("Bayern", ("München", "Nürnberg")),
            ("Nordrhein-Westfalen", ("Köln", "Düsseldorf")),
            ("Hamburg", ("Hamburg",)),
        ),
    ),
    Country(
        "FR",
        "fr_FR",
        0.10,
        2000,
        3,
        (
            ("Île-de-France", ("Paris", "Versailles")),
            ("Auvergne-Rhône-Alpes", ("Lyon", "Grenoble")),
            ("Occitanie", ("Toulouse",)),
        ),
    ),
    Country(
        "ES",
        "es_ES",
        0.07,
        2100,
        2,
        (
            ("Comunidad de Madrid", ("Madrid",)),
            ("Cataluña", ("Barcelona", "Girona")),
            ("Andalucía", ("Sevilla", "Málaga")),
        ),
    ),
    Country(
        "IT",
        "it_IT",
        0.06,
        2200,
        2,
        (("Lombardia", ("Milano", "Bergamo")), ("Lazio", ("Roma",)), ("Toscana", ("Firenze",))),
    ),
    Country(
        "BR",
        "pt_BR",
        0.05,
        1700,
        1,
        (("São Paulo", ("São Paulo", "Campinas")), ("Rio de Janeiro", ("Rio de Janeiro",))),
    ),
    Country("JP", "ja_JP", 0.04, 1000, 1, (("東京都", ("新宿区", "渋谷区")), ("大阪府", ("大阪市",)))),
    Country("PL", "pl_PL", 0.04, 2300, 1, (("Mazowieckie", ("Warszawa",)), ("Małopolskie", ("Kraków",)))),
)

FAMILY_NAME_FIRST = "JP"


class Category(NamedTuple):
    """A first level of the catalogue; `months` says which months sell it best, and how much more."""

    name: str
    typical_price: float
    weight: float
    return_share: float
    months: dict[int, float]
    subcategories: tuple[tuple[str, tuple[str, ...]], ...]


CATEGORIES = (
    Category(
        "Apparel",
        46,
        0.24,
        0.11,
        {3: 1.1, 9: 1.15, 10: 1.1},
        (
            ("Knitwear", ("Cardigan", "Pullover", "Scarf", "Beanie")),
            ("Shirts", ("Shirt", "Polo", "Blouse", "Tee")),
            ("Footwear", ("Sneaker", "Boot", "Loafer")),
        ),
    ),
    Category(
        "Kitchen",
        38,
        0.17,
        0.035,
        {11: 1.1, 12: 1.15},
        (
            ("Pans", ("Frying Pan", "Saucepan", "Wok")),
            ("Knives", ("Chef Knife", "Bread Knife", "Paring Knife")),
            ("Coffee", ("Kettle", "Grinder", "Moka Pot", "Mug Set")),
        ),
    ),
    Category(
        "Home",
        58,
        0.16,
        0.05,
        {1: 1.15, 9: 1.1},
        (
            ("Lighting", ("Desk Lamp", "Floor Lamp", "Lantern")),
            ("Textiles", ("Throw", "Cushion", "Rug", "Curtain")),
            ("Storage", ("Basket", "Shelf", "Hook Rail")),
        ),
    ),
    Category(
        "Beauty",
        22,
        0.13,
        0.015,
        {2: 1.1, 5: 1.1, 12: 1.2},
        (
            ("Skin", ("Face Cream", "Serum", "Cleanser")),
            ("Hair", ("Shampoo", "Hair Oil", "Brush")),
            ("Bath", ("Soap Set", "Bath Salt", "Candle")),
        ),
    ),
    Category(
        "Sport",
        52,
        0.12,
        0.06,
        {1: 1.3, 4: 1.1, 5: 1.15, 6: 1.1},
        (
            ("Running", ("Running Vest", "Bottle", "Headlamp")),
            ("Yoga", ("Yoga Mat", "Block Set", "Strap")),
            ("Outdoor", ("Daypack", "Tent", "Sleeping Bag")),
        ),
    ),
    Category(
        "Toys",
        29,
        0.09,
        0.03,
        {11: 1.4, 12: 1.9, 1: 0.7},
        (
            ("Puzzles", ("Jigsaw", "Cube", "Maze")),
            ("Plush", ("Plush Bear", "Plush Fox", "Plush Whale")),
            ("Games", ("Board Game", "Card Game", "Dice Set")),
        ),
    ),
    Category(
        "Garden",
        44,
        0.09,
        0.03,
        {3: 1.3, 4: 1.7, 5: 1.8, 6: 1.4, 7: 1.2, 11: 0.6, 12: 0.5, 1: 0.5, 2: 0.7},
        (
            ("Tools", ("Trowel", "Secateurs", "Hand Fork")),
            ("Planting", ("Planter", "Seed Kit", "Propagator")),
            ("Outdoor Living", ("Fire Bowl", "Hammock", "Bird Feeder")),
        ),
    ),
)

BRANDS = (
    "Tarnwick",
    "Ostrelle",
    "Quillbrae",
    "Brunvika",
    "Lumarrow",
    "Fennoria",
    "Pelloway",
    "Mirrabeck",
    "Haldmoor",
    "Sundelle",
    "Korvessa",
    "Ashtwine",
    "Veldimar",
    "Odrunne",
)
STYLES = (
    "Classic",
    "Linen",
    "Oak",
    "Matte",
    "Compact",
    "Travel",
    "Everyday",
    "Soft",
    "Bright",
    "Quiet",
    "Sturdy",
    "Slim",
    "Woven",
    "Coastal",
    "Alpine",
    "Midnight",
    "Amber",
    "Sage",
    "Ivory",
    "Slate",
)
MARKETPLACES = (("Bazaarly", "US"), ("Marktwiese", "DE"), ("Souklane", "GB"))
DISTRICTS = ("Centre", "Old Town", "Riverside", "Station", "Market Hall", "Harbour")

RETURN_REASONS = (
    "changed mind",
    "wrong size",
    "damaged in transit",
    "not as described",
    'arrived late, "too late" for the day',
    "found it cheaper",
    None,
)
