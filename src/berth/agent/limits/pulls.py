"""Images brought to the engine: one pull per image at a time serves everyone who waits."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import msgspec

from berth.agent.engine.image_documents import ImageFacts, read_facts
from berth.agent.engine.protocol import Engine, PullProgress
from berth.domain.errors import EngineError, EngineTimeout, EngineUnreachable
from berth.domain.images import Credentials
from berth.domain.observed import USED_PRESENT_IMAGE
from berth.domain.settings import Settings
from berth.runtime.clock import Clock

log = logging.getLogger(__name__)

#: Longest wait of a replacement for a pull when the engine has the image already.
PATIENCE_S = 2.0

#: Longest wait when the registry has answered: a newer image may be coming.
STALLED_S = 30.0
#: Progress goes to those who wait this often at most.
PROGRESS_S = 0.5


class PullOutcome(msgspec.Struct, frozen=True):
    """How a need for an image ended."""

    #: "" when a container can be created now.
    code: str = ""
    #: The failure, or a warning beside an image that can be used.
    message: str = ""
    #: True when the engine went away: ask again when it is back.
    engine_away: bool = False
    #: Unix seconds at which a pull ended well; the same for all that it served.
    pulled_at: float | None = None
    #: What to make a container from where a reference has tag and digest: the tag while it means
    #: that digest. "" for a reference without one.
    reference: str = ""
    #: What the image says of itself.
    facts: ImageFacts = ImageFacts(has_check=False)


class ImageNeed:
    """One assignment that waits for an image."""

    __slots__ = ("done", "fetch", "hasty", "progress")

    def __init__(
        self, done: Callable[[PullOutcome], None], progress: Callable[[str], None], *, hasty: bool
    ) -> None:
        #: Called once, later.
        self.done = done
        self.progress = progress
        #: Whether an image that is there will do when the pull takes long.
        self.hasty = hasty
        self.fetch: _Pull | None = None


class _Pull:
    """One image on its way, and who waits for it."""

    def __init__(self, image: str, started: float, *, always: bool) -> None:
        self.key = (image, always)
        self.started = started
        self.needs: list[ImageNeed] = []
        self.task: asyncio.Task[None] | None = None
        self.hurry: asyncio.Task[None] | None = None
        #: Monotonic seconds of the last progress; none while the registry has not answered.
        self.heard_at: float | None = None
        #: Someone went on with the image that was there; the pull goes on for the next one.
        self.left_behind = False


class Pulls:
    """The needs for images of one engine."""

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        *,
        settings: Callable[[], Settings],
        find_login: Callable[[str], Awaitable[Credentials | None]] | None = None,
    ) -> None:
        """Ask ``find_login`` for the login of each image to pull; without it none is used."""
        self._engine = engine
        self._find_login = find_login or _find_no_login
        self._clock = clock
        self._settings = settings
        self._fetches: dict[tuple[str, bool], _Pull] = {}

    def need(self, image: str, need: ImageNeed, *, always: bool) -> None:
        """Bring an image; ``always`` asks the registry also for one that is there."""
        fetch = self._fetches.get((image, always))
        if fetch is None:
            fetch = _Pull(image, self._clock.monotonic(), always=always)
            self._fetches[fetch.key] = fetch
            fetch.task = asyncio.create_task(self._fetch(fetch))
        fetch.needs.append(need)
        need.fetch = fetch
        if need.hasty and fetch.hurry is None:
            fetch.hurry = asyncio.create_task(self._hurry(fetch))

    def take_back(self, need: ImageNeed) -> None:
        """Wait no longer; a pull for which nobody waits is given up."""
        fetch = need.fetch
        if fetch is None or need not in fetch.needs:
            return
        fetch.needs.remove(need)
        if not fetch.needs and not fetch.left_behind and fetch.task is not None:
            self._end(fetch)
            fetch.task.cancel()

    async def close(self) -> None:
        """Cancel all pulls."""
        fetches = list(self._fetches.values())
        tasks = [task for one in fetches for task in (one.task, one.hurry) if task is not None]
        for fetch in fetches:
            fetch.needs = []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _fetch(self, fetch: _Pull) -> None:
        image = fetch.key[0]
        outcome = PullOutcome(code="pull_failed", message=f"pulling image {image} was given up")
        try:
            outcome = await self._bring(fetch)
            if fetch.needs and not outcome.code and not outcome.engine_away:
                facts = await self._read_facts(image)
                reference = await self._choose_reference(image, facts.digest)
                outcome = msgspec.structs.replace(outcome, facts=facts, reference=reference)
        finally:
            self._end(fetch)
            self._answer(fetch, outcome, needs=list(fetch.needs))

    def _end(self, fetch: _Pull) -> None:
        """Let a need that comes from here on start another pull."""
        if self._fetches.get(fetch.key) is fetch:
            del self._fetches[fetch.key]
        if fetch.hurry is not None:
            fetch.hurry.cancel()

    async def _bring(self, fetch: _Pull) -> PullOutcome:
        image, always = fetch.key
        try:
            if not always:
                return await self._find(fetch)
            await self._engine.pull(
                image,
                credentials=await self._find_login(image),
                progress=self._progress(image, fetch),
                deadline_s=self._settings().pull_deadline_s,
            )
        except EngineUnreachable:
            return PullOutcome(engine_away=True)
        except EngineError as exc:
            return await self._without_pull(image, exc)
        return PullOutcome(pulled_at=self._clock.now())

    async def _find(self, fetch: _Pull) -> PullOutcome:
        """Use the image that is there, else hand those who wait over to a pull."""
        image = fetch.key[0]
        if await self._engine.find_image(image) is None:
            needs, fetch.needs = fetch.needs, []
            for need in needs:
                self.need(image, need, always=True)
        return PullOutcome()

    async def _without_pull(self, image: str, failure: EngineError) -> PullOutcome:
        try:
            present = await self._engine.find_image(image)
        except (EngineUnreachable, EngineTimeout):
            return PullOutcome(engine_away=True)
        except EngineError:
            present = None
        if present:
            log.warning("image %s: the one that is present is used, since %s", image, failure)
            return PullOutcome(message=f"{USED_PRESENT_IMAGE}: {failure}")
        return PullOutcome(code="pull_failed", message=str(failure))

    async def _choose_reference(self, image: str, digest: str) -> str:
        tagged, has_digest, _ = image.partition("@")
        if not has_digest:
            return ""
        return tagged if (await self._read_facts(tagged)).digest == digest else image

    async def _read_facts(self, image: str) -> ImageFacts:
        try:
            return read_facts(await self._engine.inspect_image(image), image)
        except EngineError:
            return ImageFacts()

    async def _hurry(self, fetch: _Pull) -> None:
        """Let those in haste go on with an image that is there."""
        try:
            while (wait_s := self._patience_left_s(fetch)) > 0:
                await self._clock.sleep(wait_s)
            present = await self._engine.find_image(fetch.key[0])
            facts = await self._read_facts(fetch.key[0]) if present else ImageFacts()
            reference = await self._choose_reference(fetch.key[0], facts.digest)
        except EngineError:
            return
        finally:
            fetch.hurry = None
        if present:
            fetch.left_behind = True
            message = f"{USED_PRESENT_IMAGE}: the registry does not answer in time"
            outcome = PullOutcome(message=message, facts=facts, reference=reference)
            self._answer(fetch, outcome, needs=[need for need in fetch.needs if need.hasty])

    def _patience_left_s(self, fetch: _Pull) -> float:
        if fetch.heard_at is None:
            return fetch.started + PATIENCE_S - self._clock.monotonic()
        return fetch.heard_at + STALLED_S - self._clock.monotonic()

    def _answer(self, fetch: _Pull, outcome: PullOutcome, *, needs: list[ImageNeed]) -> None:
        fetch.needs = [need for need in fetch.needs if need not in needs]
        for need in needs:
            need.done(outcome)

    def _progress(self, image: str, fetch: _Pull) -> Callable[[PullProgress], None]:
        reported_at = self._clock.monotonic()

        def report(progress: PullProgress) -> None:
            nonlocal reported_at
            now = fetch.heard_at = self._clock.monotonic()
            if now - reported_at < PROGRESS_S:
                return
            reported_at = now
            how_far = f"{progress.percent}%" if progress.percent is not None else progress.message
            for need in fetch.needs:
                need.progress(f"pulling image {image}: {how_far}")

        return report


async def _find_no_login(image: str) -> Credentials | None:
    return None
