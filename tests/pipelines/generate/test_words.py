from pipelines.generate.words import BRANDS, CATEGORIES, COUNTRIES, MARKETPLACES, STYLES


def test_no_word_stands_twice_where_a_name_is_made_of_it():
    for words in (BRANDS, STYLES, [country.code for country in COUNTRIES], [name for name, _ in MARKETPLACES]):
        assert len(set(words)) == len(words)
    for category in CATEGORIES:
        nouns = [noun for _, kinds in category.subcategories for noun in kinds]
        assert len(set(nouns)) == len(nouns)


def test_countries_share_all_customers():
    assert round(sum(country.weight for country in COUNTRIES), 9) == 1
    for country in COUNTRIES:
        assert sum(len(cities) for _, cities in country.regions) >= min(country.stores, 1)
