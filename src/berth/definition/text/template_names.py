"""Which braces of a text begin a template function, and which are literal."""

import re

from berth.definition.text.near_words import NearWords

FUNCTIONS = (
    "api_token", "proxy", "sd_deployment_containers_path", "kv_get", "hostip_for_interface", "env",
)  # fmt: skip

#: What stands for a value of the place where the container runs.
PLATFORM = (
    ".ServiceID", ".DeploymentID", ".DeploymentName", ".PoolID", ".ServiceSlot", ".ContainerName",
    ".HostID", ".Hostname", ".HostIP", ".HostIPs",
)  # fmt: skip

#: Values that Docker's own services know, and the value here that is the same; "" has none.
DOCKER = {
    ".Service.ID": ".ServiceID", ".Service.Name": ".ServiceID",
    ".Node.ID": ".HostID", ".Node.Hostname": ".Hostname",
    ".Task.ID": "", ".Task.Name": ".ContainerName", ".Task.Slot": "",
}  # fmt: skip

#: Functions of the old system, or that texts for it rely on.
_FORMER = (".ContainerID", "first_or_sleep", "host_port")

_NAMES = (*FUNCTIONS, *PLATFORM, *DOCKER, *_FORMER)
#: Values of Docker's without a counterpart begin like this, too.
_GROUPS = (".Service.", ".Node.", ".Task.")
_WORD = re.compile(r"\{\{\s{0,16}(\.?[A-Za-z_][\w.-]{0,60})")
_QUOTED = re.compile(r'\{\{\s{0,16}"(?:[^"\\]|\\.){0,1000}"\s{0,16}\}\}', re.DOTALL)
#: Every word is near to a name of few letters.
_NEAR = NearWords(name for name in _NAMES if len(name) > 4)


def is_template(text: str, start: int = 0) -> bool:
    """Whether the braces at this place begin a template function of Berth, or of Docker's services.

    Others are meant for some other program, and are passed on as they are. A name that is off by
    a letter counts as one: passing it on would hide the slip.
    """
    match = _WORD.match(text, start)
    if match is None:
        return _QUOTED.match(text, start) is not None
    name = match[1]
    return name in _NAMES or name.startswith(_GROUPS) or _NEAR.find(name) is not None


def find_near(name: str) -> str | None:
    """Find the name that was probably meant."""
    return _NEAR.find(name)


def has_template(text: str) -> bool:
    """Whether the text holds a template function."""
    start = text.find("{{")
    while start >= 0:
        if is_template(text, start):
            return True
        start = text.find("{{", start + 1)
    return False
