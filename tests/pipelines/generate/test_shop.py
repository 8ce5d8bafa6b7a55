from pipelines.generate.shop import found_shop
from pipelines.generate.words import BRANDS, COUNTRIES

OPENS_AT = 1_704_067_200  # 2024-01-01


def test_a_seed_founds_the_same_shop_every_time_and_another_seed_another():
    one, two, three = (found_shop(seed, OPENS_AT, 40) for seed in (8, 8, 9))
    assert one.catalogue.frame.equals(two.catalogue.frame)
    assert one.stores.frame.equals(two.stores.frame)
    assert one.places.given.equals(two.places.given)
    assert not one.catalogue.frame.equals(three.catalogue.frame)


def test_every_product_has_a_name_and_an_id_of_its_own_and_costs_less_than_its_price():
    catalogue = found_shop(1, OPENS_AT, 100_000).catalogue
    assert len(catalogue) == 3_223  # 60 + 10 * sqrt(100,000), rounded up
    assert catalogue.frame["product_id"].is_unique().all()
    assert catalogue.frame["product_name"].is_unique().all()
    assert set(catalogue.frame["brand"]) <= set(BRANDS)
    assert (catalogue.cost < catalogue.price).all()
    assert (catalogue.price > 0).all()


def test_each_country_has_a_store_in_one_of_its_own_cities():
    stores = found_shop(1, OPENS_AT, 40).stores.frame.filter(channel="retail")
    cities = {country.code: {city for _, names in country.regions for city in names} for country in COUNTRIES}
    assert set(stores["country"]) == set(cities)
    assert all(city in cities[country] for country, city in stores.select("country", "city").iter_rows())
