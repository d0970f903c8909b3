"""How much space disks have left, and when that is little."""

import msgspec

from berth.domain.bounds import Count, Name

#: Below this free share of a disk a status warns; below the second one it is critical.
LOW_SHARE, CRITICAL_SHARE = 0.10, 0.02


class DiskSpace(msgspec.Struct, frozen=True):
    """The space of the disk that a folder is on."""

    path: Name
    total_bytes: Count = 0
    #: What a program without special rights may still write.
    free_bytes: Count = 0

    @property
    def free_share(self) -> float:
        """Return the free part of it, 0 to 1."""
        return self.free_bytes / self.total_bytes if self.total_bytes > 0 else 1.0


def describe_space(space: DiskSpace) -> str:
    """Return what is left, as the rest of a sentence."""
    return f"{space.free_bytes / 2**20:,.0f} MiB free ({space.free_share:.0%}) at {space.path}"
