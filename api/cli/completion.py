"""``passerelle completion``: what a shell needs to complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

VARIABLE = "_PASSERELLE_COMPLETE"
"""Click's own, by which the shell asks; made of the program's name."""


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print a script that completes commands and options in SHELL.

    \b
    bash: passerelle completion bash > ~/.local/share/bash-completion/completions/passerelle
    zsh:  passerelle completion zsh > ~/.zfunc/_passerelle
    fish: passerelle completion fish > ~/.config/fish/completions/passerelle.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(context.find_root().command, {}, "passerelle", VARIABLE).source())
