"""Scripts that complete words in a shell: the words stand in them, names are asked for."""

from collections.abc import Mapping

from berth.cli.menu import NOUNS, PROGRAMS, WORDS, load
from berth.cli.names import NAMES

#: Words of their own that take names, with the noun whose names these are.
NAMED_WORDS: Mapping[str, str] = {
    "why": "deployments",
    "logs": "deployments",
    "exec": "containers",
    "wait": "deployments",
}

OPTIONS = ("--context", "--json", "--field", "--quiet", "--wide", "--yes", "--timeout", "--help")


def verbs_of(noun: str) -> list[str]:
    """Return the verbs of a noun."""
    return list(load(noun).commands)


def render(shell: str) -> str:
    """Write the script of a shell."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]()


def _bash() -> str:
    words = " ".join([*WORDS, *NOUNS, *PROGRAMS])
    verbs = "\n".join(f"        {noun}) words='{' '.join(verbs_of(noun))}' ;;" for noun in NOUNS)
    named = "\n".join(f"        {word}) noun={noun} ;;" for word, noun in NAMED_WORDS.items())
    nouns = "|".join(NAMES)
    return f"""\
# Completion of berth; made by 'berth completion show bash'.
_berth() {{
    local current="${{COMP_WORDS[COMP_CWORD]}}" first="${{COMP_WORDS[1]}}" words="" noun=""
    if [[ $current == -* ]]; then
        words='{" ".join(OPTIONS)}'
    elif (( COMP_CWORD == 1 )); then
        words='{words}'
    elif (( COMP_CWORD == 2 )); then
        case "$first" in
{verbs}
{named}
        esac
    else
        case "$first" in
        {nouns}|context) noun="$first" ;;
        esac
    fi
    [[ -n $noun ]] && words="$(berth _names "$noun" "$current" 2>/dev/null)"
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}}
complete -o default -F _berth berth
"""


def _zsh() -> str:
    return f"autoload -U +X bashcompinit && bashcompinit\n{_bash()}".replace(
        'mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")',
        'COMPREPLY=( $(compgen -W "$words" -- "$current") )',
    )


def _fish() -> str:
    lines = ["# Completion of berth; made by 'berth completion show fish'.", "complete -c berth -f"]
    for listed in (NOUNS, {word: text for word, (_, text) in WORDS.items()}, PROGRAMS):
        for word, text in listed.items():
            lines.append(f"complete -c berth -n __fish_use_subcommand -a {word} -d {_quote(text)}")
    for noun in NOUNS:
        second = f"'__fish_seen_subcommand_from {noun}; and test (count (commandline -opc)) -eq 2'"
        lines.append(f"complete -c berth -n {second} -a {_quote(' '.join(verbs_of(noun)))}")
        if noun in NAMES:
            third = (
                f"'__fish_seen_subcommand_from {noun}; and test (count (commandline -opc)) -gt 2'"
            )
            lines.append(f"complete -c berth -n {third} -a '(berth _names {noun})'")
    for word, noun in NAMED_WORDS.items():
        lines.append(
            f"complete -c berth -n '__fish_seen_subcommand_from {word}' -a '(berth _names {noun})'"
        )
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    return "'" + text.replace("'", r"\'") + "'"
