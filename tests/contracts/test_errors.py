import re

import pytest

from contracts import errors
from contracts.errors import NoSuchFolder, SettingsError, TillhouseError, UsageError

DRAWN = re.compile(r"^([│├└─ ]*)(\w+) +(\d) +([a-z-]+)$", re.MULTILINE)


def drawn() -> dict[str, tuple[str | None, int, str]]:
    """Of each class in the drawing: the class it hangs on, exit code and slug."""
    branch: list[str] = []
    found = {}
    for indent, name, code, slug in DRAWN.findall(str(errors.__doc__)):
        depth = len(indent) // 4
        branch = [*branch[:depth], name]
        found[name] = (branch[depth - 1] if depth else None, int(code), slug)
    return found


def test_the_drawing_is_the_tree_of_classes_exit_codes_and_slugs() -> None:
    classes = [each for each in vars(errors).values() if isinstance(each, type)]
    assert drawn() == {
        each.__name__: (None if each is TillhouseError else each.__base__.__name__, each.exit_code, each.slug)
        for each in classes
    }


def test_no_two_errors_share_a_slug() -> None:
    slugs = [slug for _, _, slug in drawn().values()]
    assert len(slugs) == len(set(slugs))


@pytest.mark.parametrize(("name", "code"), [("RunStopped", 1), ("UsageError", 2), ("InfrastructureError", 3)])
def test_a_kind_of_error_has_one_exit_code(name: str, code: int) -> None:
    kind = getattr(errors, name)
    family = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, kind)]
    assert {each.exit_code for each in family} == {code}


def test_a_usage_error_names_the_parameter_at_fault_where_there_is_one() -> None:
    assert (UsageError("no", "start").field, NoSuchFolder("no").field) == ("start", None)
    assert str(SettingsError("wrong", field="currency")) == "wrong"
