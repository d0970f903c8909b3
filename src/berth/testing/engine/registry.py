"""A registry in memory that any number of simulated engines pull from."""

import hashlib

import msgspec

from berth.agent.engine.image_documents import parse_image
from berth.domain.errors import PullFailed, PushFailed
from berth.domain.images import Credentials
from berth.testing.engine.behaviour import Behaviour


class SimulatedImage(msgspec.Struct, frozen=True):
    """What a name stood for when it was pulled."""

    id: str
    behaviour: Behaviour = Behaviour()


class _Fault(msgspec.Struct):
    message: str
    #: Pulls that still fail; None means all.
    times: int | None


class SimulatedRegistry:
    """Images by name, with logins and planted failures."""

    def __init__(self, *, has_everything: bool = True) -> None:
        """Offer any image that is asked for, or only published ones."""
        self._has_everything = has_everything
        self._images: dict[str, SimulatedImage] = {}
        self._versions: dict[str, int] = {}
        self._faults: dict[str, _Fault] = {}
        self._logins: dict[str, tuple[str, str]] = {}

    def publish(self, image: str, behaviour: Behaviour | None = None) -> str:
        """Store an image and return its id; published again, the name means a new image."""
        name = parse_image(image).canonical
        version = self._versions[name] = self._versions.get(name, 0) + 1
        made = make_image(image, behaviour, version=version)
        self._images[name] = made
        return made.id

    def refuse(self, image: str, message: str, *, times: int | None = None) -> None:
        """Let pulls of the image fail, all or the next ``times``."""
        self._faults[parse_image(image).canonical] = _Fault(message, times)

    def accept(self, image: str) -> None:
        """End the failures of an image."""
        self._faults.pop(parse_image(image).canonical, None)

    def require_login(self, image: str, *, username: str, password: str) -> None:
        """Offer the image only to those who log in so."""
        self._logins[parse_image(image).canonical] = (username, password)

    def get_image(self, image: str, credentials: Credentials | None) -> SimulatedImage:
        """Return what a pull brings. Raises PullFailed."""
        name = parse_image(image).canonical
        self._check_fault(image, name)
        login = self._logins.get(name)
        given = (credentials.username, credentials.password) if credentials else None
        if login is not None and login != given:
            raise PullFailed(
                f"cannot pull image {image}: the engine says: pull access denied, "
                "repository does not exist or may require a login"
            )
        if name not in self._images:
            if not self._has_everything:
                raise PullFailed(
                    f"cannot pull image {image}: the engine says: manifest for {image} not found"
                )
            self.publish(image)
        return self._images[name]

    def take_image(
        self, image: str, made: SimulatedImage, *, credentials: Credentials | None
    ) -> None:
        """Store what a push brings. Raises PushFailed."""
        name = parse_image(image).canonical
        try:
            self._check_fault(image, name)
        except PullFailed as failure:
            raise PushFailed(str(failure).replace("cannot pull", "cannot push")) from None
        login = self._logins.get(name)
        given = (credentials.username, credentials.password) if credentials else None
        if login is not None and login != given:
            raise PushFailed(f"cannot push image {image}: the engine says: unauthorized: "
                             "authentication required")  # fmt: skip
        self._images[name] = made

    def _check_fault(self, image: str, name: str) -> None:
        fault = self._faults.get(name)
        if fault is None:
            return
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                del self._faults[name]
        raise PullFailed(f"cannot pull image {image}: the engine says: {fault.message}")


def make_image(
    image: str, behaviour: Behaviour | None = None, *, version: int = 1
) -> SimulatedImage:
    """Make an image whose id follows from its name and version."""
    name = parse_image(image).canonical
    digest = hashlib.sha256(f"{name} {version}".encode()).hexdigest()
    return SimulatedImage(f"sha256:{digest}", behaviour or Behaviour())
