"""Stored services and stacks, and the language that they are written in."""

from collections.abc import Mapping
from typing import Any

from berth.client.records.workloads import Checked, Converted, Definition, Deleted, Deployment
from berth.client.requests.calls import Call, Fields, Many, delete, get, given, post, put, waits
from berth.client.verbs import Listing, M_co, Noun, Verb

SERVICES, SERVICE = "/api/v2/services/", "/api/v2/services/{service_id}"
STACKS, STACK = "/api/v2/stacks/", "/api/v2/stacks/{service_id}"


class Services(Noun[M_co]):
    """Definitions of one service."""

    @Listing
    def list(self, *, fields: Fields = ()) -> Call[Many[Definition]]:
        """Return the services."""
        return get(SERVICES, Many[Definition], query={"fields": fields}, member="services")

    @Verb
    def get(self, service_id: str) -> Call[Definition]:
        """Return a service."""
        return get(SERVICE, Definition, where={"service_id": service_id}, member="service")

    @Verb
    def create(
        self, content: str, *, service_id: str | None = None, name: str | None = None
    ) -> Call[Definition]:
        """Store a service; id and name are made of the text where they are not said."""
        body = given(content=content, service_id=service_id, service_name=name)
        return post(SERVICES, Definition, body=body, member="service")

    @Verb
    def change(
        self, service_id: str, *, content: str | None = None, name: str | None = None
    ) -> Call[Definition]:
        """Change a service; deployments keep their own copy."""
        where, body = {"service_id": service_id}, given(content=content, service_name=name)
        return put(SERVICE, Definition, where=where, body=body, member="service")

    @Verb
    def delete(self, service_id: str) -> Call[Deleted]:
        """Delete a service; deployments keep their own copy."""
        return delete(SERVICE, Deleted, where={"service_id": service_id})

    @Verb
    def deploy(
        self,
        service_id: str,
        *,
        deployment_id: str | None = None,
        deployment_name: str | None = None,
        pool_id: str | None = None,
        quantities: Mapping[str, int | None] | None = None,
        wait_s: float = 0,
    ) -> Call[Deployment]:
        """Deploy a service as it is stored."""
        body = given(
            deployment_id=deployment_id,
            deployment_name=deployment_name,
            placement=given(pool_id=pool_id) or None,
            quantities=quantities,
        )
        where = {"service_id": service_id}
        return post(
            f"{SERVICE}/deploy",
            Deployment,
            where=where,
            body=body,
            member="deployment",
            **waits(wait_s),
        )


class Stacks(Noun[M_co]):
    """Definitions of several services."""

    @Listing
    def list(self, *, fields: Fields = ()) -> Call[Many[Definition]]:
        """Return the stacks."""
        return get(STACKS, Many[Definition], query={"fields": fields}, member="stacks")

    @Verb
    def get(self, service_id: str) -> Call[Definition]:
        """Return a stack."""
        return get(STACK, Definition, where={"service_id": service_id}, member="stack")

    @Verb
    def create(
        self, content: str, *, service_id: str | None = None, name: str | None = None
    ) -> Call[Definition]:
        """Store a stack; one of id and name is needed."""
        body = given(content=content, service_id=service_id, service_name=name)
        return post(STACKS, Definition, body=body, member="stack")

    @Verb
    def change(
        self, service_id: str, *, content: str | None = None, name: str | None = None
    ) -> Call[Definition]:
        """Change a stack; deployments keep their own copy."""
        where, body = {"service_id": service_id}, given(content=content, service_name=name)
        return put(STACK, Definition, where=where, body=body, member="stack")

    @Verb
    def delete(self, service_id: str) -> Call[Deleted]:
        """Delete a stack; deployments keep their own copy."""
        return delete(STACK, Deleted, where={"service_id": service_id})


class Definitions(Noun[M_co]):
    """Texts that are read and not stored."""

    @Verb
    def validate(
        self, content: str | None = None, *, editor: dict[str, Any] | None = None
    ) -> Call[Checked]:
        """Return what a definition says, or what is wrong with it; what is wrong is no error."""
        body = given(content=content, editorTemp=editor)
        return post("/api/v2/definitions/validate", Checked, body=body)

    @Verb
    def convert(
        self, content: str | None = None, *, editor: dict[str, Any] | None = None
    ) -> Call[Converted]:
        """Return a definition in every form; without ``yaml`` where something is wrong."""
        body = given(content=content, editorTemp=editor)
        return post("/api/v2/definitions/convert", Converted, body=body)
