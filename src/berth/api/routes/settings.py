"""Settings of the instance."""

from berth.api.endpoints.auth import CurrentUser, ServicesOf
from berth.api.endpoints.routing import Endpoints
from berth.api.http.responses import Json
from berth.api.requests.deployment_body import make_origin
from berth.api.schemas.settings import SettingsAnswer, SettingsBody
from berth.control.settings import update_settings

endpoints = Endpoints("Settings")


@endpoints.get("/api/v2/settings")
async def get_settings(services: ServicesOf) -> Json[SettingsAnswer]:
    """Return the settings."""
    return Json(SettingsAnswer(services.store.memory.settings))


@endpoints.put("/api/v2/settings")
async def put_settings(
    body: SettingsBody, services: ServicesOf, user: CurrentUser
) -> Json[SettingsAnswer]:
    """Change the settings that are named; they are in force at once."""
    origin = make_origin(user)
    settings = await services.commands.run(
        lambda draft: update_settings(draft, body.settings, origin=origin)
    )
    return Json(SettingsAnswer(settings))
