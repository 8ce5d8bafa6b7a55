import os
import traceback
from pathlib import Path

import pytest

from contracts.errors import SettingsError
from contracts.settings import FILE_NAME, PREFIX, TESTS_ONLY, Settings, load_settings

SECRET = "correct-horse"
URL = f"postgresql://shop:{SECRET}@db.example/till"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that the environment names, and no other setting in force."""
    for name in list(os.environ):
        if name.upper().startswith(PREFIX):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TILLHOUSE_HOME", str(tmp_path))
    return tmp_path


def write(home: Path, text: str) -> None:
    (home / FILE_NAME).write_text(text, encoding="utf-8")


def refusal() -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "\n" not in str(caught.value)
    assert SECRET not in "".join(traceback.format_exception(caught.value, chain=True))
    return str(caught.value)


def test_without_any_setting_the_home_is_data_in_the_current_folder(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TILLHOUSE_HOME")
    monkeypatch.chdir(home)
    settings = load_settings()
    assert settings.home == home / "data"
    assert (settings.timezone, settings.currency, settings.refund_window_days) == ("UTC", "USD", 30)
    assert (settings.min_pair_orders, settings.max_reject_ratio, settings.retention_days) == (5, 0.05, 90)


def test_every_folder_of_a_home_lies_in_it(home: Path) -> None:
    settings = load_settings()
    folders = (settings.landing, Path(settings.lake), settings.rejected, settings.reports, settings.logs)
    assert [folder.relative_to(home).name for folder in folders] == ["landing", "lake", "rejected", "reports", "logs"]
    assert settings.address_file == home / "postgres" / "address"


def test_the_file_in_the_home_gives_settings(home: Path) -> None:
    write(home, 'currency = "EUR"\nmax_reject_ratio = 0.2\n')
    assert (load_settings().currency, load_settings().max_reject_ratio) == ("EUR", 0.2)


def test_the_environment_wins_over_the_file_and_an_argument_over_both(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(home, 'currency = "EUR"\nmin_pair_orders = 9\n')
    monkeypatch.setenv("TILLHOUSE_CURRENCY", "GBP")
    settings = load_settings()
    assert (settings.currency, settings.min_pair_orders) == ("GBP", 9)
    assert load_settings(currency="CHF").currency == "CHF"


def test_an_empty_variable_counts_as_absent(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, 'currency = "EUR"\n')
    for name in ("CURRENCY", "DATABASE_URL", "TIMEZONE"):
        monkeypatch.setenv(f"TILLHOUSE_{name}", "")
    settings = load_settings()
    assert (settings.currency, settings.database_url, settings.timezone) == ("EUR", None, "UTC")


def test_a_home_below_the_users_own_folder_is_read_with_its_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(home, 'currency = "EUR"\n')
    monkeypatch.setenv("HOME", str(home.parent))
    monkeypatch.setenv("TILLHOUSE_HOME", f"~/{home.name}")
    settings = load_settings()
    assert (settings.home, settings.currency) == (home, "EUR")


def test_a_lake_elsewhere_is_a_folder_made_absolute_and_a_url_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)
    monkeypatch.setenv("TILLHOUSE_LAKE_PATH", "other/lake")
    assert load_settings().lake == str(home / "other" / "lake")
    monkeypatch.setenv("TILLHOUSE_LAKE_PATH", "s3://bucket/prefix")
    with pytest.raises(SettingsError, match="Name a folder"):
        load_settings()


def test_an_unknown_key_is_named_beside_the_one_that_is_meant_or_those_there_are(home: Path) -> None:
    write(home, 'currecy = "EUR"\n')
    assert refusal() == "currecy is no setting (did you mean currency?)."
    write(home, 'xyzzy = "EUR"\n')
    said = refusal()
    assert said.startswith("xyzzy is no setting (known: api_address_rate, api_cors_origins, api_database_url,")
    assert " home," not in said


@pytest.mark.parametrize("code", ["eur", "EURO", "EU", "ÉUR", "EUR\\n"])
def test_a_currency_that_is_none_is_answered_in_words(home: Path, code: str) -> None:
    write(home, f'currency = "{code}"\n')
    assert ": is not three capital letters (ISO 4217), such as EUR. Set it in the environment" in refusal()


def test_an_unknown_variable_is_named_beside_those_there_are(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILLHOUSE_CURENCY", "EUR")
    assert refusal() == "TILLHOUSE_CURENCY is no setting (did you mean TILLHOUSE_CURRENCY?)."
    monkeypatch.delenv("TILLHOUSE_CURENCY")
    monkeypatch.setenv("TILLHOUSE_XYZZY", "EUR")
    assert refusal().startswith("TILLHOUSE_XYZZY is no setting (known: TILLHOUSE_API_ADDRESS_RATE,")


def test_the_variable_of_the_tests_is_let_pass(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TESTS_ONLY, "/samples")
    assert load_settings().home == home


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("timezone", "Mars/Olympus"),
        ("timezone", "Factory"),
        ("currency", "eur"),
        ("currency", "EURO"),
        ("refund_window_days", "-1"),
        ("refund_window_days", "30.5"),
        ("min_pair_orders", "0"),
        ("max_reject_ratio", "1.1"),
        ("max_reject_ratio", "nan"),
        ("retention_days", "soon"),
        ("log_format", "xml\nor so"),
    ],
)
def test_a_wrong_value_is_named_and_shown(home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(PREFIX + name.upper(), value)
    assert refusal().startswith(f"{name} ({value!r}): ")


def test_every_wrong_value_is_named_at_once(home: Path) -> None:
    write(home, 'currency = "eur"\nretention_days = 0\n')
    assert "currency ('eur')" in refusal()
    assert "retention_days (0)" in refusal()


@pytest.mark.parametrize(
    "text",
    [
        f'database_url = ["{URL}"]',
        f'database_url = {{ url = "{URL}" }}',
        f'database_url = "{URL}"\ncurrency = "eur"',
        f'database_url = "{URL}\n',
        f'databse_url = "{URL}"',
        f'api_database_url = ["{URL}"]',
        f'digest_urls = "{URL}"',
        f'digest_urls = ["{URL}", {{ url = "{URL}" }}]',
    ],
)
def test_no_error_shows_the_password_of_the_database(home: Path, text: str) -> None:
    write(home, text)
    assert SECRET not in refusal()


@pytest.mark.parametrize("value", [f"mailto://{SECRET}@shop.example", f'"{URL}"', f'["{URL}", 1]', f'{{"a": "{URL}"}}'])
def test_a_wrong_list_of_addresses_in_the_environment_is_named_without_its_passwords(
    home: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("TILLHOUSE_DIGEST_URLS", value)
    assert refusal().startswith("digest_urls")


def test_settings_written_out_do_not_show_the_password(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TILLHOUSE_DATABASE_URL", URL)
    monkeypatch.setenv("TILLHOUSE_API_DATABASE_URL", URL)
    settings = load_settings()
    assert (settings.database_url, settings.api_database_url) == (URL, URL)
    assert SECRET not in repr(settings) + str(settings)


def test_a_file_that_is_no_toml_is_named(home: Path) -> None:
    write(home, "currency: EUR\n")
    assert refusal().startswith(f"{home / FILE_NAME} is not valid TOML: ")


def test_a_file_that_cannot_be_read_is_named(home: Path) -> None:
    (home / FILE_NAME).mkdir()
    assert refusal().startswith(f"{home / FILE_NAME} cannot be read: ")


def test_the_file_in_a_home_cannot_name_another_home(home: Path) -> None:
    write(home, 'home = "/elsewhere"\n')
    assert "Set TILLHOUSE_HOME in the environment instead" in refusal()


@pytest.mark.parametrize(("name", "what"), [("TILLHOUSE_HOME", "home"), ("TILLHOUSE_LAKE_PATH", "lake_path")])
def test_a_path_that_parquet_readers_take_for_a_partition_is_refused(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, what: str
) -> None:
    monkeypatch.setenv(name, str(home / "day=7" / "here"))
    assert refusal().startswith(f"The {what} {home}/day=7/here holds a '='")


def test_a_release_records_the_settings_that_change_figures(home: Path) -> None:
    assert Settings(home=home, currency="EUR").model_inputs() == {
        "timezone": "UTC",
        "currency": "EUR",
        "refund_window_days": 30,
        "min_pair_orders": 5,
    }
