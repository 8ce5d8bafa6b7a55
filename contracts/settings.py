"""The settings of a home: one definition for all rooms.

Read from `TILLHOUSE_*` environment variables, then from `tillhouse.toml` in the home; the
environment wins. A wrong value or an unknown key is a `SettingsError` naming it.
"""

import os
import re
import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

import pydantic_settings
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from contracts.errors import SettingsError

PREFIX = "TILLHOUSE_"
TESTS_ONLY = "TILLHOUSE_SHARED"  # where the tests find shared samples; no setting
FILE_NAME = "tillhouse.toml"
NO_ZONES = frozenset({"Factory", "localtime"})  # in the database of time zones, but no place's

NumberFormat = Literal["1,234.5", "1.234,5", "1 234,5", "1'234.5"]


class Settings(BaseSettings):
    """Where a home is and how its figures are made."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True)

    home: Path = Field(Path("data"), description="The folder that holds everything that is data.")
    database_url: str | None = Field(
        None,
        repr=False,
        description="The Postgres that holds releases, run records and `serving`; unset: an embedded one.",
    )
    api_database_url: str | None = Field(
        None,
        repr=False,
        description="What the API reads by, where it is not to know the owner's URL: the same Postgres with a login "
        "that may read as `tillhouse_api` (see postgres.md).",
    )
    lake_path: str | None = Field(None, description="Where the Parquet lives; unset: `<home>/lake`.")
    timezone: str = Field("UTC", description="The business time zone, an IANA name.")
    currency: str = Field("USD", description="The one currency of all amounts, ISO 4217.")
    refund_window_days: Annotated[int, Field(ge=0, le=3650)] = Field(
        30, description="Days after delivery within which a return is refunded."
    )
    min_pair_orders: Annotated[int, Field(ge=1)] = Field(
        5, description="Orders two products must share to be shown as a pair."
    )
    max_reject_ratio: Annotated[float, Field(ge=0, le=1)] = Field(
        0.05,
        description="The share of a source's newly loaded rows that may be bad, else the run stops; not judged where "
        "fewer than 100 rows were loaded, and orphans do not count.",
    )
    retention_days: Annotated[int, Field(ge=1)] = Field(
        90, description="How long older releases stay readable, in days."
    )
    max_file_mib: Annotated[int, Field(ge=1, le=65536)] = Field(
        1024, description="The largest landed file, in MiB and after unpacking; a larger one is rejected."
    )
    max_fields: Annotated[int, Field(ge=1)] = Field(
        1000, description="The most fields a record of a landed file may have; the file is rejected beyond."
    )
    max_line_kib: Annotated[int, Field(ge=1)] = Field(
        1024, description="The longest record of a landed file, in KiB; the file is rejected beyond."
    )
    api_keys_file: Path | None = Field(
        None,
        description="The keys of the API, mode 0600; unset: `<home>/api-keys.json`. Where it exists, keys are needed.",
    )
    api_key_rate: Annotated[int, Field(ge=0)] = Field(
        6000, description="Requests a minute that a key may make of the API, 0 for any number; each worker counts."
    )
    api_address_rate: Annotated[int, Field(ge=0)] = Field(
        6000, description="Requests a minute that an address may make without a key, 0 for any number."
    )
    api_cors_origins: tuple[str, ...] = Field(
        (), description='Origins whose pages may read the API, as a list such as `["https://shop.example"]`.'
    )
    digest_urls: tuple[str, ...] = Field(
        (),
        repr=False,
        description="Where `tillhouse digest` sends the headline figures, as a list of apprise's addresses.",
    )
    reports_url: str | None = Field(
        None, description="The address readers open the archive of reports by, for links; unset: the files themselves."
    )
    number_format: NumberFormat = Field("1,234.5", description="How reports write numbers, for people.")
    log_format: Literal["text", "json"] = Field("text", description="How logs on stderr are written.")

    @field_validator("timezone")
    @classmethod
    def _known_time_zone(cls, value: str) -> str:
        if value not in available_timezones() - NO_ZONES:
            raise ValueError("is not an IANA time zone, such as Europe/London")
        return str(ZoneInfo(value))

    @field_validator("currency")
    @classmethod
    def _currency_code(cls, value: str) -> str:
        if not re.fullmatch("[A-Z]{3}", value):
            raise ValueError("is not three capital letters (ISO 4217), such as EUR")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the home's file."""
        home = Path(str(init_settings().get("home") or env_settings().get("home") or "data"))
        file = InitSettingsSource(settings_cls, init_kwargs=_read_file(home.expanduser() / FILE_NAME))
        return init_settings, env_settings, file

    @property
    def landing(self) -> Path:
        """The folder a shop drops its files in, one folder a date."""
        return self.home / "landing"

    @property
    def lake(self) -> str:
        """The root of the Delta tables, a path or a URL."""
        return self.lake_path or str(self.home / "lake")

    @property
    def rejected(self) -> Path:
        """Files that could not be read as their source."""
        return self.home / "rejected"

    @property
    def reports(self) -> Path:
        """The archive of HTML reports."""
        return self.home / "reports"

    @property
    def logs(self) -> Path:
        """JSON logs, one file a run."""
        return self.home / "logs"

    @property
    def postgres(self) -> Path:
        """The embedded server's folder."""
        return self.home / "postgres"

    @property
    def api_keys(self) -> Path:
        """Holds the keys of the API, hashed; readable by the owner only."""
        return self.api_keys_file or self.home / "api-keys.json"

    @property
    def address_file(self) -> Path:
        """Holds the URL of the embedded server while it runs; readable by the owner only."""
        return self.postgres / "address"

    def role_password_file(self, role: str) -> Path:
        """Holds the password of a reading role of the embedded server; readable by the owner only."""
        return self.postgres / f"password-{role}"

    def model_inputs(self) -> dict[str, str | int]:
        """The settings that change figures; a release records them."""
        return {
            "timezone": self.timezone,
            "currency": self.currency,
            "refund_window_days": self.refund_window_days,
            "min_pair_orders": self.min_pair_orders,
        }


