"""Generations of a deployment."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from pydantic import Field

from berth.api.http.params import AS_INTEGER, Body
from berth.api.http.timestamps import render_time
from berth.domain.ids import ServiceKey
from berth.domain.records import Generation


class RollbackBody(Body):
    """Body of a rollback: which generation to return to, else the one before."""

    generation: Annotated[int, Field(ge=1, le=2**53), AS_INTEGER] | None = None


class GenerationAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a deployment was after a change of its text."""

    generation: int
    created_on: str
    created_by: str
    #: ``""`` under way, ``done``, ``failed`` or ``superseded``.
    outcome: str
    quantities: Mapping[ServiceKey, int]
    #: Digest of each service's image when its rollout was done, as far as there is one.
    image_digests: Mapping[ServiceKey, str]
    content: str


class ManyGenerations(msgspec.Struct, frozen=True):
    """Envelope of generations, newest first."""

    generations: list[GenerationAnswer]


def render_generation(generation: Generation) -> GenerationAnswer:
    """Render a generation."""
    return GenerationAnswer(
        generation=generation.generation,
        created_on=render_time(generation.created_at),
        created_by=generation.created_by,
        outcome=generation.outcome,
        quantities=generation.quantities,
        image_digests=generation.digests,
        content=generation.content,
    )
