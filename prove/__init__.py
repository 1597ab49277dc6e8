"""Races and crashes against a scratch database: clients who remember every answer, and an oracle who reads the rows.

`clients.py` knows only HTTP and `oracle.py` only SQL; neither uses the product's code, so that neither can share
its mistakes.
"""


def main(arguments: list[str]) -> int:
    """Exit code of `bookt.py prove ARGUMENTS`: 0 when every promise held, 1 when one was broken, 2 when misused."""
    from prove import command

    return command.main(arguments)
