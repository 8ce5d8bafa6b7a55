"""Every error a user can meet, and the exit code and problem slug each carries.

TillhouseError                    1  internal-error
├── UsageError                    2  invalid-request
│   ├── SettingsError             2  invalid-settings
│   ├── NoSuchFolder              2  no-such-folder
│   ├── UnreadableExport          2  unreadable-export
│   ├── UnreadableBackup          2  unreadable-backup
│   └── QueryError                2  invalid-query
├── RunStopped                    1  run-stopped
│   ├── CheckFailed               1  check-failed
│   │   └── FigureTooLarge        1  figure-too-large
│   ├── TooManyRejects            1  too-many-rejects
│   ├── ChangedType               1  changed-type
│   ├── BuiltOnServing            1  built-on-serving
│   └── FileRejected              1  file-rejected
├── InfrastructureError           3  infrastructure
│   ├── DatabaseUnavailable       3  database-unavailable
│   ├── ForeignDatabase           3  foreign-database
│   ├── NothingPublished          3  nothing-published
│   ├── LakeUnavailable           3  lake-unavailable
│   ├── ReleaseConflict           3  release-conflict
│   └── RunInProgress             3  run-in-progress
├── NotFound                      2  not-found
├── NotAcceptable                 2  not-acceptable
├── Forbidden                     2  forbidden
└── PastRetention                 2  past-retention

A message is one paragraph: what happened, where (file, row, column), what to do.
"""


class TillhouseError(Exception):
    """The root: anything tillhouse raises on purpose."""

    exit_code = 1
    slug = "internal-error"


class UsageError(TillhouseError):
    """The caller asked for something that cannot be done as asked."""

    exit_code = 2
    slug = "invalid-request"

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field  # the parameter at fault, where there is one


class SettingsError(UsageError):
    """A setting is unknown or has a wrong value."""

    slug = "invalid-settings"


class NoSuchFolder(UsageError):
    """A landing date has no folder."""

    slug = "no-such-folder"


class UnreadableExport(UsageError):
    """A file given to an import cannot be read as the export it should be."""

    slug = "unreadable-export"


class UnreadableBackup(UsageError):
    """A file given to be restored is no backup, is cut short or damaged."""

    slug = "unreadable-backup"


class QueryError(UsageError):
    """A query is not one read-only SELECT, or does not run."""

    slug = "invalid-query"


class RunStopped(TillhouseError):
    """A run stopped itself before publishing; the previous release stays in force."""

    slug = "run-stopped"


class CheckFailed(RunStopped):
    """A blocking check found offending rows."""

    slug = "check-failed"


class FigureTooLarge(CheckFailed):
    """A stored sum does not fit its type."""

    slug = "figure-too-large"

    def __init__(self, table: str, said: str) -> None:
        super().__init__(
            f"A figure of {table} does not fit its column: {said} Nothing was published. Look for amounts or "
            "quantities far too large in what landed last, and land those rows again as they should be."
        )
        self.table = table  # `gold.fct_orders`
        self.said = said


class TooManyRejects(RunStopped):
    """The share of quarantined rows of a source is above max_reject_ratio."""

    slug = "too-many-rejects"


class ChangedType(RunStopped):
    """A contract gives a served column a type that rows published before do not fit."""

    slug = "changed-type"


class BuiltOnServing(RunStopped):
    """Something of somebody else's stands on served tables that have to be made anew, and would be lost."""

    slug = "built-on-serving"


class FileRejected(RunStopped):
    """A file could not be read as its source and the run was asked to be strict."""

    slug = "file-rejected"


class InfrastructureError(TillhouseError):
    """Something below tillhouse (database, disk, lock) does not work."""

    exit_code = 3
    slug = "infrastructure"


class DatabaseUnavailable(InfrastructureError):
    """No database answers."""

    slug = "database-unavailable"


class ForeignDatabase(InfrastructureError):
    """The database belongs to another home."""

    slug = "foreign-database"


class NothingPublished(InfrastructureError):
    """No release has been published, so no figure can be given."""

    slug = "nothing-published"


class LakeUnavailable(InfrastructureError):
    """The lake cannot be read or written."""

    slug = "lake-unavailable"


class ReleaseConflict(InfrastructureError):
    """Another run released since this one began; nothing was published."""

    slug = "release-conflict"


class RunInProgress(InfrastructureError):
    """Another run holds the lock."""

    slug = "run-in-progress"


class NotFound(TillhouseError):
    """The thing asked for does not exist."""

    exit_code = 2
    slug = "not-found"


class NotAcceptable(TillhouseError):
    """No representation the client accepts can be given."""

    exit_code = 2
    slug = "not-acceptable"


class Forbidden(TillhouseError):
    """The caller's key does not allow what is asked for."""

    exit_code = 2
    slug = "forbidden"


class PastRetention(TillhouseError):
    """The release asked for is no longer kept."""

    exit_code = 2
    slug = "past-retention"
