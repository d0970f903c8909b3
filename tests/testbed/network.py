"""The wires of a bed: one bridge, and for each host a namespace with a link to it."""

from __future__ import annotations

import ipaddress
import json
import re
from pathlib import Path

from .command import BedError, run_command

#: The addresses of all beds of a machine, each of which has a part of its own.
ALL_BEDS = "10.213.0.0/16"
_FIRST_HOST = 10
_LAST_HOST = 250


class Network:
    """The names and addresses of one bed, all derived from its id and its subnet's number."""

    def __init__(self, bed_id: str, subnet: int) -> None:
        self.bed_id = bed_id
        self.bridge = f"bt{bed_id}"
        self.subnet = f"10.213.{subnet}.0/24"
        self.gateway_ip = f"10.213.{subnet}.1"
        self._subnet_number = subnet

    def namespace(self, host: str) -> str:
        """Return the name of a host's network namespace."""
        return f"berth-{self.bed_id}-{host}"

    def link(self, host: str) -> str:
        """Return the name of the root namespace's end of a host's link."""
        return f"{self.bridge}{host}"

    def ip(self, number: int) -> str:
        """Return the address of the host with this number, counted from 1."""
        if not 1 <= number <= _LAST_HOST - _FIRST_HOST:
            raise BedError(f"A bed has at most {_LAST_HOST - _FIRST_HOST} hosts.")
        return f"10.213.{self._subnet_number}.{_FIRST_HOST + number}"

    def make_bridge(self) -> None:
        """Make the bridge and let traffic over it through the machine's packet filter."""
        # A fixed address: else each new link may change it and hosts talk to the old one.
        mac = f"02:b7:{self.bed_id[:2]}:{self.bed_id[2:]}:00:01"
        _ip(
            f"link add name {self.bridge} address {mac} type bridge forward_delay 0",
            f"address add {self.gateway_ip}/24 dev {self.bridge}",
            f"link set {self.bridge} up",
        )
        for rule in self._rules():
            run_command(["iptables", "--wait", "10", "-I", *rule])

    def make_host(self, host: str, number: int) -> None:
        """Make a host's namespace and connect it."""
        namespace, link = self.namespace(host), self.link(host)
        _ip(
            f"netns add {namespace}",
            f"link add {link} type veth peer name eth0 netns {namespace}",
            f"link set {link} master {self.bridge} up",
        )
        _ip(
            "link set lo up",
            f"address add {self.ip(number)}/24 dev eth0",
            "link set eth0 up",
            f"route add default via {self.gateway_ip}",
            namespace=namespace,
        )

    def set_link(self, host: str, *, up: bool) -> None:
        """Pull or plug a host's cable."""
        _ip(f"link set {self.link(host)} {'up' if up else 'down'}")

    def remove(self) -> None:
        """Remove whatever exists of the bed's network; safe to repeat."""
        for name in self.links():
            if name != self.bridge:
                run_command(["ip", "link", "delete", name])
        for name in self.namespaces():
            run_command(["ip", "netns", "delete", name])
        if self.bridge in self.links():
            run_command(["ip", "link", "delete", self.bridge])
        for rule in self.rules():
            run_command(["iptables", "--wait", "10", "-D", *rule])

    def links(self) -> list[str]:
        """Return the bed's devices in the root namespace."""
        mine = re.compile(rf"{self.bridge}(h\d+)?")
        names = [str(link["ifname"]) for link in json.loads(run_command(["ip", "-j", "link"]))]
        return [name for name in names if mine.fullmatch(name)]

    def namespaces(self) -> list[str]:
        """Return the bed's network namespaces."""
        return sorted(path.name for path in Path("/run/netns").glob(f"berth-{self.bed_id}-*"))

    def rules(self) -> list[list[str]]:
        """Return the bed's rules that the machine's packet filter has."""
        listed = run_command(["iptables", "--wait", "10", "-S"]).splitlines()
        return [rule for rule in self._rules() if f"-A {' '.join(rule)}" in listed]

    def _rules(self) -> list[list[str]]:
        """Return what makes the bridge independent of the machine's policy.

        An engine that ran in the root namespace leaves FORWARD at DROP, which hits bridges too, and
        a machine that forwards without such a policy would connect this bed to others. Rules of
        the bed's own say what holds for this bridge alone, as `iptables -S` writes them, and two
        beds need not agree on who restores a policy.
        """
        return [
            ["FORWARD", "-i", self.bridge, "-o", self.bridge, "-j", "ACCEPT"],
            ["FORWARD", "-d", ALL_BEDS, "-i", self.bridge, "!", "-o", self.bridge, "-j", "DROP"],
            ["INPUT", "-i", self.bridge, "-j", "ACCEPT"],
        ]


def free_subnet(taken: set[int]) -> int:
    """Return the number of a subnet that neither a bed nor this machine uses."""
    routes = json.loads(run_command(["ip", "-j", "-4", "route", "show", "table", "all"]))
    used = [
        ipaddress.ip_network(route["dst"], strict=False)
        for route in routes
        if route["dst"] not in ("default", "0.0.0.0/0")
    ]
    for number in range(256):
        wanted = ipaddress.ip_network(f"10.213.{number}.0/24")
        if number not in taken and not any(wanted.overlaps(other) for other in used):
            return number
    raise BedError(f"All of {ALL_BEDS} is in use. Remove beds with `script/testbed down`.")


def _ip(*lines: str, namespace: str | None = None) -> None:
    """Run lines of `ip` in one go, in the root namespace or another."""
    where = ["-n", namespace] if namespace else []
    run_command(["ip", *where, "-batch", "-"], stdin="\n".join(lines) + "\n")
