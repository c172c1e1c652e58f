"""The commands of everybody: check the machine, fetch data, deploy a model, measure a board.

Commands import what they need when they are called, so that `tinylab --help` answers at once.
"""

import click

__all__ = ["everyday_commands"]


@click.command()
def doctor():
    """Check this environment and say how to fix what is wrong."""
    from tinylab.doctor import examine, report

    findings = examine()
    click.echo(report(findings))
    raise SystemExit(any(finding.is_problem for finding in findings))


@click.command()
@click.argument("name")
def fetch(name: str):
    """Download a public data set; `tinylab fetch list` names them."""
    from tinylab.data.download import power_traces, public

    if name == "list":
        click.echo(f"{power_traces.NAME}: {power_traces.TITLE}, 2 MB, {power_traces.LICENCE}")
        for key, entry in public.public_sets().items():
            click.echo(
                f"{key}: {entry.title}, {entry.archive_bytes / 1e6:,.0f} MB, {entry.licence}"
            )
        return
    if name == power_traces.NAME:
        click.echo(power_traces.fetch_power_traces())
        return
    click.echo(public.fetch(name))


@click.command()
@click.argument("model", type=click.Path(exists=True, dir_okay=False))
@click.option("--board", required=True, help="Id of a board; see tinylab.cost.boards().")
@click.option("--out", required=True, type=click.Path(file_okay=False), help="Folder to write.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False),
    help="Folder with x.npy (examples) and y.npy (right outputs), for the accuracy.",
)
@click.option("--name", help="Prefix of the C functions; by default the model's name.")
@click.option("--web", is_flag=True, help="Write a page too, in which the same program runs.")
@click.option("--labels", help="Names of the outputs on the page, with commas between them.")
def deploy(model, board, out, data, name, web, labels):
    """Write MODEL, a .tflite file, as a firmware folder for a board, with a report."""
    from tinylab.deploy.export.deployment import deploy as deploy_model
    from tinylab.deploy.export.report import summary

    names = labels.split(",") if labels else None
    report = deploy_model(model, board, out, data=data, name=name, web=web, labels=names)
    click.echo(summary(report))
    click.echo(f"{out}: README.md says how to build it; report.html has every layer")
    if web:
        click.echo(f"{out}/web/index.html: open it in a browser, no network is needed")


@click.command()
@click.argument("board")
@click.argument("model")
@click.argument("latency_ms", type=float, required=False)
@click.option("--port", help="Read it from this serial port, such as /dev/ttyACM0 or COM3.")
@click.option("--stack", default="TFLM CMSIS-NN", show_default=True, help="What ran the model.")
@click.option("--save", is_flag=True, help="Add it to your boards.toml.")
def measure(board, model, latency_ms, port, stack, save):
    """Set LATENCY_MS that you measured of MODEL on BOARD beside the prediction.

    MODEL is kws, vww, ic, ad or sww of MLPerf Tiny. With --port the time is read from a board that
    runs the exported timer_main.c.
    """
    from tinylab.cost.own_measurement import (
        compare_measurement,
        printed_latency_ms,
        read_port,
        save_measurement,
    )

    if (latency_ms is None) == (port is None):
        raise click.UsageError("pass LATENCY_MS, or --port to read it")
    if port is not None:
        latency_ms = printed_latency_ms(read_port(port))
    measured = compare_measurement(board, model, latency_ms, stack=stack)
    click.echo(str(measured))
    if save:
        click.echo(f"added to {save_measurement(measured)}")


@click.group()
def cost():
    """The cost model of boards."""


@cost.command("validate")
def cost_validate():
    """Print the errors of the cost model on measurements it was not fitted to."""
    from tinylab.cost import format_validation, validate

    click.echo(format_validation(validate()))


everyday_commands = (cost, deploy, doctor, fetch, measure)
