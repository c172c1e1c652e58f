"""The commands of authors: `tinylab build`, `tinylab site` and `tinylab new`.

Commands import what they need when they are called, so that `tinylab --help` answers at once.
"""

import click

__all__ = ["author_commands"]


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; fail if a notebook is out of date.")
@click.option("--execute", is_flag=True, help="Also run the solution notebooks and store them.")
@click.argument("names", nargs=-1)
def build(check: bool, execute: bool, names: tuple[str, ...]):
    """Write the notebooks from notebooks/source (all, or those whose path contains a NAME)."""
    from tinylab.course.notebooks import build as course_build

    sources = course_build.find_sources(names)
    if check:
        different = course_build.differences(sources)
        if different:
            raise click.ClickException("\n".join(different))
        click.echo(f"{len(sources)} notebooks equal their sources.")
        return
    for path in course_build.write_students(sources):
        click.echo(path)
    for path in () if execute else course_build.write_solutions(sources):
        click.echo(f"{path} (the outputs of its last run still hold)")
    for source in sources if execute else ():
        click.echo(course_build.execute(source))


@click.command()
@click.argument("out", type=click.Path(file_okay=False))
@click.argument("names", nargs=-1)
@click.option("--with-solutions", is_flag=True, help="For teachers: show solutions and checks.")
@click.option("--pictures", is_flag=True, help="Run nothing: explorers are pictures.")
@click.option("--api/--no-api", default=True, help="The pages of the library.")
def site(out: str, names: tuple[str, ...], with_solutions: bool, pictures: bool, api: bool):
    """Write the workbook as web pages into OUT (all notebooks, or those named).

    The pages open from a disk, without a server, network or Python, and the explorers work in
    them. Each notebook is run once, in a minute or a few, and kept until something it came from
    changes. Exercises are shown as students get them.
    """
    from tinylab.site.build import SiteSettings, build_site

    settings = SiteSettings(names, with_solutions, pictures, api)
    written = build_site(out, settings, click.echo)
    for guide in written.left_out:
        click.echo(f"left out: {guide}, which is for teachers (--with-solutions adds it)")
    click.echo(
        f"{out}: {written.pages} pages, {written.explorers} live explorers, "
        f"{written.bytes / 1e6:.1f} MB; open {out}/index.html"
    )


@click.group()
def new():
    """Write the first files of an exercise, an explorer or a notebook (see CONTRIBUTING.md)."""


@new.command("exercise")
@click.argument("name")
@click.option("--notebook", required=True, help="Such as 01_keyword_spotting/2_compress.")
def exercise_skeleton(name: str, notebook: str):
    """An exercise NAME with its points and wrong answers, and its cells in a notebook."""
    from tinylab.course.skeletons.write import new_exercise

    click.echo(new_exercise(name, notebook))


@new.command("explorer")
@click.argument("name")
@click.option("--folder", required=True, help="train, compress, adapt, energy_latency, codesign.")
def explorer_skeleton(name: str, folder: str):
    """An explorer NAME with one control."""
    from tinylab.course.skeletons.write import new_explorer

    click.echo(new_explorer(name, folder))


@new.command("notebook")
@click.argument("name")
def notebook_skeleton(name: str):
    """A notebook NAME, such as 04_codesign/5_budget."""
    from tinylab.course.skeletons.write import new_notebook

    click.echo(new_notebook(name))


author_commands = (build, new, site)
