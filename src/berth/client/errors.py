"""What can go wrong for a client, as one tree.

ClientError
├── UsageError             an argument that cannot be sent; nothing was sent
├── UnreachableError       no manager answered
│   ├── UntrustedError     its certificate is not the instance's
│   └── StrangeAnswerError something answered that is no manager
├── AnswerLostError        the connection broke; the request may have been carried out
├── DeadlineError          the time that the caller gave is over
├── TaskError              a task that was waited for did not end well
│   ├── TaskFailedError
│   └── TaskCancelledError
└── RefusedError           the manager refused, with the status of each kind:
    ├── BadRequestError    400, 405, 408, 413, 426
    ├── NotLoggedInError   401
    ├── NotAllowedError    403
    ├── NotFoundError      404
    ├── ConflictError      409, 412
    ├── TooOldError        410
    ├── InvalidError       422
    ├── ThrottledError     429
    └── UnavailableError   500, 502, 503, 504
"""

from collections.abc import Sequence

import msgspec

from berth.client.fixes import fix_of
from berth.client.records.workloads import Task


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing wrong with a request, as the manager says it."""

    message: str
    code: str = ""
    #: Dotted path of the member of the request.
    field: str = ""
    #: Place in the text of a definition, counted from 1; 0 when there is none.
    line: int = 0
    column: int = 0
    #: Dotted path inside the text of a definition.
    path: str = ""

    @property
    def place(self) -> str:
        """Where it is, as short as it is exact; "" when it is nowhere in particular."""
        if self.line:
            return ":".join(str(each) for each in (self.line, self.column) if each)
        return self.path or self.field


class ClientError(Exception):
    """Root of everything that a client raises on purpose."""

    #: Short word for programs; those of the manager stand in refusals.
    code = "client_error"

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code

    @property
    def place(self) -> str:
        """Where in the request it is wrong; "" when that is nowhere in particular."""
        return ""

    @property
    def fix(self) -> str:
        """What to do about it; "" when the message says it all."""
        return fix_of(self.code)


class UsageError(ClientError):
    """An argument that cannot be sent."""

    code = "bad_argument"


class UnreachableError(ClientError):
    """No manager answered."""

    code = "unreachable"


class UntrustedError(UnreachableError):
    """The certificate is not the instance's."""

    code = "untrusted"


class StrangeAnswerError(UnreachableError):
    """Something answered that is no manager."""

    code = "strange_answer"


class AnswerLostError(ClientError):
    """The connection broke after the request was sent: it may have been carried out."""

    code = "answer_lost"


class DeadlineError(ClientError):
    """The time that the caller gave is over."""

    code = "deadline"


class TaskError(ClientError):
    """A task that was waited for did not end well."""

    code = "task_failed"

    def __init__(self, task: Task) -> None:
        reason = f": {task.message}" if task.message else ""
        super().__init__(f"task {task.id} ({task.name}) {task.status_description.lower()}{reason}")
        self.task = task


class TaskFailedError(TaskError):
    """The task failed."""


class TaskCancelledError(TaskError):
    """The task was cancelled."""

    code = "task_cancelled"


class RefusedError(ClientError):
    """The manager refused the request."""

    code = "refused"

    def __init__(
        self,
        faults: Sequence[Fault],
        *,
        status: int,
        request_id: str = "",
        retry_after_s: float | None = None,
    ) -> None:
        first = faults[0]
        super().__init__(first.message, code=first.code)
        self.status = status
        #: Everything that is wrong; the first one is the error's own message and code.
        self.faults = tuple(faults)
        #: Under which the manager's log knows the request.
        self.request_id = request_id
        #: When another try may succeed.
        self.retry_after_s = retry_after_s

    @property
    def place(self) -> str:
        """Where in the request it is wrong; "" when that is nowhere in particular."""
        return self.faults[0].place


class BadRequestError(RefusedError):
    """The request cannot be read."""


class NotLoggedInError(RefusedError):
    """No credential, or an unknown or ended one."""


class NotAllowedError(RefusedError):
    """The credential is not good for this request."""


class NotFoundError(RefusedError):
    """What the request names does not exist."""


class ConflictError(RefusedError):
    """The state of the object forbids the request."""


class TooOldError(RefusedError):
    """A watch cannot go on from there: read the lists again, then watch from now."""


class InvalidError(RefusedError):
    """A value is not acceptable."""


class ThrottledError(RefusedError):
    """Too many attempts."""


class UnavailableError(RefusedError):
    """The manager cannot answer for now."""


_KINDS: dict[int, type[RefusedError]] = {
    401: NotLoggedInError,
    403: NotAllowedError,
    404: NotFoundError,
    409: ConflictError,
    410: TooOldError,
    412: ConflictError,
    422: InvalidError,
    429: ThrottledError,
}


def kind_of(status: int) -> type[RefusedError]:
    """Return the error that a status stands for."""
    if status >= 500:
        return UnavailableError
    return _KINDS.get(status, BadRequestError)
