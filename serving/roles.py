"""The roles that only read; the owner, who publishes, is whoever `TILLHOUSE_DATABASE_URL` names.

    tillhouse_api   the API: `serving`, `serving_at`, `serving_history`, and of `lakehouse` what its queries name
    tillhouse_bi    BI tools: `serving_bi`, the same tables without personal data

The embedded server lets each log in by a password of its own. On a server of somebody else's they
are there to be given to logins; the API takes its role on the owner's connection.
"""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError

from contracts.settings import Settings
from serving import lock, postgres
from serving.cluster import write_private

API = "tillhouse_api"
BI = "tillhouse_bi"
BI_VIEWS = "serving_bi"
AT_VIEWS = "serving_at"
API_STATEMENT_SECONDS = 10
QUERIES = Path(__file__).parent / "queries"

# In force when the role logs in, unless it is given another value. A transaction left open would keep what it has
# read from being replaced when a contract changes.
_READ_ONLY = {"default_transaction_read_only": "on", "idle_in_transaction_session_timeout": "1min"}
_ROLE_SETTINGS = {
    API: _READ_ONLY | {"statement_timeout": f"{API_STATEMENT_SECONDS}s"},
    BI: _READ_ONLY | {"statement_timeout": "5min", "search_path": BI_VIEWS},
}
_REFUSED = {"42501", "42704"}  # it is not for us to do, or it is about a role that is not there
_DONE_BY_OTHERS = {"42710", "23505"}  # roles are the whole server's: another database's command was faster
_MISSING = """
with wanted as (
    select rolname, space.oid as space, nspname, relation
    from unnest(cast(:roles as text[]), cast(:schemas as text[]), cast(:relations as text[]))
        as readable (role, schema, relation)
    join pg_roles on rolname = role
    join pg_namespace as space on nspname = schema
)
select format('grant usage on schema %I to %I', nspname, rolname) as statement
from wanted
where not has_schema_privilege(rolname, space, 'usage')
union
select format('grant select on %I.%I to %I', nspname, relname, rolname)
from wanted
join pg_class on relnamespace = space and relkind in ('r', 'v') and relname = coalesce(relation, relname)
where not has_table_privilege(rolname, pg_class.oid, 'select')
order by statement desc
"""

log = structlog.get_logger(__name__)


def prepare(engine: sa.Engine, settings: Settings) -> None:
    """Make what is missing: the roles, their settings, what they may read of what is there, and their logins.

    What the owner may not do is logged as statements for somebody who may, and the rest is done.
    Raises DatabaseUnavailable.
    """
    with postgres.translate_errors(), engine.begin() as connection:
        lock.set_up(connection)
        refused = [
            statement
            for step in (_roles, _settings, _membership, _privileges)
            for statement in step(connection)
            if not _done(connection, statement)
        ]
        if settings.database_url is None:
            _keep_to_reading(connection)
            for role in (API, BI):
                _let_log_in(connection, settings.role_password_file(role), role)
    if refused:
        log.warning(
            "the owner of the database may not set up the roles that only read; until somebody who may runs these "
            "statements in it, the API reads as the owner, in read-only transactions",
            statements="; ".join(refused),
        )


def grant(connection: sa.Connection) -> None:
    """Let the roles that are there read what is new, in the transaction that made it."""
    for statement in _privileges(connection):
        connection.execute(sa.text(statement))


def url(settings: Settings, role: str) -> str:
    """The URL that a tool connects by to read as the role; of a server of somebody else's without a password.

    Starts the embedded server where none is configured. Raises DatabaseUnavailable, SettingsError.
    """
    if settings.database_url is None:
        prepare(postgres.engine(settings), settings)
        return embedded_url(settings, role)
    if role == API and settings.api_database_url is not None:
        return settings.api_database_url
    owner = make_url(postgres.redacted(settings.database_url))
    return owner.set(username=role).render_as_string(hide_password=False)


def embedded_url(settings: Settings, role: str) -> str:
    """The URL, password included, that the role logs in by to the running embedded server.

    Raises OSError where there is none, or it has not been prepared.
    """
    owner: URL = make_url(settings.address_file.read_text(encoding="utf-8").strip())
    password = settings.role_password_file(role).read_text(encoding="utf-8").strip()
    return owner.set(username=role, password=password).render_as_string(hide_password=False)


