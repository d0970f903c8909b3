"""Real Docker engines on one machine, each its own host, for tests and measurements of the whole.

A bed is a bridge, some network namespaces with one engine in each, a registry and a few images.
Here belongs what makes, disturbs and removes such hosts. Nothing here knows Berth: a test starts
its manager and agents itself, with `Host.run` or in the root namespace on `Bed.gateway_ip`.
Tests and `bench/` may import this package; nothing that is installed may.

    with Bed.up(hosts=3) as bed:
        bed.hosts[0].docker("run", "-d", "-p", "8080:80", bed.image("web:1"))
"""

from .bed import Bed
from .command import BedError, wait_until
from .host import Host
from .images import Image
from .packages import ensure_packages, why_unavailable
from .registry import Registry

__all__ = [
    "Bed",
    "BedError",
    "Host",
    "Image",
    "Registry",
    "ensure_packages",
    "wait_until",
    "why_unavailable",
]
