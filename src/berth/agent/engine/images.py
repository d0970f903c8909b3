"""Reads image references for an engine."""

from berth.domain.errors import EngineRefused
from berth.domain.images import ImageReference, find_reference


def parse_image(text: str) -> ImageReference:
    """Split ``[registry/]repository[:tag][@digest]``; raises EngineRefused when it is no reference."""
    reference = find_reference(text)
    if reference is None:
        raise EngineRefused(f"'{text}' is not an image reference like registry/name:tag")
    return reference
