"""Images on hosts, and the registries that they come from."""

from berth.client.records.instance import (
    Image,
    ImageItem,
    Registry,
    RegistryCheck,
)
from berth.client.records.workloads import Deleted, TaskStarted, WrappedContainer
from berth.client.requests.calls import Call, Fields, Many, delete, get, given, post, put, waits
from berth.client.verbs import Listing, M_co, Noun, Verb

IMAGE = "/api/v2/images/{image}/hosts/{host_id}"
REGISTRIES, REGISTRY = "/api/v2/registries/", "/api/v2/registries/{registry_id}"


class Images(Noun[M_co]):
    """Images on hosts, by name or id."""

    @Listing
    def list(
        self, *, host: Fields = (), image: Fields = (), fields: Fields = ()
    ) -> Call[Many[ImageItem]]:
        """Return the images of all hosts, one item for each host and name."""
        query = {"host": host, "image": image, "fields": fields}
        return get("/api/images/", Many[ImageItem], query=query)

    @Verb
    def get(self, image: str, host_id: str) -> Call[Image]:
        """Return an image as its engine describes it, with its history."""
        path = "/api/images/{image_id}/hosts/{host_id}"
        return get(path, Image, where={"image_id": image, "host_id": host_id})

    @Listing
    def containers(self, image: str, *, fields: Fields = ()) -> Call[Many[WrappedContainer]]:
        """Return the containers of an image that belong to no deployment."""
        path, query = "/api/images/{image_id}/containers/", {"fields": fields}
        return get(path, Many[WrappedContainer], where={"image_id": image}, query=query)

    @Verb
    def pull(self, image: str, host_id: str, *, wait_s: float = 0) -> Call[TaskStarted]:
        """Pull an image to a host."""
        where = {"image": image, "host_id": host_id}
        return post(f"{IMAGE}/pull", TaskStarted, where=where, **waits(wait_s))

    @Verb
    def push(self, image: str, host_id: str, *, wait_s: float = 0) -> Call[TaskStarted]:
        """Push an image from a host to the registry in its name."""
        where = {"image": image, "host_id": host_id}
        return post(f"{IMAGE}/push", TaskStarted, where=where, **waits(wait_s))

    @Verb
    def tag(
        self, image: str, host_id: str, *, repository: str, tag: str = "latest", wait_s: float = 0
    ) -> Call[TaskStarted]:
        """Return an image of a host another name."""
        where, body = {"image": image, "host_id": host_id}, {"Repo": repository, "Tag": tag}
        return post(f"{IMAGE}/tag", TaskStarted, where=where, body=body, **waits(wait_s))

    @Verb
    def run(
        self, image: str, host_id: str, *, content: str | None = None, wait_s: float = 0
    ) -> Call[TaskStarted]:
        """Run a container of an image, once and without a deployment; a text says how."""
        where, body = {"image": image, "host_id": host_id}, given(content=content)
        return post(f"{IMAGE}/run", TaskStarted, where=where, body=body, **waits(wait_s))

    @Verb
    def remove(self, image: str, host_id: str, *, wait_s: float = 0) -> Call[TaskStarted]:
        """Remove a name of an image from a host, and the image with its last name."""
        where = {"image": image, "host_id": host_id}
        return delete(IMAGE, TaskStarted, where=where, **waits(wait_s))


class Registries(Noun[M_co]):
    """Where images come from."""

    @Listing
    def list(self, *, fields: Fields = ()) -> Call[Many[Registry]]:
        """Return the registries; passwords are never shown."""
        return get(REGISTRIES, Many[Registry], query={"fields": fields}, member="registries")

    @Verb
    def get(self, registry_id: str) -> Call[Many[Registry]]:
        """Return a registry, as a list of one."""
        where = {"registry_id": registry_id}
        return get(REGISTRY, Many[Registry], where=where, member="registries")

    @Verb
    def create(
        self,
        url: str,
        *,
        username: str | None = None,
        password: str | None = None,
        email: str | None = None,
        description: str | None = None,
    ) -> Call[Registry]:
        """Define a registry."""
        body = given(
            url=url, username=username, password=password, email=email, description=description
        )
        return post(REGISTRIES, Registry, body=body, member="registry")

    @Verb
    def change(
        self,
        registry_id: str,
        *,
        url: str | None = None,
        username: str | None = None,
        password: str | None = None,
        description: str | None = None,
    ) -> Call[Many[Registry]]:
        """Change a registry; without a password the one that it has stays."""
        where = {"registry_id": registry_id}
        body = given(url=url, username=username, password=password, description=description)
        return put(REGISTRY, Many[Registry], where=where, body=body, member="registries")

    @Verb
    def delete(self, registry_id: str) -> Call[Deleted]:
        """Delete a registry."""
        return delete(REGISTRY, Deleted, where={"registry_id": registry_id})

    @Verb
    def validate(
        self,
        *,
        url: str | None = None,
        username: str | None = None,
        password: str | None = None,
        registry_id: str | None = None,
    ) -> Call[RegistryCheck]:
        """Log in to a registry and return how that went; an id takes the stored password."""
        body = given(url=url, username=username, password=password, registry_id=registry_id)
        return post("/api/v2/registries/validate", RegistryCheck, body=body)
