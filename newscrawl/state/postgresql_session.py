"""Sessions of a PostgreSQL server: how one begins, and its errors as sentences."""

from __future__ import annotations

from typing import Any

from newscrawl.errors import ConfigError, StoreAwayError, StoreError

try:
    import psycopg
    from psycopg.conninfo import conninfo_to_dict, make_conninfo
except ImportError:  # an extra
    psycopg = None  # type: ignore[assignment]

_OLDEST_SERVER = 130000
DAMAGED = "{name} is damaged ({error}); restore a backup of it, or make it anew from the dump, in an empty database"
_SENTENCES = {
    "53100": "disk full: cannot write {name}",
    "53": "{name} has no room left: {error}",
    "58": "the disk failed under {name}: {error}",
    "XX": DAMAGED,
    "25006": "cannot write {name}: it is read-only",
    "42501": "cannot write {name}: permission denied ({error})",
    "28": "cannot connect to {name}: {error}",
    "3D": "cannot connect to {name}: {error}",
    "55P03": "{name} is in use by another program",
}
"""Of a whole SQLSTATE, or of its class."""
_AWAY = ("08", "57P01", "57P02", "57P03", "57P05", "25P03")
_SETTINGS = (
    # Of a store that says "stored", the disk has it.
    "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
    # A machine that vanished is missed within a minute.
    "SET tcp_keepalives_idle = 30",
    "SET tcp_keepalives_interval = 10",
    "SET tcp_keepalives_count = 3",
    # A process that was stopped in the middle of a transaction must not stop all the others.
    "SET idle_in_transaction_session_timeout = '60s'",
)

_REFUSALS = (
    "authentication failed",
    "does not exist",
    "no pg_hba.conf entry",
    "permission denied",
    "no password supplied",
)


def connect(url: str, *, is_reader: bool = False) -> tuple[psycopg.Connection[Any], str]:
    """A connection in which each statement is a transaction, and the schema that it finds first.

    Raises:
        ConfigError: psycopg is not installed, or the address is none.
        StoreAwayError: the server cannot be reached.
        StoreError: it refuses, or cannot hold a store.
    """
    name = name_of(url)
    try:
        connection = psycopg.connect(
            url,
            autocommit=True,
            cursor_factory=psycopg.RawCursor,
            connect_timeout=10,
            client_encoding="utf8",
            keepalives_idle=30,
            tcp_user_timeout=60_000,
            fallback_application_name="newscrawl",
        )
    except psycopg.Error as error:
        raise _refusal(error, name) from error
    try:
        connection.server_cursor_factory = psycopg.RawServerCursor
        schema = _trusted(connection, name)
        for each in _SETTINGS:
            connection.execute(each)
        if is_reader:
            connection.execute("SET default_transaction_read_only = on")
    except psycopg.Error as error:
        said = sentence(error, name, connection)
        connection.close()
        raise said from error
    except BaseException:
        connection.close()
        raise
    return connection, schema


def sentence(error: psycopg.Error, name: str, connection: psycopg.Connection[Any]) -> psycopg.Error | StoreError:
    """What happened to a database as `StoreError`, `StoreAwayError` when it is gone; a bug as it is."""
    state = error.sqlstate or ""
    if state.startswith(_AWAY) or (not state and (connection.closed or connection.broken)):
        return StoreAwayError(f"{name} went away: {_first_line(error)}")
    words = _SENTENCES.get(state) or _SENTENCES.get(state[:2])
    return StoreError(words.format(name=name, error=_first_line(error))) if words else error


def _trusted(connection: psycopg.Connection[Any], name: str) -> str:
    if connection.info.server_version < _OLDEST_SERVER:
        raise StoreError(f"{name} is served by PostgreSQL older than {_OLDEST_SERVER // 10000}")
    said = connection.execute("SELECT current_setting('server_encoding'), current_schema()").fetchone()
    encoding, schema = said or (None, None)
    if encoding != "UTF8":
        raise StoreError(f"{name} has the encoding {encoding}; a store needs one with UTF8")
    if schema is None:
        raise StoreError(f"{name} has no schema to hold the store: see search_path")
    return str(schema)


def _refusal(error: psycopg.Error, name: str) -> StoreError:
    said = _first_line(error)
    refused = error.sqlstate is not None and error.sqlstate.startswith(("28", "3D", "42"))
    # libpq gives no SQLSTATE for what a server says before a session has begun.
    refused |= not isinstance(error, psycopg.OperationalError) or any(each in said for each in _REFUSALS)
    kind = StoreError if refused else StoreAwayError
    return kind(f"cannot connect to {name}: {said.removeprefix('connection failed: ')}")


def name_of(url: str) -> str:
    """Database and host of an address, for messages.

    Raises:
        ConfigError: psycopg is not installed, or it is no address of a PostgreSQL database.
    """
    if psycopg is None:
        raise ConfigError("a store in PostgreSQL needs psycopg: pip install 'newscrawl[postgresql]'")
    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error as error:
        # The message may repeat the address, and with it a password.
        raise ConfigError("NEWSCRAWL_STATE is no address like postgresql://user@host:5432/database") from error
    place = ":".join(str(parts[each]) for each in ("host", "port") if parts.get(each))
    return f"PostgreSQL database {parts.get('dbname') or parts.get('user') or '(default)'} at {place or 'localhost'}"


def without_password(url: str) -> str:
    """The address as it may be written down."""
    secret = {"password", "sslpassword"}
    return make_conninfo(
        "", **{name: str(value) for name, value in conninfo_to_dict(url).items() if name not in secret}
    )


def _first_line(error: psycopg.Error) -> str:
    return str(error).strip().partition("\n")[0]
