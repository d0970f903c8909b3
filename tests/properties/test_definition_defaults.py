"""Writing defaults into a text never changes what its services are."""

from hypothesis import given
from hypothesis import strategies as st

from berth.definition import parse_definition, render_with_defaults
from berth.domain.errors import DefinitionInvalid

_entries = st.lists(
    st.sampled_from(
        [
            "A=1",
            "B=x # y",
            "occs:availability=per-host",
            "OCCS:scheduler=cpu",
            "constraint:tag==ssd",
            "T={{api_token}}",
        ]
    ),
    unique=True,
    max_size=4,
)


@st.composite
def environments(draw: st.DrawFn) -> str:
    """Build the key ``environment`` in one of the ways to write it."""
    entries = draw(_entries)
    pairs = [entry.split("=", 1) for entry in entries]
    return draw(
        st.sampled_from(
            [
                "",
                "    environment: # nothing\n",
                "    environment: ~\n",
                f"    environment: {entries}\n",
                "    environment: {"
                + ", ".join(f"'{name}': '{value}'" for name, value in pairs)
                + "}\n",
                "    environment: # some\n    # own line\n"
                + "".join(f"    - '{entry}'\n" for entry in entries),
                "    environment:\n" + "".join(f"      - '{entry}'  # why\n" for entry in entries),
                "    environment: &e\n" + "".join(f"      - '{entry}'\n" for entry in entries),
                "    environment:\n"
                + "".join(f"        '{name}': '{value}'\n" for name, value in pairs),
            ]
        )
    )


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Build a stack of up to three services, laid out in many ways."""
    parts = ["# a stack\n", "services:\n"]
    for number in range(draw(st.integers(1, 3))):
        keys = ["    image: 'nginx' # it\n", draw(environments()), "    user: a\n"]
        parts += [f"  web{number}:\n", *draw(st.permutations(keys))]
    ending = draw(st.sampled_from(["", "\n", "\n# end\n", "...\n"]))
    text = "".join(parts).replace("&e", "&e0") + ending
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))


@given(texts())
def test_defaults_keep_the_services_and_every_line_of_the_text(text: str) -> None:
    rendered = render_with_defaults(text)
    assert parse_definition(rendered).services == parse_definition(text).services
    left = iter(rendered.splitlines())
    assert all(any(_is_or_grew_from(found, line) for found in left) for line in text.splitlines())


def _is_or_grew_from(found: str, line: str) -> bool:
    """Return whether a line is the old one, with or without entries behind an opening bracket."""
    opening = min((line.find(mark) for mark in "[{" if mark in line), default=-1) + 1
    return found == line or (
        opening > 0 and found.startswith(line[:opening]) and found.endswith(line[opening:])
    )


@given(texts())
def test_defaults_are_written_once(text: str) -> None:
    rendered = render_with_defaults(text)
    assert render_with_defaults(rendered) == rendered


@given(
    st.text(max_size=120)
    | texts().flatmap(
        lambda text: st.integers(0, len(text)).map(lambda cut: text[:cut] + text[cut + 3 :])
    )
)
def test_rendering_never_raises_and_never_makes_a_valid_text_invalid(text: str) -> None:
    rendered = render_with_defaults(text)
    try:
        expected = parse_definition(text).services
    except DefinitionInvalid:
        assert rendered == text
    else:
        assert parse_definition(rendered).services == expected
