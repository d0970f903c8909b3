"""What the main process of a simulated container does."""

import re
from typing import Literal

import msgspec

from berth.domain.spec import ContainerSpec

Stream = Literal["stdout", "stderr"]


class Behaviour(msgspec.Struct, frozen=True, kw_only=True):
    """What a container does once it is started; by default it runs until it is asked to stop."""

    #: It ends at once with this code; None lets it run.
    exit_code: int | None = None
    #: It does not heed its stop signal, only a kill.
    ignores_stop: bool = False
    #: Starting it is refused with these words.
    refused: str = ""
    #: Lines it writes at each start.
    output: tuple[tuple[Stream, str], ...] = ()
    #: Exit code of scripts that are run inside; None lets them run on.
    script_exit: int | None = 0
    #: The image has a check of its own, which the engine carries out.
    has_check: bool = False


_TRAP_NOTHING = re.compile(r"""trap\s+(''|"")\s+.*\bTERM\b""")
_ECHO = re.compile(r"echo\s+(?P<text>.*?)\s*(?P<err>(1?>&2)?)$")
_EXIT = re.compile(r"exit\s+(?P<code>\d+)$")


def read_behaviour(spec: ContainerSpec, image: Behaviour) -> Behaviour:
    """Follow the few commands that tests use; any other runs until it is asked to stop.

    Without a command it is the image's behaviour. Unlike a real one, ``sleep`` heeds its stop
    signal, so that tests which are not about it are quick.
    """
    words = (*(spec.entrypoint or ()), *(spec.command or ()))
    if not words:
        return image
    if words[0].startswith("/no/"):
        return Behaviour(refused=f'exec: "{words[0]}": stat {words[0]}: no such file or directory')
    if words[0] in ("true", "false"):
        return Behaviour(exit_code=int(words[0] == "false"))
    if words[0] == "echo":
        return Behaviour(exit_code=0, output=(("stdout", " ".join(words[1:])),))
    if words[:2] == ("sh", "-c") and len(words) > 2:
        return _read_script(words[2])
    return Behaviour()


def _read_script(script: str) -> Behaviour:
    ignores_stop = False
    output: list[tuple[Stream, str]] = []
    exit_code: int | None = 0
    for statement in (part.strip() for part in script.split(";")):
        if _TRAP_NOTHING.match(statement):
            ignores_stop = True
        elif echo := _ECHO.match(statement):
            stream: Stream = "stderr" if echo["err"] else "stdout"
            output.append((stream, echo["text"].strip("'\"")))
        elif end := _EXIT.match(statement):
            exit_code = int(end["code"])
            break
        elif statement and statement not in ("true", ":") and not statement.startswith("trap"):
            exit_code = None
            break
    return Behaviour(exit_code=exit_code, ignores_stop=ignores_stop, output=tuple(output))
