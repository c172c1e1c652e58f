"""The command line: `tinylab doctor | build | fetch | train | cost`.

Commands import what they need when they are called, so that `tinylab --help` answers at once.
Errors that a user can mend are one sentence on stderr and exit code 1.
"""

import click

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
            raise click.ClickException(str(error) or type(error).__name__) from error


@click.group(cls=_Sentences, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tinylab")
def main():
    """The workbook's tools. Start the workbook itself with: python3 start.py"""


@main.command()
@click.option("--check", is_flag=True, help="Write nothing; fail if a notebook is out of date.")
@click.option("--execute", is_flag=True, help="Also run the solution notebooks and store them.")
@click.argument("names", nargs=-1)
def build(check: bool, execute: bool, names: tuple[str, ...]):
    """Write the notebooks from notebooks/source (all, or those whose path contains a NAME)."""
    from tinylab.course import build as course_build

    sources = course_build.find_sources(names)
    if check:
        found = course_build.differences(sources)
        if found:
            raise click.ClickException("\n".join(found))
        click.echo(f"{len(sources)} notebooks equal their sources.")
        return
    for path in course_build.write_students(sources):
        click.echo(path)
    for source in sources if execute else ():
        click.echo(course_build.execute(source))


@main.command()
def doctor():
    """Check this environment and say how to mend it."""
    from tinylab.doctor import examine, report

    findings = examine()
    click.echo(report(findings))
    raise SystemExit(any(finding.is_problem for finding in findings))


@main.command()
@click.argument("name")
def fetch(name: str):
    """Download a public data set; `tinylab fetch list` names them."""
    from tinylab.data import public

    if name == "list":
        for key, entry in public.public_sets().items():
            click.echo(f"{key}: {entry.title}, {entry.archive_bytes / 1e6:,.0f} MB, {entry.licence}")
        return
    click.echo(public.fetch(name))


@main.group()
def train():
    """Train a reference model anew."""


@train.command("kws")
@click.option("--profile", type=click.Choice(["quick", "full"]), default="quick", show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option(
    "--directory",
    type=click.Path(file_okay=False),
    help="Where the model goes; your work folder without it.",
)
def train_kws(profile: str, seed: int, directory: str | None):
    """Train the keyword-spotting model and measure it on voices it never heard."""
    import json

    from tinylab.models.recipes.keyword_spotting import train_reference

    figures = train_reference(profile, seed=seed, directory=directory)
    click.echo(json.dumps(figures, indent=2))


@main.group()
def cost():
    """The cost model of boards."""


@cost.command("validate")
def cost_validate():
    """Print the errors of the cost model on measurements it was not fitted to."""
    from tinylab.cost import format_validation, validate

    click.echo(format_validation(validate()))


if __name__ == "__main__":
    main()
