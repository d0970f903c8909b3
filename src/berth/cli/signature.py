"""Commands from functions: the signature of a verb says which words it takes."""

import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass, is_dataclass
from typing import Annotated, Any, get_args, get_origin

import click

#: Ends a command with an exit code.
Stop = click.exceptions.Exit


@dataclass(frozen=True, init=False)
class LineWord:
    """What is said of a parameter beside its type, in an ``Annotated``."""

    names: tuple[str, ...]
    help: str
    metavar: str | None
    min: int | None
    max: int | None

    def __init__(
        self,
        *names: str,
        help: str = "",  # noqa: A002  as click calls it
        metavar: str | None = None,
        min: int | None = None,  # noqa: A002
        max: int | None = None,  # noqa: A002
    ) -> None:
        for member, value in (
            ("names", names), ("help", help), ("metavar", metavar), ("min", min), ("max", max),
        ):  # fmt: skip
            object.__setattr__(self, member, value)


class Option(LineWord):
    """A parameter that is named in the line; its own name serves where none is said."""


class Argument(LineWord):
    """A parameter that stands in the line by its place."""


class Verbs(click.Group):
    """The verbs of a noun."""

    def verb(self, name: str, *, text: str = "") -> Callable[[Callable[..., Any]], Any]:
        """Add a function as a verb; its docstring is the help, unless a text is."""

        def add(function: Callable[..., Any]) -> Callable[..., Any]:
            self.add_command(command_of(name, function, text=text))
            return function

        return add


def command_of(name: str, function: Callable[..., Any], *, text: str = "") -> click.Command:
    """Make a command of a function whose first parameter is the context.

    A parameter of a dataclass stands for words that belong together: one for each of its fields.
    """
    signature = inspect.signature(function, eval_str=True)
    _, *parameters = signature.parameters.values()
    together: dict[str, tuple[Any, list[inspect.Parameter]]] = {
        each.name: (each.annotation, _fields_of(each.annotation))
        for each in parameters
        if is_dataclass(each.annotation)
    }

    def call(**words: Any) -> Any:
        for record, (kind, fields) in together.items():
            words[record] = kind(**{field.name: words.pop(field.name) for field in fields})
        return function(click.get_current_context(), **words)

    flat = [
        field
        for each in parameters
        for field in (together[each.name][1] if each.name in together else [each])
    ]
    return click.Command(
        name,
        callback=call,
        params=[_parameter(each) for each in flat],
        help=text or inspect.getdoc(function),
    )


def _fields_of(kind: Any) -> list[inspect.Parameter]:
    return list(inspect.signature(kind, eval_str=True).parameters.values())


def _parameter(parameter: inspect.Parameter) -> click.Parameter:
    """Make a parameter of the command line from one of a function."""
    kind, word = parameter.annotation, Argument()
    if get_origin(kind) is Annotated:
        kind, word = get_args(kind)
    if isinstance(kind, types.UnionType):
        kind = next(each for each in get_args(kind) if each is not type(None))
    several = get_origin(kind) is list
    item = get_args(kind)[0] if several else kind
    required = parameter.default is parameter.empty
    default = {} if required else {"default": parameter.default}
    if isinstance(word, Option):
        names = word.names or (f"--{parameter.name.replace('_', '-')}",)
        return click.Option(
            [*names, parameter.name],
            type=_type_of(item, word),
            is_flag=item is bool,
            multiple=several,
            required=required,
            help=word.help,
            metavar=word.metavar,
            **default,
        )
    return HelpfulArgument(
        [parameter.name],
        type=_type_of(item, word),
        nargs=-1 if several else 1,
        required=required,
        metavar=word.metavar,
        text=word.help,
        **default,
    )


class HelpfulArgument(click.Argument):
    """An argument that stands in the help with what it means."""

    def __init__(self, names: list[str], *, text: str, **attributes: Any) -> None:
        super().__init__(names, **attributes)
        self._text = text

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:  # type: ignore[override]
        """Return name and meaning; none where there is nothing to say."""
        return (self.make_metavar(ctx), self._text) if self._text else None


def _type_of(kind: type, word: LineWord) -> Any:
    if word.min is not None or word.max is not None:
        return click.IntRange(word.min, word.max)
    return None if kind is bool else kind
