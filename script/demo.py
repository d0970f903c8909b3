"""What script/up and script/down need of Python: the engine's API, the demo's images and stack.

Standard library only. Exit code 0 is yes or done, 1 is no or failed.
"""

import argparse
import http.client
import io
import json
import os
import signal
import socket
import ssl
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

DEPLOYMENT = "demo"
PAGE = "<h1>It works</h1><p>Berth keeps this page running.</p>\n"
STACK = """\
version: 2
services:
  web:
    image: 'berth-demo/web:1'
    environment:
      - 'occs:description=A page'
      - OCCS_PULL_ON_CREATE=false
    ports:
      - 80/tcp
  ticker:
    image: 'berth-demo/ticker:1'
    environment:
      - 'occs:description=A line a minute'
      - OCCS_PULL_ON_CREATE=false
"""
#: BusyBox programs that the images offer.
APPLETS = ("sh", "httpd", "sleep", "date", "ls", "cat", "ps", "wget", "nc", "echo")
IMAGES = {
    # Not httpd itself: a first process without a handler does not heed the request to stop.
    "web": (
        "/bin/sh",
        "-c",
        "trap 'exit 0' TERM; httpd -p 80 -h /www; while :; do sleep 60 & wait $!; done",
    ),
    "ticker": (
        "/bin/sh",
        "-c",
        "trap 'exit 0' TERM; while :; do date; sleep 60 & wait $!; done",
    ),
}
LABEL = "berth.instance"


class UnixConnection(http.client.HTTPConnection):
    """HTTP over the engine's unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def ask_engine(
    engine: str, method: str, *, path: str, body: bytes | None = None
) -> tuple[int, bytes]:
    """Send one request to the engine; raises OSError when nothing answers."""
    connection = UnixConnection(engine.removeprefix("unix://"))
    try:
        connection.request(method, path, body, {"Content-Type": "application/x-tar"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait until the condition holds; at least one look."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() >= end:
            return False
        time.sleep(0.1)
    return True


def is_engine_up(engine: str) -> bool:
    """Return whether an engine answers."""
    try:
        return ask_engine(engine, "GET", path="/_ping")[0] == 200
    except OSError:
        return False


def make_image(engine: str, name: str, *, command: tuple[str, ...]) -> None:
    """Import a root file system of BusyBox as an image, unless the engine has it."""
    reference = f"berth-demo/{name}"
    if ask_engine(engine, "GET", path=f"/images/{reference}:1/json")[0] == 200:
        return
    change = f"CMD%20{_quote(json.dumps(list(command)))}"
    path = f"/images/create?fromSrc=-&repo={reference}&tag=1&changes={change}"
    status, answer = ask_engine(engine, "POST", path=path, body=_root_file_system())
    if status != 200 or b'"error"' in answer:
        raise SystemExit(f"the image {reference}:1 could not be made: {answer.decode()[:300]}")
    print(f"made image {reference}:1", file=sys.stderr)


def _quote(text: str) -> str:
    return "".join(c if c.isalnum() else f"%{ord(c):02X}" for c in text)


def _root_file_system() -> bytes:
    busybox = next(p for p in (Path("/bin/busybox"), Path("/usr/bin/busybox")) if p.exists())
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        program = tarfile.TarInfo("bin/busybox")
        program.mode = 0o755
        program.size = busybox.stat().st_size
        with busybox.open("rb") as content:
            tar.addfile(program, content)
        for applet in APPLETS:
            link = tarfile.TarInfo(f"bin/{applet}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
        page = tarfile.TarInfo("www/index.html")
        page.size = len(PAGE)
        tar.addfile(page, io.BytesIO(PAGE.encode()))
    return archive.getvalue()


class Api:
    """Berth's API, over TLS pinned to the instance's own certificate authority."""

    def __init__(self, listen: str, data: Path) -> None:
        self._host, _, port = listen.rpartition(":")
        self._host = "127.0.0.1" if self._host in ("", "0.0.0.0") else self._host
        self._port = int(port)
        self._ca = data / "tls" / "ca.pem"
        self.token = ""

    @property
    def url(self) -> str:
        return f"https://{self._host}:{self._port}"

    def ask(self, method: str, path: str, *, body: Any = None, scheme: str = "Bearer") -> Any:
        """Send one request and give the JSON of its answer; raises OSError, RuntimeError."""
        context = ssl.create_default_context(cafile=str(self._ca))
        context.check_hostname = False
        connection = http.client.HTTPSConnection(
            self._host, self._port, timeout=30, context=context
        )
        headers = {"Authorization": f"{scheme} {self.token}"} if self.token else {}
        try:
            connection.request(
                method, path, json.dumps(body) if body is not None else None, headers
            )
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path} answered {answer.status}: {text}")
        return json.loads(text)

    def ready(self) -> bool:
        """Return whether the manager serves."""
        try:
            self.ask("GET", "/readyz")
        except (OSError, RuntimeError, http.client.HTTPException):
            return False
        return True

    def log_in(self, password: str) -> None:
        """Get the bearer token."""
        answer = self.ask("POST", "/api/auth", body={"username": "admin", "password": password})
        self.token = answer["token"]
        self.token = self.ask("GET", "/api/token", scheme="Session")["token"]


def deploy(listen: str, data: Path, *, pid_file: Path) -> None:
    """Wait for Berth, deploy the demo if it is not there, wait until it runs, and say how to go on."""
    api = Api(listen, data)
    if not wait_for(lambda: api.ready() or not is_alive(pid_file), 60) or not api.ready():
        raise SystemExit("Berth did not start:")
    kept = data / "admin-password"
    password = os.environ.get("BERTH_ADMIN_PASSWORD") or kept.read_text().strip()
    try:
        api.log_in(password)
    except RuntimeError:
        print(f"Berth serves at {api.url}; its password was changed, so the demo is left alone")
        return
    known = {d["deployment_id"] for d in api.ask("GET", "/api/v2/deployments/")["deployments"]}
    if DEPLOYMENT not in known:
        body = {
            "deployment_id": DEPLOYMENT,
            "deployment_name": "Demo",
            "quantities": {"web": 2, "ticker": 1},
            "stack": {"content": STACK, "service_name": "Demo", "subtype": "stack"},
        }
        api.ask("POST", "/api/v2/deployments/", body=body)
    if not wait_for(lambda: _is_settled(api), 90):
        rows = api.ask("GET", f"/api/v2/deployments/{DEPLOYMENT}/containers/")["containers"]
        said = [f"{row['container_name']}: {row['state']} {row['message']}" for row in rows]
        raise SystemExit("\n".join(["the demo does not run:", *said]))
    _say_how_to_go_on(api, kept if kept.exists() else None, password=password)


def _is_settled(api: Api) -> bool:
    demo = api.ask("GET", f"/api/v2/deployments/{DEPLOYMENT}")["deployment"]
    return bool(demo["current_state"] == demo["desired_state"])


def _say_how_to_go_on(api: Api, kept: Path | None, *, password: str) -> None:
    shown = password if kept is not None else "(the one in BERTH_ADMIN_PASSWORD)"
    print(f"""
