"""Registry: where images come from."""

from berth.api.endpoints.audit import Deed
from berth.api.endpoints.auth import ServicesOf
from berth.api.endpoints.routing import Endpoints, Notes
from berth.api.http.responses import Deleted, Json, encode
from berth.api.listing.pages import PageOf, Shape, answer_list, one_by_one
from berth.api.schemas.registries import (
    LoginCheckAnswer,
    LoginCheckBody,
    ManyRegistries,
    OneRegistry,
    RegistryAnswer,
    RegistryBody,
    render_registry,
)
from berth.api.services import Services
from berth.control.images.registries import (
    MAX_PASSWORD,
    REGISTRY_ID_BYTES,
    RegistryChange,
    check_url,
    create_registry,
    delete_registry,
    get_registry,
    update_registry,
)
from berth.control.naming import check_name
from berth.domain.errors import Invalid
from berth.domain.records import Registry
from berth.runtime.ids import new_token

endpoints = Endpoints("Registry")


@endpoints.get("/api/v2/registries/")
async def list_registries(page: PageOf, services: ServicesOf) -> Json[ManyRegistries]:
    """List the registries; passwords are not shown."""
    began = services.clock.monotonic()
    registries = sorted(services.store.memory.registries.values(), key=lambda each: each.id)
    elapsed = services.clock.monotonic() - began
    shape = Shape(
        id_of=lambda each: each.id,
        render=one_by_one(render_registry),
        kind=RegistryAnswer,
        envelope="registries",
        beside=b'%b,"total_results":%d' % (_timing(elapsed), len(registries)),
    )
    answer = await answer_list(page, registries, shape=shape)
    answer.timing = _timing(elapsed)
    return answer


@endpoints.post("/api/v2/registries/", deed=Deed("registry_made", "made a registry"))
async def create_one_registry(body: RegistryBody, services: ServicesOf) -> Json[OneRegistry]:
    """Define a registry."""
    began = services.clock.monotonic()
    values, new_id = _values_of(services, body), new_token(REGISTRY_ID_BYTES)
    registry = await services.commands.run(
        lambda draft: create_registry(draft, new_id, values=values)
    )
    elapsed = services.clock.monotonic() - began
    return Json(OneRegistry(elapsed_time=elapsed, registry=render_registry(registry)))


@endpoints.post("/api/v2/registries/validate", notes=Notes(errors=("404",)))
async def validate_login(body: LoginCheckBody, services: ServicesOf) -> Json[LoginCheckAnswer]:
    """Log in at a registry, to see whether it takes the user name and the password.

    With `registry_id` what is missing is taken from that registry, its stored password too.
    """
    url, username, password = body.url or "", body.username, body.password
    if body.registry_id:
        registry = get_registry(services.store.memory.registries, body.registry_id)
        url = url or registry.url
        # The stored password goes to its own registry alone.
        if check_url(url).partition("/")[0] == registry.url.partition("/")[0]:
            username = registry.username if username is None else username
            if not password and username == registry.username and registry.password:
                password = services.secrets.decrypt(registry.password)
    if not url:
        raise Invalid("a registry needs a url", code="required", field="url")
    # Loads an HTTP client, which many managers never need.
    from berth.control.images.registry_login import log_in

    outcome = await log_in(check_url(url), username=username or "", password=password or "")
    return Json(LoginCheckAnswer(valid=outcome.valid, message=outcome.message))


@endpoints.get("/api/v2/registries/{registry_id}")
async def get_one_registry(registry_id: str, services: ServicesOf) -> Json[ManyRegistries]:
    """Return a registry, in the shape of a list."""
    began = services.clock.monotonic()
    registry = get_registry(services.store.memory.registries, registry_id)
    return _render_many(services, [registry], began=began)


@endpoints.put(
    "/api/v2/registries/{registry_id}",
    deed=Deed("registry_changed", "changed the registry {registry_id}"),
)
async def update_one_registry(
    registry_id: str, body: RegistryBody, services: ServicesOf
) -> Json[ManyRegistries]:
    """Change a registry; without a password the old one stays, an empty user name removes both.

    Another host in the url removes the password as well, unless a new one comes along.
    """
    began = services.clock.monotonic()
    values = _values_of(services, body)
    registry = await services.commands.run(
        lambda draft: update_registry(draft, registry_id, values=values)
    )
    return _render_many(services, [registry], began=began)


@endpoints.delete(
    "/api/v2/registries/{registry_id}",
    deed=Deed("registry_deleted", "deleted the registry {registry_id}"),
)
async def delete_one_registry(registry_id: str, services: ServicesOf) -> Json[Deleted]:
    """Forget a registry; its images are pulled without a login from then on."""
    await services.commands.run(lambda draft: delete_registry(draft, registry_id))
    return Json(Deleted(registry_id))


def _values_of(services: Services, body: RegistryBody) -> RegistryChange:
    password = body.password
    if password:
        check_name(password, field="password", longest=MAX_PASSWORD)
        password = services.secrets.encrypt(password)
    return RegistryChange(
        url=body.url,
        email=body.email,
        username=body.username,
        password=password,
        description=body.description,
    )


def _render_many(
    services: Services, registries: list[Registry], *, began: float
) -> Json[ManyRegistries]:
    elapsed = services.clock.monotonic() - began
    answer = Json(
        ManyRegistries(
            elapsed_time=elapsed,
            registries=[render_registry(each) for each in registries],
            total_results=len(registries),
        )
    )
    answer.timing = _timing(elapsed)
    return answer


def _timing(elapsed_s: float) -> bytes:
    """Return the member of an answer with the time that it took."""
    return b'"elapsed_time":' + encode(elapsed_s)
