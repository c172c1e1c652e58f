"""The command line: `tinylab doctor | benchmark | build | new | release | check | grade | ...`.

A file holds the commands of one kind of user; those of teachers are in `tinylab/grading`. Commands
import what they need when they are called, so that `tinylab --help` answers at once. Errors that a
user can correct are one sentence on stderr and exit code 1.
"""

import errno

import click

from tinylab.cli.authors import author_commands
from tinylab.cli.benchmarking import benchmarking_commands
from tinylab.cli.challenge import challenge_commands
from tinylab.cli.everyday import everyday_commands
from tinylab.cli.training import training_commands
from tinylab.grading.command_line import grading_commands

__all__ = ["main"]

USER_ERRORS = (ValueError, TypeError, OSError, RuntimeError)


class _Sentences(click.Group):
    """A group whose commands end in one sentence, not a traceback."""

    def invoke(self, context: click.Context):
        try:
            return super().invoke(context)
        except (click.exceptions.Exit, click.Abort):  # RuntimeErrors that click itself handles
            raise
        except USER_ERRORS as error:
            raise click.ClickException(_sentence(error)) from error


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            "the disk is full: make room, then run the same command again, tinylab grade with "
            "--resume."
        )
    return str(error) or type(error).__name__


@click.group(cls=_Sentences, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tinylab")
def main():
    """The workbook's tools. Start the workbook itself with: python3 start.py"""


for _command in (
    *author_commands,
    *benchmarking_commands,
    *challenge_commands,
    *grading_commands,
    *everyday_commands,
    *training_commands,
):
    main.add_command(_command)