def _read_file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}. Choose another home or mend the file.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid TOML: {error}. Mend or remove the file.") from None
    if "home" in values:
        raise SettingsError(f"{path} names a home, but it lies in one. Set {PREFIX}HOME in the environment instead.")
    return values


def load_settings(**overrides: Any) -> Settings:
    """The settings in force, with absolute paths.

    Raises SettingsError for an unknown key, an unknown `TILLHOUSE_*` variable or a wrong value.
    """
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.startswith(PREFIX) and name not in known | {TESTS_ONLY}:
            raise SettingsError(f"{_unknown(name, known)}.")
    try:
        settings = Settings(**overrides)
    except ValidationError as error:
        raise SettingsError(_one_line(error)) from None
    except pydantic_settings.SettingsError as error:
        # Its words name the setting and no value.
        name = "".join(re.findall(r'field "(\w+)"', str(error)))
        raise SettingsError(
            f'{name} is no list in JSON, such as ["one", "two"]. Mend {PREFIX}{name.upper()} in the environment.'
        ) from None
    home = settings.home.expanduser().absolute()
    lake = settings.lake_path
    if lake is not None and "://" in lake:
        raise SettingsError(f"The lake_path {lake} is a URL; the lake can only lie in a folder yet. Name a folder.")
    if lake is not None:
        lake = str(Path(lake).expanduser().absolute())
    for what, place in (("home", str(home)), ("lake_path", lake or "")):
        if "=" in place:
            raise SettingsError(
                f"The {what} {place} holds a '=', which Parquet readers take for a partition. Choose one without."
            )
    keys = settings.api_keys_file
    return settings.model_copy(
        update={"home": home, "lake_path": lake, "api_keys_file": keys and keys.expanduser().absolute()}
    )


def _one_line(error: ValidationError) -> str:
    problems = []
    end = "."
    for item in error.errors():
        name = ".".join(str(part) for part in item["loc"])
        if item["type"] == "extra_forbidden":
            known = Settings.model_fields.keys() - {"home"}  # which its own file cannot name
            problems.append(_unknown(name, known))
        else:
            said = item["msg"].removeprefix("Value error, ")
            shown = Settings.model_fields[str(item["loc"][0])].repr  # those that are not hold passwords
            value = f" ({item['input']!r})" if shown else ""
            problems.append(f"{name}{value}: {said}")
            end = f". Set it in the environment as {PREFIX}<NAME> or in {FILE_NAME}."
    return "; ".join(problems) + end


def _unknown(name: str, known: Iterable[str]) -> str:
    short = {each.removeprefix(PREFIX): each for each in known}
    near = get_close_matches(name.removeprefix(PREFIX), short, n=1)
    hint = f"did you mean {short[near[0]]}?" if near else f"known: {', '.join(sorted(known))}"
    return f"{name} is no setting ({hint})"
