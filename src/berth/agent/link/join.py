"""The join: makes an agent a host, once, with a join token."""

import logging
from http import HTTPStatus

import aiohttp
import msgspec

from berth.agent.data_directory import Identity
from berth.agent.link.transport import tls_context
from berth.domain.errors import StartupError
from berth.domain.observed import HostFacts
from berth.protocol.fitter import fit
from berth.protocol.messages import JOIN_PATH, JoinAnswer, JoinRequest
from berth.runtime.exit_codes import Exit
from berth.runtime.tls import describe_clock_trouble, fingerprint_of, read_one_certificate, to_pem

log = logging.getLogger(__name__)

#: Answers that another try does not change.
REFUSALS = frozenset(
    {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.CONFLICT,
        HTTPStatus.UNPROCESSABLE_ENTITY,
    }
)

#: Code of a refusal that holds for as long as the manager has just started.
NOT_HEARD = "host_not_heard"
#: Code of a refusal while an agent of a host with that engine's id is in contact.
ENGINE_KNOWN = "host_active"

#: Stands in a token for the fingerprint where the manager speaks plain HTTP.
NO_FINGERPRINT = "-"


#: An answer that is longer is not read to its end.
MAX_ANSWER_BYTES = 64 * 1024


class NotNow(Exception):
    """The join did not come about; it is worth another try."""


class EngineKnown(Exception):
    """A host in contact has an engine of the same id: a mark can prove that it is another one."""


class ParsedJoinToken(msgspec.Struct, frozen=True):
    """A join token, parsed."""

    secret: str
    #: SHA-256 of the authority's certificate in DER form, hexadecimal; "" with plain HTTP.
    fingerprint: str


def parse_token(text: str) -> ParsedJoinToken:
    """Read ``berth-join-1.<secret>.<fingerprint or ->``. Raises StartupError."""
    kind, _, rest = text.strip().partition(".")
    secret, _, fingerprint = rest.partition(".")
    if kind != "berth-join-1" or not secret or not fingerprint:
        raise StartupError(
            "The join token is not complete; copy all of it, from berth-join-1 to its end.",
            exit_code=Exit.JOIN_REFUSED,
        )
    return ParsedJoinToken(secret, "" if fingerprint == NO_FINGERPRINT else fingerprint.lower())


def check_scheme(manager_url: str, token: ParsedJoinToken) -> None:
    """Refuse to send the secret over a connection that the token does not pin."""
    if token.fingerprint:
        require_https(manager_url, "The join token is for HTTPS", exit_code=Exit.JOIN_REFUSED)


def require_https(manager_url: str, because: str, *, exit_code: Exit) -> None:
    """Raise StartupError for an address at which whoever answers would be sent a secret."""
    if not manager_url.startswith("https://"):
        raise StartupError(
            f"{because}, and {manager_url} is not; use the manager's https address.",
            exit_code=exit_code,
        )


class _Authority(msgspec.Struct, frozen=True):
    ca: str


class _Problem(msgspec.Struct, frozen=True):
    message: str = ""
    code: str = ""


class _Errors(msgspec.Struct, frozen=True):
    errors: list[_Problem] = []


async def join(
    http: aiohttp.ClientSession, manager_url: str, *, token: ParsedJoinToken, request: JoinRequest
) -> Identity:
    """Join once. Raises StartupError when refused, NotNow when another try may succeed."""
    url = manager_url + JOIN_PATH
    try:
        ca = await _fetch_authority(http, url, token=token) if token.fingerprint else ""
        answer = await _ask(http, url, token=token, ca=ca, request=request)
    except aiohttp.ClientConnectorCertificateError as exc:
        why = describe_clock_trouble(exc.certificate_error, request.facts.started_at)
        raise NotNow(f"{url} cannot be trusted now: {why or exc.certificate_error}") from exc
    except (aiohttp.ClientError, TimeoutError, OSError, msgspec.MsgspecError) as exc:
        raise NotNow(f"{url} does not answer a join: {exc or type(exc).__name__}") from exc
    return Identity(
        instance_id=answer.instance_id,
        host_id=answer.host_id,
        name=answer.name,
        credential=answer.credential,
        ca=ca,
        manager_url=manager_url,
        engine_id=request.facts.engine_id,
    )


async def _fetch_authority(http: aiohttp.ClientSession, url: str, *, token: ParsedJoinToken) -> str:
    """Ask for the authority without trusting the answer, and compare it with the token.

    The text that it returns is made from the very bytes that were compared.
    """
    async with http.get(url, ssl=False, allow_redirects=False) as answer:
        content = await _read(answer)
        if answer.status != HTTPStatus.OK:
            raise NotNow(f"{url} answers {answer.status} to the question for its authority")
    ca = msgspec.json.decode(content, type=_Authority).ca
    try:
        certificate = read_one_certificate(ca)
    except ValueError as exc:
        raise _foreign(url, f"what it calls its authority cannot be used: {exc}") from exc
    fingerprint = fingerprint_of(certificate)
    if fingerprint != token.fingerprint:
        raise _foreign(url, f"its authority has the fingerprint {fingerprint}")
    return to_pem(certificate)


def _foreign(url: str, because: str) -> StartupError:
    return StartupError(
        f"The manager at {url} is not the one that the join token is from: {because}. "
        "Check the address, or get a new token.",
        exit_code=Exit.JOIN_REFUSED,
    )


async def _ask(
    http: aiohttp.ClientSession, url: str, *, token: ParsedJoinToken, ca: str, request: JoinRequest
) -> JoinAnswer:
    headers = {"Authorization": f"Join {token.secret}", "Content-Type": "application/json"}
    body = msgspec.json.encode(request)
    async with http.post(
        url, data=body, headers=headers, ssl=tls_context(ca), allow_redirects=False
    ) as answer:
        content = await _read(answer)
        if answer.status in REFUSALS:
            problem = _first_problem(content, answer.status)
            if problem.code == NOT_HEARD:
                raise NotNow(problem.message)
            if problem.code == ENGINE_KNOWN and not request.marker:
                raise EngineKnown(problem.message)
            raise StartupError(
                f"The manager refused the join: {problem.message}", exit_code=Exit.JOIN_REFUSED
            )
        if answer.status >= HTTPStatus.MULTIPLE_CHOICES:
            raise NotNow(f"{url} answers {answer.status} to the join")
    return msgspec.json.decode(content, type=JoinAnswer)


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """Read an answer. Raises NotNow for one that no manager would send."""
    content = b""
    async for piece in answer.content.iter_any():
        content += piece
        if len(content) > MAX_ANSWER_BYTES:
            raise NotNow(f"{answer.url} answers more than {MAX_ANSWER_BYTES} bytes to a join")
    return content


def _first_problem(content: bytes, status: int) -> _Problem:
    try:
        problems = msgspec.json.decode(content, type=_Errors).errors
    except msgspec.MsgspecError:
        problems = []
    return problems[0] if problems else _Problem(f"it answered {status}.")


def request_of(facts: HostFacts, *, name: str, pool: str, tags: tuple[str, ...]) -> JoinRequest:
    """Return the body of the join."""
    asked = JoinRequest(facts=facts, name=name or facts.hostname, pool_id=pool, tags=tags)
    return fit(asked) or asked
