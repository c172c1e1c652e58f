"""`tinylab benchmark`: a model by the rules of MLPerf Tiny."""

import click

__all__ = ["benchmarking_commands"]


@click.command()
@click.argument("model", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False),
    help="Folder in the layout of the benchmark's runner; the workbook's own examples without it.",
)
@click.option(
    "--as", "task", help="kws, vww, ic, ad or sww; by default what the model's shapes fit."
)
@click.option("--exact", is_flag=True, help="Run LiteRT's reference kernels (slow).")
@click.option("--performance", is_flag=True, help="Time this computer, too (a minute).")
@click.option(
    "--reference",
    type=click.Path(exists=True, dir_okay=False),
    help="The benchmark's reference .tflite, to tell the closed division from the open one.",
)
@click.option("--board", "boards", multiple=True, help="Only this board; repeatable.")
@click.option("--json", "json_path", type=click.Path(dir_okay=False), help="Write all as JSON.")
@click.option(
    "--results-dir",
    type=click.Path(file_okay=False),
    help="Write results.txt files as a submission has them, marked as no MLPerf result.",
)
def benchmark(model, data, task, exact, performance, reference, boards, json_path, results_dir):
    """Benchmark MODEL, a .tflite file, by the rules of MLPerf Tiny."""
    from tinylab.benchmark.report import write_json, write_results
    from tinylab.benchmark.run import Settings, run_benchmark

    report = run_benchmark(
        model,
        Settings(
            task=task,
            data=data,
            exact=exact,
            performance=performance,
            reference=reference,
            boards=boards or None,
        ),
    )
    click.echo(str(report))
    if json_path:
        click.echo(f"written: {write_json(report, json_path)}")
    if results_dir:
        for path in write_results(report, results_dir):
            click.echo(f"written: {path}")


benchmarking_commands = (benchmark,)
