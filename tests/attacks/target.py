"""A manager in a process of its own, and a user of it who goes on asking."""

import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil

from attacks.attackers import trusting_context
from berth.api.connections.limits import Limits

#: As by default, but for times: nobody waits ten seconds for an attack to end.
QUICK = Limits(handshake_s=1.0, head_s=1.0, opening_s=1.0, stall_s=2.0, close_s=0.2, grace_s=0.5)

PASSWORD = "correct horse"

#: Users come from another address than those who attack.
USERS_ADDRESS = "127.0.0.2"

_LAG = re.compile(r"^berth_loop_lag_seconds (\S+)$", re.MULTILINE)


class Target:
    """A manager that is attacked."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.url = url
        self.port = int(url.rpartition(":")[2])
        self._process = psutil.Process(process.pid)

    async def suffer(self, attack: str) -> None:
        """Wait until an attack is over."""
        script = str(Path(__file__).parent / "attackers.py")
        attacking = await asyncio.create_subprocess_exec(
            sys.executable, script, attack, str(self.port)
        )
        assert await attacking.wait() == 0

    def resident_bytes(self) -> int:
        return int(self._process.memory_info().rss)

    def open_files(self) -> int:
        return int(self._process.num_fds())


@contextlib.contextmanager
def running_target(folder: Path) -> Iterator[Target]:
    """Run a manager over TLS until the end."""
    limits = msgspec.json.encode(QUICK).decode()
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "manager_child.py"), str(folder), limits],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"BERTH_ADMIN_PASSWORD": PASSWORD},
    )
    try:
        assert process.stdout is not None
        yield Target(process, process.stdout.readline().strip())
    finally:
        process.kill()
        process.communicate()


class User:
    """Somebody who is logged in, asks again and again, and notes how that went."""

    def __init__(self, target: Target) -> None:
        self._port = target.port
        self._token = ""
        self.asked = 0
        self.slowest_s = 0.0
        self.largest_lag_s = 0.0

    async def log_in(self) -> None:
        """Get a bearer token."""
        login = json.dumps({"username": "admin", "password": PASSWORD})
        session = json.loads(await self._ask("POST", "/api/auth", body=login))["token"]
        answer = await self._ask("GET", "/api/token", credential=f"Session {session}")
        self._token = f"Bearer {json.loads(answer)['token']}"

    async def go_on_asking(self) -> None:
        """Ask for ever, over a connection that is new each time."""
        loop = asyncio.get_running_loop()
        while True:
            begun = loop.time()
            await self._ask("GET", "/api/hosts/", credential=self._token)
            self.slowest_s = max(self.slowest_s, loop.time() - begun)
            found = _LAG.search(await self._ask("GET", "/metrics", credential=self._token))
            assert found is not None
            self.largest_lag_s = max(self.largest_lag_s, float(found[1]))
            self.asked += 1
            await asyncio.sleep(0.05)

    async def _ask(self, method: str, path: str, **members: str) -> str:
        """Return the body of an answer; somebody who is refused tries again, as browsers do."""
        async with asyncio.timeout(10):
            while True:
                with contextlib.suppress(ConnectionError):
                    return await self._ask_once(method, path, **members)
                await asyncio.sleep(0.1)

    async def _ask_once(
        self, method: str, path: str, *, credential: str = "", body: str = ""
    ) -> str:
        """Return the body of an answer that must be a success."""
        request = (
            f"{method} {path} HTTP/1.0\r\nHost: berth\r\nAuthorization: {credential}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        )
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self._port, ssl=trusting_context(), local_addr=(USERS_ADDRESS, 0)
        )
        try:
            writer.write(request.encode())
            head, _, content = (await reader.read()).decode().partition("\r\n\r\n")
        finally:
            writer.transport.abort()
        assert " 200 " in head.partition("\r\n")[0], head
        return content
