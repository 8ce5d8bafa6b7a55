"""The rules: each is a sentence, and those of one name say the same."""

from pipelines.explain import rules
from pipelines.explain.rules import Rule


def test_every_rule_is_a_sentence_and_one_name_says_one_thing() -> None:
    said: dict[str, str] = {}
    for rule in vars(rules).values():
        if isinstance(rule, Rule):
            assert rule.sentence.endswith("."), rule.name
            assert said.setdefault(rule.name, rule.sentence) == rule.sentence


def test_parts_are_added_in_words() -> None:
    assert rules.added([1, 2], 3, "none") == "1 + 2 = 3"
    assert rules.added([3], 3, "none") == "3"
    assert rules.added([], 0, "none") == "none: 0"
