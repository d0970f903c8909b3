"""Editing a text gives exactly the services wanted, and keeps what was not changed."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from berth.definition import parse_definition, render_yaml
from berth.definition.writing.edits import edit_parsed
from berth.domain.spec import ServiceSpec
from properties.any_services import stacks

_larger = settings(
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    deadline=None,
    max_examples=60,
)


def with_comments(text: str) -> str:
    """Put a comment above each service and blank lines between them."""
    lines = []
    for line in text.split("\n"):
        if line.startswith("  ") and line[2:3].isalpha():
            lines += ["", f"  # about {line.strip()}"]
        lines.append(line)
    return "\n".join(["# the stack", *lines, "# the end", ""])


@_larger
@given(stacks(), stacks(), st.sampled_from(["\n", "\r\n"]))
def test_an_edited_text_says_what_is_wanted(
    old: tuple[ServiceSpec, ...], new: tuple[ServiceSpec, ...], newline: str
) -> None:
    text = with_comments(render_yaml(old)).replace("\n", newline)
    before = parse_definition(text).services
    assert edit_parsed(text, before)[0] == text
    assert parse_definition(edit_parsed(text, new)[0]).services == new
