"""What a deployment is when it returns to an earlier generation."""

import msgspec

from berth.domain.records import Deployment, Generation, count_slots


def says_the_same(deployment: Deployment, generation: Generation) -> bool:
    """Whether a deployment runs what the text of a generation says."""
    return deployment.services == generation.services


def returned_to(
    deployment: Deployment, generation: Generation, *, nonce: str, now: float
) -> Deployment:
    """Return the deployment with the text of an earlier generation, as a change of its own.

    Numbers that were named stay, with those of then for services that the present text lacks; the
    others are those of the text. The nonce decides which containers are outdated. Those that are
    not keep their image, the others get that of then.
    """
    keys = {service.key for service in generation.services}
    named = {k: n for k, n in generation.named.items() if k not in deployment.quantities}
    named |= {k: n for k, n in deployment.named.items() if k in keys}
    number = deployment.generation + 1
    new = msgspec.structs.replace(
        deployment,
        content=generation.content,
        services=generation.services,
        ignored=generation.ignored,
        quantities=count_slots(generation.services, named=named),
        named_quantities=tuple(named),
        begun=tuple(key for key in deployment.begun if key in keys),
        nonce=nonce,
        generation=number,
        info_generation=number,
        changed_at=now,
    )
    digests = generation.digests | new.digests_of_unchanged(deployment)
    return msgspec.structs.replace(new, digests=digests)