def _roles(connection: sa.Connection) -> Iterator[str]:
    there = set(connection.scalars(sa.text("select rolname from pg_roles where rolname like 'tillhouse%'")))
    for role in (API, BI):
        if role not in there:
            yield f"create role {role}"


def _settings(connection: sa.Connection) -> Iterator[str]:
    database = connection.scalar(sa.text("select quote_ident(current_database())"))
    rows = connection.execute(
        sa.text(
            "select rolname, split_part(entry, '=', 1) from pg_db_role_setting join pg_roles on pg_roles.oid = setrole,"
            " unnest(setconfig) as entry where setdatabase in"
            " (0, (select oid from pg_database where datname = current_database()))"
        )
    )
    there = {(role, name) for role, name in rows}
    for role, wanted in _ROLE_SETTINGS.items():
        for name, value in wanted.items():
            if (role, name) not in there:
                yield f"alter role {role} in database {database} set {name} = '{value}'"


def _membership(connection: sa.Connection) -> Iterator[str]:
    """So that the owner can take the API's role where that has no login."""
    # Since 16 whoever makes a role may give it away, but not take it.
    how = "set" if (connection.dialect.server_version_info or ()) >= (16,) else "member"
    held = connection.scalar(
        sa.text("select pg_has_role(current_user, oid, :how) from pg_roles where rolname = :role"),
        {"how": how, "role": API},
    )
    if not held:
        owner = connection.scalar(sa.text("select quote_ident(current_user)"))
        yield f"grant {API} to {owner}"


def _privileges(connection: sa.Connection) -> list[str]:
    readable: list[tuple[str, str, str | None]] = [
        (API, "serving", None),
        (API, AT_VIEWS, None),
        (API, "serving_history", None),
    ]
    readable += [(API, "lakehouse", table) for table in _queried("lakehouse")]
    readable.append((BI, BI_VIEWS, None))
    roles, schemas, relations = (list(values) for values in zip(*readable, strict=True))
    found = connection.scalars(sa.text(_MISSING), {"roles": roles, "schemas": schemas, "relations": relations})
    return list(found)


def _queried(schema: str) -> list[str]:
    """The tables of the schema that the API's queries name."""
    texts = (path.read_text(encoding="utf-8") for path in QUERIES.glob("*.sql"))
    return sorted({name for text in texts for name in re.findall(rf"\b{schema}\.(\w+)", text)})


def _done(connection: sa.Connection, statement: str) -> bool:
    """Runs the statement; false where it is refused."""
    try:
        with connection.begin_nested():
            connection.execute(sa.text(statement.replace(":", r"\:")))  # a database may be named so
    except DBAPIError as error:
        state = getattr(error.orig, "pgcode", None)
        if state in _REFUSED:
            return False
        if state not in _DONE_BY_OTHERS:
            raise
    return True


def _keep_to_reading(connection: sa.Connection) -> None:
    """On a server of our own nobody else makes so much as a temporary table."""
    if connection.scalar(
        sa.text("select has_database_privilege(:role, current_database(), 'temporary')"), {"role": API}
    ):
        database = connection.scalar(sa.text("select quote_ident(current_database())"))
        connection.execute(sa.text(f"revoke temporary on database {database} from public"))


def _let_log_in(connection: sa.Connection, file: Path, role: str) -> None:
    """Makes the password in the file, a new one where there is none, the one that the role logs in by."""
    try:
        password = file.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        password = ""
    if not password:
        password = secrets.token_urlsafe(24)
        write_private(file, password)
    known = connection.scalar(
        sa.text("select rolpassword from pg_authid where rolname = :role and rolcanlogin"), {"role": role}
    )
    if not _opens(known, password):
        connection.execute(sa.text(f"alter role {role} login password :password"), {"password": password})


def _opens(known: str | None, password: str) -> bool:
    """Is this the password that the server knows by `SCRAM-SHA-256$<iterations>:<salt>$<stored key>:<server key>`?"""
    parts = re.fullmatch(r"SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):.+", known or "")
    if parts is None:
        return False
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(parts[2]), int(parts[1]))
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    return hmac.compare_digest(stored, base64.b64decode(parts[3]))
