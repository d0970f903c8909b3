"""What answers get on their way out: a name, the revision they show, compression."""

from starlette.requests import Request
from starlette.responses import Response

from berth.api.http.compression import compress_answer
from berth.api.http.etag import tag_answer
from berth.api.http.responses import Json

#: Header of reads: the answer shows every change up to this revision.
REVISION = "X-Berth-Revision"


async def deliver(request: Request, answer: Response, *, revision: int) -> Response:
    """Return the answer of a user's call as it is sent.

    ``revision`` is the newest one before anything was read, since reads go on while others write.
    """
    answer = tag_answer(request, answer)
    if request.method == "GET" and isinstance(answer, Json) and answer.status_code in (200, 304):
        answer.headers[REVISION] = str(revision)
    return await compress_answer(request, answer)
