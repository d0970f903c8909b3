"""The one error tree.

BerthError
├── RequestError                 the caller can fix it; api/http/errors.py maps it to a status code
│   ├── Unreadable               400  body or query cannot be read
│   ├── Unauthenticated          401  no credential, or an unknown or ended one
│   ├── Forbidden                403  known credential, not good for this call
│   ├── NotFound                 404  the object named in the path does not exist
│   ├── Conflict                 409  the object's state forbids it
│   │   ├── HostAway             409  host_inactive, host_timeout
│   ├── TooSlow                  408  the body did not come in time
│   ├── ResyncRequired           410  the revision asked for is too old
│   ├── TooLarge                 413
│   ├── UpgradeNeeded            426  the path takes a WebSocket alone
│   ├── Invalid                  422  readable, but a value is not acceptable
│   │   └── DefinitionInvalid    422  one or more problems in a definition's text
│   └── Throttled                429
├── Unavailable                  503  not ready, importing, or the store failed
│   └── StoreFailed
│       └── DiskFull              the database has no space to write to
├── EngineError                  an engine refused or failed; the agent turns it into a report
│   ├── EngineUnreachable        nothing answers at the engine's address
│   ├── EngineTimeout            no answer within the deadline
│   ├── EngineNotFound           no such container or image
│   ├── EngineConflict           wrong state, or the operation is already under way
│   │   └── NameTaken            another container has the name
│   ├── PortTaken                a host port is in use
│   ├── SubnetTaken              a network's addresses overlap with another network of the host
│   ├── PullFailed               the registry refused or does not answer
│   ├── PushFailed               the registry refused the image, or does not answer
│   └── EngineRefused            the engine does not accept the container's settings
├── CallFailed                   an agent's answer to a call was a failure
├── ProtocolError                a peer broke the session's rules
└── StartupError                 a program cannot start; carries its exit code
"""

from collections.abc import Sequence

import msgspec

from berth.domain.report import ReportEntry


class BerthError(Exception):
    """Root of every error that Berth raises on purpose."""


class RequestError(BerthError):
    """A request that its caller can fix."""

    default_code = "invalid"

    def __init__(self, message: str, *, code: str = "", field: str = "") -> None:
        super().__init__(message)
        self.message = message
        #: Short snake_case word for programs.
        self.code = code or self.default_code
        #: Dotted path of the offending member, "" when there is none.
        self.field = field


class TooSlow(RequestError):
    """The body did not come in time."""

    default_code = "too_slow"


class Unreadable(RequestError):
    """The body or a query value cannot be read."""

    default_code = "unreadable"


class Unauthenticated(RequestError):
    """No credential came, or an unknown or ended one."""

    default_code = "unauthenticated"


class Forbidden(RequestError):
    """The credential is known but not good for this call."""

    default_code = "forbidden"


class NotFound(RequestError):
    """The object named in the path does not exist."""

    default_code = "not_found"


class Conflict(RequestError):
    """The object's state forbids the call."""

    default_code = "conflict"


class HostAway(Conflict):
    """The host is inactive, or did not answer in time."""

    default_code = "host_inactive"


class ResyncRequired(RequestError):
    """The revision asked for is unknown or too old: read everything again."""

    default_code = "resync"


class TooLarge(RequestError):
    """The body is larger than this endpoint takes."""

    default_code = "too_large"


class UpgradeNeeded(RequestError):
    """A plain request came where a WebSocket is wanted."""

    default_code = "websocket_needed"


class Invalid(RequestError):
    """A value is not acceptable."""

    default_code = "invalid"


class Problem(msgspec.Struct, frozen=True):
    """One thing wrong in a definition's text."""

    message: str
    #: Counted from 1; 0 when the problem has no place.
    line: int = 0
    column: int = 0
    #: Dotted path inside the text, for example ``services.web.ports``.
    field: str = ""


class DefinitionInvalid(Invalid):
    """A definition's text has one or more problems."""

    default_code = "invalid_definition"

    def __init__(
        self,
        problems: Sequence[Problem],
        *,
        report: tuple[ReportEntry, ...] = (),
        field: str = "content",
        code: str = "",
    ) -> None:
        first = problems[0]
        super().__init__(first.message, code=code, field=field)
        self.problems = tuple(problems)
        #: What of the text has no effect, as far as it was read.
        self.report = report


class Throttled(RequestError):
    """Too many attempts; the next one counts after ``retry_after_s``."""

    default_code = "throttled"

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unavailable(BerthError):
    """The manager cannot answer for now."""


class StoreFailed(Unavailable):
    """A transaction failed; nothing of its group was written."""


class DiskFull(StoreFailed):
    """The database had no space left; nothing of the group was written."""


class EngineError(BerthError):
    """An engine refused or failed an operation."""

    #: Word for reports and reasons.
    code = "engine_error"


class EngineUnreachable(EngineError):
    """Nothing answers at the engine's address."""

    code = "engine_unreachable"


class EngineTimeout(EngineError):
    """The engine did not answer within the deadline."""

    code = "engine_timeout"


class EngineNotFound(EngineError):
    """The engine has no such container or image."""

    code = "not_found"


class EngineConflict(EngineError):
    """The container is in the wrong state, or the operation is already under way."""

    code = "conflict"


class NameTaken(EngineConflict):
    """Another container on this engine has the name."""

    code = "name_taken"


class PortTaken(EngineError):
    """A host port is in use."""

    code = "port_taken"


class SubnetTaken(EngineError):
    """A network's addresses overlap with another network of the host."""

    code = "subnet_taken"


class PullFailed(EngineError):
    """The image could not be pulled."""

    code = "pull_failed"


class PushFailed(EngineError):
    """The image could not be pushed."""

    code = "push_failed"


class EngineRefused(EngineError):
    """The engine does not accept the container's settings."""

    code = "engine_refused"


class CallFailed(BerthError):
    """An agent answered a call with a failure."""

    def __init__(self, message: str, *, code: str = "failed") -> None:
        super().__init__(message)
        self.message = message
        self.code = code


class ProtocolError(BerthError):
    """A peer broke the rules of the session; the session ends."""


class StartupError(BerthError):
    """A program cannot start; the message is one sentence for the operator."""

    def __init__(self, message: str, *, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code
