"""The ``berth`` command: one of the four programs, or else the command line."""

import sys

#: What ``berth.programs`` runs; everything else is the command line's.
PROGRAMS = frozenset({"manager", "agent", "up", "join-token"})


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code; loads only what that one needs."""
    words = sys.argv[1:] if arguments is None else arguments
    first = next((word for word in words if word != "--verbose"), "")
    if first in PROGRAMS or first == "--version":
        from berth.programs import run_program

        return run_program(words)
    if first == "_names":
        from berth.cli.names import main as print_names

        return print_names(words[1:])
    from berth.cli.program import run

    return run(words)


if __name__ == "__main__":
    sys.exit(main())
