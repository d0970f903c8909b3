"""The keys that follow from what runs: one for each published port of each running container."""

import ipaddress
from collections.abc import Mapping

from berth.domain.bindings import ALL_ADDRESSES, reached_at
from berth.domain.discovery_records import containers_path
from berth.domain.fleet import Fleet
from berth.domain.ids import HostId
from berth.domain.observed import ContainerReport, HostFacts, PortBinding
from berth.domain.records import Assignment
from berth.domain.states import Attempt, HostState

#: Ports of one container that have keys; the lowest ones where there are more.
MAX_ENDPOINTS = 64


def derive_keys(fleet: Fleet, assignment: Assignment) -> Mapping[str, bytes] | None:
    """Return the keys of an assignment's container; none while there is no evidence about it.

    Without evidence what is known stays: a manager that has just started must not empty the
    store. A host that is silent past its time to live is evidence that nothing is reached there.
    """
    if assignment.host_id not in fleet.hosts:
        return {}
    state = fleet.status_of(assignment.host_id).state
    if state is HostState.INACTIVE:
        return {}
    report = fleet.report_of(assignment.id)
    if report is None:
        return None if state is HostState.UNKNOWN else {}
    if report.state is not Attempt.RUNNING:
        return {}
    return _keys_of(assignment, report, address=host_address(fleet, assignment.host_id))


def endpoints_told(fleet: Fleet, assignment: Assignment) -> bool:
    """Return whether everyone who looks finds where an assignment's container is reached."""
    report = fleet.report_of(assignment.id)
    if report is None or not report.ports:
        return True
    wanted = derive_keys(fleet, assignment) or {}
    return all(
        (known := fleet.keys.get(name)) is not None and known.value == value
        for name, value in wanted.items()
    )


def host_address(fleet: Fleet, host_id: HostId) -> str:
    """Return the address at which a host's ports are reached; "" when it is not known yet."""
    facts = fleet.status_of(host_id).facts
    host = fleet.hosts.get(host_id)
    return (facts.address if facts else "") or (host.address if host else "")


def pack_addresses(facts: HostFacts | None, *, address: str, public: str) -> str:
    """Write a host's addresses in one text: its own, its bridge's, others, the public one last.

    Nobody else reaches the loopback, so it is left out; scripts take the first for the host's own.
    """
    known = dict(facts.interfaces) if facts else {}
    bridge = facts.bridge_address if facts else ""
    ordered = sorted(known.items(), key=lambda pair: (pair[1] != address, pair[1] != bridge))
    items = [
        f"{name}: {ip}" for name, ip in ordered if name != "public_ip" and not _is_loopback(ip)
    ]
    if public:
        items.append(f"public_ip: {public}")
    return ", ".join(items)


def _keys_of(assignment: Assignment, report: ContainerReport, *, address: str) -> dict[str, bytes]:
    published = {port.container for port in assignment.spec.ports}
    chosen: dict[int, str] = {}
    for binding in sorted(report.ports, key=_preference):
        if binding.container not in published:
            continue
        ip = reached_at(binding, address) if _leaves_host(binding) else ""
        if ip:
            shown = f"[{ip}]" if ":" in ip else ip
            chosen.setdefault(binding.container, f"{shown}:{binding.host}")
    keys: dict[str, bytes] = {}
    for port, endpoint in sorted(chosen.items())[:MAX_ENDPOINTS]:
        path = containers_path(assignment.service, assignment.deployment_id, port=port)
        keys[f"{path}/{report.container_id}"] = endpoint.encode()
    return keys


def _preference(binding: PortBinding) -> tuple[bool, bool, int, str]:
    """Order bindings of one container port: tcp first, then all addresses, then low ports."""
    return binding.protocol != "tcp", binding.ip not in ALL_ADDRESSES, binding.host, binding.ip


def _leaves_host(binding: PortBinding) -> bool:
    """Return whether others than the host itself reach the binding."""
    return binding.ip in ALL_ADDRESSES or not _is_loopback(binding.ip)


def _is_loopback(address: str) -> bool:
    """Return whether only the host itself reaches an address; one that cannot be read counts so."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return True
