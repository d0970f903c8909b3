"""What the machine must have for a bed, and how to get it."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .command import BedError, program_environment, program_path, run_command
from .processes import tracking_root

#: Each program that a bed runs and the Debian package that brings it.
_PACKAGES = {
    "dockerd": "docker.io",
    "docker": "docker.io",
    "docker-registry": "docker-registry",
    "busybox": "busybox-static",
    "iptables": "iptables",
    "ip": "iproute2",
    "htpasswd": "apache2-utils",
    "nsenter": "util-linux",
    "openssl": "openssl",
    "unshare": "util-linux",
    "setsid": "util-linux",
}
_ELF_INTERPRETER = 3
_NO_SERVICES = Path("/usr/sbin/policy-rc.d")


def find_program(name: str) -> str:
    """Return where a program is; raises BedError with the package's name when it is missing."""
    found = shutil.which(name, path=program_path())
    if found is None:
        raise BedError(f"`{name}` is missing: install the package {_PACKAGES[name]}.")
    return found


def missing_packages() -> list[str]:
    """Return the Debian packages that a bed needs and this machine lacks."""
    missing = {
        package
        for program, package in _PACKAGES.items()
        if shutil.which(program, path=program_path()) is None
    }
    if "busybox-static" not in missing and not _is_static(Path(find_program("busybox"))):
        missing.add("busybox-static")
    return sorted(missing)


def why_unavailable() -> str | None:
    """Return why no bed can be started here and what to do about it; none when one can."""
    if sys.platform != "linux":
        return "The test-bed needs Linux: it makes network namespaces."
    if os.geteuid() != 0:
        return "The test-bed makes network namespaces and starts engines: run this as root."
    if missing := missing_packages():
        return (
            f"The test-bed lacks the packages {' '.join(missing)}: "
            "`script/testbed up` installs them, or use apt-get."
        )
    if not os.access(tracking_root(), os.W_OK) or not tracking_root().is_dir():
        return f"The test-bed cannot make control groups: {tracking_root()} is not writable."
    return _why_no_namespace()


def ensure_packages() -> None:
    """Install the Debian packages that are missing; nothing happens when none is.

    Raises BedError when this is not root or not Debian, or when apt-get fails.
    """
    missing = missing_packages()
    if not missing:
        return
    wanted = " ".join(missing)
    if os.geteuid() != 0:
        raise BedError(f"The packages {wanted} are missing and only root can install them.")
    if shutil.which("apt-get") is None:
        raise BedError(f"Install what Debian calls {wanted}: this machine has no apt-get.")
    print(f"Installing the Debian packages {wanted} for the test-bed ...", file=sys.stderr)
    _install(missing)
    if still := missing_packages():
        raise BedError(f"apt-get installed {wanted}, but {' '.join(still)} is still missing.")


def _install(packages: list[str]) -> None:
    environment = {**os.environ, "PATH": program_path(), "DEBIAN_FRONTEND": "noninteractive"}
    patience = ["-o", "DPkg::Lock::Timeout=120"]
    install = ["install", "-y", "--no-install-recommends", *packages]
    run_command(["apt-get", *patience, "update"], timeout=300, environment=environment)
    with _services_left_alone():
        run_command(["apt-get", *patience, *install], timeout=900, environment=environment)


@contextmanager
def _services_left_alone() -> Iterator[None]:
    """Keep the packages from starting an engine and a registry of the machine's own.

    They would listen on every address. Debian's means is a policy file; one that is there stays.
    """
    if _NO_SERVICES.exists():
        yield
        return
    _NO_SERVICES.write_text("#!/bin/sh\nexit 101\n")
    _NO_SERVICES.chmod(0o755)
    try:
        yield
    finally:
        _NO_SERVICES.unlink(missing_ok=True)


def _why_no_namespace() -> str | None:
    """Try what a container without the needed privileges may not do."""
    trial = ["unshare", "--net", "--uts", "ip", "link", "set", "lo", "up"]
    done = subprocess.run(
        trial, capture_output=True, text=True, env=program_environment(), timeout=10, check=False
    )
    if done.returncode == 0:
        return None
    return f"The test-bed cannot make network namespaces here: {done.stderr.strip()}"


def _is_static(program: Path) -> bool:
    """Return whether a 64-bit ELF program needs no interpreter, hence no files beside it."""
    data = program.read_bytes()
    (start,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    kinds = [struct.unpack_from("<I", data, start + size * i)[0] for i in range(count)]
    return _ELF_INTERPRETER not in kinds
