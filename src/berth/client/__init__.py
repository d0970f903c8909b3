"""The public client of Berth: everything that its API can do, from Python.

``Client`` waits for answers, ``AsyncClient`` is awaited; both have the same nouns and verbs. Here
belongs what speaks to a manager over HTTP alone. It imports nothing else of Berth, and the command
line imports nothing but it.
"""

from berth.client.errors import (
    AnswerLostError,
    BadRequestError,
    ClientError,
    ConflictError,
    DeadlineError,
    Fault,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    NotLoggedInError,
    RefusedError,
    StrangeAnswerError,
    TaskCancelledError,
    TaskError,
    TaskFailedError,
    ThrottledError,
    TooOldError,
    UnavailableError,
    UnreachableError,
    UntrustedError,
    UsageError,
)
from berth.client.network.async_client import AsyncClient
from berth.client.network.sync_client import Client
from berth.client.nouns.deployments import Draft
from berth.client.options import Answered, Options
from berth.client.programs import AsyncProgram, Finished, Printed, Program
from berth.client.requests.retries import NEVER, Retries
from berth.client.requests.streams import Change

__all__ = [
    "NEVER",
    "AnswerLostError",
    "Answered",
    "AsyncClient",
    "AsyncProgram",
    "BadRequestError",
    "Change",
    "Client",
    "ClientError",
    "ConflictError",
    "DeadlineError",
    "Draft",
    "Fault",
    "Finished",
    "InvalidError",
    "NotAllowedError",
    "NotFoundError",
    "NotLoggedInError",
    "Options",
    "Printed",
    "Program",
    "RefusedError",
    "Retries",
    "StrangeAnswerError",
    "TaskCancelledError",
    "TaskError",
    "TaskFailedError",
    "ThrottledError",
    "TooOldError",
    "UnavailableError",
    "UnreachableError",
    "UntrustedError",
    "UsageError",
]
