"""How long texts, lists and numbers may be that another machine sends.

A decoder checks them; code that makes a record is not checked. Numbers are finite: no comparison
lets NaN pass.
"""

from typing import Annotated

from msgspec import Meta

from berth.domain.ids import ContainerId

# Python's ``$`` alone lets a line break pass at the end; the description's readers know no ``\Z``.
_END = r"$(?!\n)"
#: What a line of a log stays one line with.
_ONE_LINE = rf"^[^\x00-\x1f\x7f]*{_END}"

#: A short word, a version, an id that its sender chose.
Word = Annotated[str, Meta(max_length=256, pattern=_ONE_LINE)]
#: A name: of a container, an image, an interface.
Name = Annotated[str, Meta(max_length=1024, pattern=_ONE_LINE)]
#: Words for people; engines write several lines.
Text = Annotated[str, Meta(max_length=4096, pattern=rf"^[^\x00]*{_END}")]
#: An address or the name of a host, "" for none; rules read what looks like an address.
Address = Annotated[str, Meta(max_length=253, pattern=rf"^[0-9A-Za-z.:_-]*{_END}")]

#: Ids of engines.
EngineId = Annotated[ContainerId, Meta(pattern=rf"^[0-9a-f]{{64}}{_END}")]
EngineIdOrNone = Annotated[str, Meta(pattern=rf"^(?:[0-9a-f]{{64}})?{_END}")]
ImageId = Annotated[str, Meta(pattern=rf"^(?:sha256:)?[0-9a-f]{{64}}{_END}")]

Port = Annotated[int, Meta(ge=0, le=65_535)]
#: What is counted: also bytes, and the numbers of reports and revisions.
Count = Annotated[int, Meta(ge=0, le=2**60)]
#: What a process returns.
ExitCode = Annotated[int, Meta(ge=-(2**31), le=2**32)]
#: A measurement.
Amount = Annotated[float, Meta(ge=0, le=1e18)]
#: Unix seconds.
Time = Annotated[float, Meta(ge=0, le=1e11)]

#: Labels of a container or an image.
Labels = Annotated[dict[Name, Text], Meta(max_length=512)]