console:    {api.url}
login:      admin / {shown}
the demo:   a stack of two services, three containers

curl -sk -H 'Authorization: Bearer {api.token}' {api.url}/api/v2/deployments/{DEPLOYMENT}/containers/
""")


def remove(engine: str, data: Path) -> None:
    """Remove the containers of this instance and the demo's images."""
    for container_id in _containers_of(engine, data):
        ask_engine(engine, "DELETE", path=f"/containers/{container_id}?force=true&v=true")
    for name in IMAGES:
        ask_engine(engine, "DELETE", path=f"/images/berth-demo/{name}:1")


def _containers_of(engine: str, data: Path) -> list[str]:
    identity = data / "agent" / "identity.json"
    if not identity.exists():
        return []
    instance = json.loads(identity.read_text())["instance_id"]
    filters = _quote(json.dumps({"label": [f"{LABEL}={instance}"]}))
    status, answer = ask_engine(engine, "GET", path=f"/containers/json?all=true&filters={filters}")
    return [c["Id"] for c in json.loads(answer)] if status == 200 else []


def is_alive(pid_file: Path) -> bool:
    """Return whether the process of a pid file lives and is one of ours."""
    try:
        pid = int(pid_file.read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return False
    return b"berth" in command or b"dockerd" in command


def stop(pid_file: Path) -> None:
    """End the process of a pid file, if it lives, and wait for it."""
    if is_alive(pid_file):
        pid = int(pid_file.read_text())
        os.kill(pid, signal.SIGTERM)
        if not wait_for(lambda: not is_alive(pid_file), 20):
            os.kill(pid, signal.SIGKILL)
    pid_file.unlink(missing_ok=True)


def main() -> int:
    """Run one command of script/up or script/down."""
    parser = argparse.ArgumentParser()
    parser.add_argument("command")
    parser.add_argument("subject", nargs="?", default="")
    parser.add_argument("--wait", type=float, default=0)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--listen", default="")
    parser.add_argument("--pid", type=Path)
    options = parser.parse_args()
    match options.command:
        case "engine":
            return 0 if wait_for(lambda: is_engine_up(options.subject), options.wait) else 1
        case "images":
            for name, command in IMAGES.items():
                make_image(options.subject, name, command=command)
        case "deploy":
            deploy(options.listen, options.data, pid_file=options.pid)
        case "remove":
            remove(options.subject, options.data)
        case "process":
            return 0 if is_alive(Path(options.subject)) else 1
        case "stop":
            stop(Path(options.subject))
    return 0


if __name__ == "__main__":
    sys.exit(main())
