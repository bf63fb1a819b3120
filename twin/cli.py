"""The command ``twin``: stdout carries data, stderr carries status, the exit code the verdict.

0 done, 1 done but a required criterion is not met, 2 bad input or usage, 3 a fault of greentwin itself.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn, TypeVar

import typer

if TYPE_CHECKING:
    from ifc.errors import IfcError
    from sensors.errors import SensorError
    from twin.errors import TwinError

Language = Literal["zh", "en"]  # as ifc.model.Language, whose import would bring NumPy to `twin --help`
Format = TypeVar("Format", bound=StrEnum)
DONE, REQUIREMENT_NOT_MET, BAD_INPUT, FAULT = 0, 1, 2, 3

app = typer.Typer(
    name="twin",
    help="Turns the IFC model of a building or a community into a living green twin.",
    epilog="stdout carries data, stderr carries progress and diagnostics. "
    "Exit code: 0 done, 1 done but a required criterion is not met, 2 bad input or usage, "
    "3 a fault of greentwin itself.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


class ReportFormat(StrEnum):
    """Files that ``twin evaluate`` can write."""

    HTML = "html"
    JSON = "json"


class CheckFormat(StrEnum):
    """Files that ``twin check`` can write."""

    HTML = "html"
    JSON = "json"
    BCF = "bcf"


def _default_language() -> Language:
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG", "")
    return "zh" if locale.lower().startswith("zh") else "en"


ModelArgument = Annotated[Path, typer.Argument(help="The IFC file (.ifc or .ifczip).", metavar="MODEL.ifc")]
ProjectOption = Annotated[
    Path | None,
    typer.Option("--project", "-p", help="twin.toml: declared evidence, site, weather.", metavar="twin.toml"),
]
WeatherOption = Annotated[
    Path | None,
    typer.Option(
        "--weather", "-w", help="EPW file that replaces the built-in typical year.", metavar="X.epw"
    ),
]
LangOption = Annotated[
    Language,
    typer.Option("--lang", help="Language of messages and reports.", default_factory=_default_language),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, and nothing else.")]
RequireOption = Annotated[
    int | None,
    typer.Option("--require", min=1, max=3, help="Exit with 1 unless this many stars are guaranteed."),
]

ClausesOption = Annotated[
    str | None,
    typer.Option("--clauses", "-c", help="Clauses to be earned, separated by commas.", metavar="5.2.8,7.2.4"),
]
StarsOption = Annotated[
    int | None,
    typer.Option("--require", min=1, max=3, help="Only the data that this many stars need."),
]


@app.command()
def evaluate(
    model: ModelArgument,
    lang: LangOption,
    project: ProjectOption = None,
    weather: WeatherOption = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the reports.")] = Path("out"),
    formats: Annotated[
        str, typer.Option("--format", "-f", help="Reports to write, separated by commas: html, json.")
    ] = "html,json",
    require: RequireOption = None,
    as_json: JsonOption = False,
) -> None:
    """Evaluate a model: metrics, clauses, score, stars and a report with the evidence."""
    wanted = _parse_formats(ReportFormat, formats, lang)
    with _status(lang, as_json) as progress:
        from twin.evaluate import evaluate as run
        from twin.report.json_report import evaluation_to_dict

        evaluation = run(model, _project(project, weather), progress=progress)
        progress("report")
        written: list[Path] = []
        if ReportFormat.HTML in wanted:
            from twin.report.html_report import write_html

            written.append(write_html(evaluation, out / f"{model.stem}.html", lang))
        data = evaluation_to_dict(evaluation, lang)
        if ReportFormat.JSON in wanted:
            written.append(_write_json(data, out / f"{model.stem}.json"))
    from twin.report.console import print_diagnostics, print_scorecard

    if as_json:
        print(json.dumps(data, ensure_ascii=False))
    else:
        print_scorecard(evaluation, lang)
    print_diagnostics(data["diagnostics"], lang)
    for path in written:
        print(path.resolve(), file=sys.stderr if as_json else sys.stdout)
    if require is not None and evaluation.scorecard.stars_guaranteed < require:
        raise typer.Exit(REQUIREMENT_NOT_MET)


@app.command()
def inspect(model: ModelArgument, lang: LangOption, as_json: JsonOption = False) -> None:
    """Say what a model holds and what it lacks."""
    with _status(lang, as_json) as progress:
        progress("read")
        import ifc
        from ifc.inspection import inspect as run

        found = run(ifc.read(model), lang)
    from twin.report.console import print_diagnostics, print_inspection

    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print_inspection(found, lang)
    print_diagnostics(found["diagnostics"], lang)


@app.command()
def export(
    model: ModelArgument,
    lang: LangOption,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The GLB file to write.", metavar="X.glb")
    ] = None,
) -> None:
    """Write a model and its surfaces as GLB (glTF), storeys and GlobalIds addressable."""
    path = output or model.with_suffix(".glb")
    with _status(lang, as_json=False) as progress:
        progress("read")
        import ifc
        from ifc.cut import cut_openings
        from viewer.scene import to_glb

        building = ifc.read(model)
        progress("export")
        data = to_glb(building, cut_openings(building))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    print(path.resolve())


@app.command()
def init(
    lang: LangOption,
    path: Annotated[Path, typer.Argument(help="The file to write.")] = Path("twin.toml"),
    force: Annotated[bool, typer.Option("--force", help="Overwrite an existing file.")] = False,
) -> None:
    """Write a commented twin.toml."""
    with _status(lang, as_json=False):
        from ifc.model import Text
        from twin.errors import TwinError
        from twin.project_template import write_template

        if path.exists() and not force:
            raise TwinError(
                "file-exists",
                str(path),
                Text("The file exists already.", "文件已存在。"),
                Text(
                    "Choose another name, or overwrite it with --force.",
                    "请换一个文件名，或用 --force 覆盖。",
                ),
            )
        write_template(path, lang)
    print(path.resolve())


@app.command()
def warmup(lang: LangOption) -> None:
    """Compile the kernels now, so that the first evaluation does not wait for it."""
    with _status(lang, as_json=False) as progress:
        from twin.warmup import warm_up

        seconds = warm_up(progress)
    for name, duration in seconds.items():
        print(f"{name}\t{duration:.1f} s")


@app.command()
def batch(
    target: Annotated[
        str, typer.Argument(help="A folder, a glob pattern, or a manifest (CSV with columns model, project).")
    ],
    lang: LangOption,
    project: ProjectOption = None,
    weather: WeatherOption = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for batch.csv and batch.json.")] = Path(
        "out"
    ),
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Models evaluated at the same time.")] = 1,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds that one model may take.")] = 3600.0,
    require: RequireOption = None,
    as_json: JsonOption = False,
) -> None:
    """Evaluate many models or revisions, each in a process of its own, into one table."""
    with _status(lang, as_json) as progress:
        from twin.batch import evaluate_many, find_models, write_table

        tasks = find_models(target, project, weather)
        rows: list[dict[str, Any]] = []
        progress("batch", 0.0)
        for row in evaluate_many(tasks, jobs=jobs, timeout_s=timeout, language=lang):
            rows.append(row)
            progress("batch", len(rows) / len(tasks))
        rows.sort(key=lambda row: row["model"])
        written = write_table(rows, out)
    if as_json:
        print(json.dumps({"schema_version": "1.0", "rows": rows}, ensure_ascii=False))
    else:
        from twin.report.console import print_batch

        print_batch(rows, lang)
    for path in written:
        print(path.resolve(), file=sys.stderr if as_json else sys.stdout)
    if require is not None and any(
        row["stars_guaranteed"] is None or row["stars_guaranteed"] < require for row in rows
    ):
        raise typer.Exit(REQUIREMENT_NOT_MET)


@app.command("ids")
def write_ids(
    lang: LangOption,
    project: ProjectOption = None,
    clauses: ClausesOption = None,
    require: StarsOption = None,
    schema: Annotated[
        Literal["IFC2X3", "IFC4", "IFC4X3"], typer.Option("--schema", help="IFC schema of the models.")
    ] = "IFC4",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="The IDS file to write; without it, stdout.", metavar="NEEDS.ids"
        ),
    ] = None,
) -> None:
    """Write the data that a model must carry as a buildingSMART IDS 1.0 file."""
    with _status(lang, as_json=False):
        from twin.ids.write import ids_for, save_ids

        named = None if clauses is None else _parse_list(clauses)
        text = ids_for(_project(project, None), clauses=named, stars=require, schema=schema)
        written = None if output is None else save_ids(text, output)
    print(text if written is None else written.resolve(), end="" if written is None else "\n")


@app.command()
def check(
    model: ModelArgument,
    lang: LangOption,
    ids: Annotated[
        Path | None,
        typer.Option("--ids", help="The IDS to check; without it, that of `twin ids`.", metavar="NEEDS.ids"),
    ] = None,
    project: ProjectOption = None,
    clauses: ClausesOption = None,
    require: StarsOption = None,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the reports.")] = Path("out"),
    formats: Annotated[
        str, typer.Option("--format", "-f", help="Reports to write, separated by commas: html, json, bcf.")
    ] = "html,json,bcf",
    as_json: JsonOption = False,
) -> None:
    """Check a model against an IDS; exit with 1 when a specification fails."""
    wanted = _parse_formats(CheckFormat, formats, lang)
    if ids is not None and (clauses is not None or require is not None):
        raise typer.BadParameter("--clauses and --require are for the generated IDS", param_hint="--ids")
    with _status(lang, as_json) as progress:
        progress("check")
        from twin.ids.check import check as run
        from twin.ids.json_report import check_to_dict

        named = None if clauses is None else _parse_list(clauses)
        result = run(model, ids, _project(project, None), clauses=named, stars=require)
        data = check_to_dict(result, lang)
        written: list[Path] = []
        if CheckFormat.HTML in wanted:
            from twin.ids.html_report import write_html

            written.append(write_html(result, out / f"{model.stem}.check.html", lang))
        if CheckFormat.JSON in wanted:
            written.append(_write_json(data, out / f"{model.stem}.check.json"))
        if CheckFormat.BCF in wanted:
            from twin.ids.bcf import write_bcf

            written.append(write_bcf(result, out / f"{model.stem}.check.bcf", lang))
    from twin.report.console import print_diagnostics

    if as_json:
        print(json.dumps(data, ensure_ascii=False))
    else:
        from twin.ids.console import print_check

        print_check(result, lang)
    print_diagnostics(data["diagnostics"], lang)
    for path in written:
        print(path.resolve(), file=sys.stderr if as_json else sys.stdout)
    if not result.passed:
        raise typer.Exit(REQUIREMENT_NOT_MET)


verify = typer.Typer(
    name="verify", help="Compute a metric by an established program beside ours.", no_args_is_help=True
)
app.add_typer(verify)


@verify.command("daylight")
def verify_daylight(
    model: ModelArgument,
    lang: LangOption,
    project: ProjectOption = None,
    points: Annotated[
        int, typer.Option("--points", "-n", min=1, help="Points to compare, shared out to the rooms.")
    ] = 100,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the points (CSV).")] = Path("out"),
    scenes: Annotated[
        Path | None, typer.Option("--scenes", help="Folder to keep the Radiance scenes in.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Daylight factors beside Radiance, point by point (extra ``verify``)."""
    with _status(lang, as_json) as progress:
        progress("read")
        import ifc
        from twin.declared_uses import with_declared_uses
        from twin.thermal_zone import with_constructions
        from twin.verify.daylight import compare
        from twin.verify.report import comparison_to_dict, print_comparison, write_points

        stated = _project(project, None)
        building = with_constructions(with_declared_uses(ifc.read(model), stated), stated)
        found = compare(building, stated, points=points, keep=scenes, progress=progress)
        data = comparison_to_dict(building, found)
        written = write_points(building, found, out / f"{model.stem}.radiance.csv")
    if as_json:
        print(json.dumps(data, ensure_ascii=False))
    else:
        print_comparison(data, lang)
    print(written.resolve(), file=sys.stderr if as_json else sys.stdout)


@app.command("bind")
def bind_points(
    model: ModelArgument,
    lang: LangOption,
    points: Annotated[
        Path, typer.Option("--points", help="The table of points (CSV or YAML).", metavar="points.csv")
    ],
    bindings: Annotated[
        Path | None,
        typer.Option("--bindings", "-b", help="The reviewed bindings (CSV or YAML).", metavar="bindings.csv"),
    ] = None,
    brick: Annotated[
        Path | None, typer.Option("--brick", help="A Brick model to suggest from.", metavar="X.ttl")
    ] = None,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Suggest elements for the points that are not bound.")
    ] = False,
    confidence: Annotated[
        float,
        typer.Option("--confidence", min=0.5, max=1, help="From here a lost element counts as found again."),
    ] = 0.9,
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the tables.")] = Path("out"),
    as_json: JsonOption = False,
) -> None:
    """Check which point belongs to which element; exit with 1 when a point is not bound."""
    with _status(lang, as_json) as progress:
        progress("read")
        import ifc
        from sensors.points import read_points
        from twin.binding.check import check_bindings
        from twin.binding.report import check_to_dict, write_tables
        from twin.binding.suggest import suggestions_for
        from twin.binding.table import read_bindings

        table = read_points(points)
        known = () if bindings is None else read_bindings(bindings)
        building = ifc.read(model)
        checked = check_bindings(building, known, table, confidence)
        suggested = suggestions_for(building, table, checked.unbound, brick) if suggest or brick else ()
        written = write_tables(checked, suggested, out)
    data = check_to_dict(checked, suggested)
    if as_json:
        print(json.dumps(data, ensure_ascii=False))
    else:
        from twin.binding.report import print_check

        print_check(checked, suggested, lang)
    for path in written:
        print(path.resolve(), file=sys.stderr if as_json else sys.stdout)
    if checked.unbound or checked.dead:
        raise typer.Exit(REQUIREMENT_NOT_MET)


def _parse_formats(known: type[Format], text: str, lang: Language) -> set[Format]:
    names = _parse_list(text)
    allowed = [format.value for format in known]
    if unknown := [name for name in names if name not in allowed]:
        raise typer.BadParameter(
            f"没有格式 {'、'.join(unknown)}；可用的有 {'、'.join(allowed)}"
            if lang == "zh"
            else f"there is no format {', '.join(unknown)}; known are {', '.join(allowed)}",
            param_hint="--format",
        )
    return {known(name) for name in names}


def _parse_list(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _project(path: Path | None, weather: Path | None) -> Any:
    """The project of twin.toml, with the weather file of the command line in place of its own."""
    from twin.project import Project, read_project

    project = Project() if path is None else read_project(path)
    if weather is None:
        return project
    section = project.weather.model_copy(update={"epw": weather.absolute()})
    return project.model_copy(update={"weather": section})


def _write_json(data: dict[str, Any], path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1), "utf-8")
    return path


@contextmanager
def _status(lang: Language, as_json: bool) -> Iterator[Any]:
    """A progress line on a terminal, and errors as one message with an exit code."""
    from ifc.errors import IfcError
    from sensors.errors import SensorError
    from twin.errors import TwinError
    from twin.report.progress import progress_line

    try:
        with progress_line(lang) as progress:
            yield progress
    except (IfcError, SensorError, TwinError) as error:
        _refuse(error, lang, as_json)
    except OSError as error:
        _refuse_system(error, lang, as_json)
    except KeyboardInterrupt:
        print("已中断" if lang == "zh" else "interrupted", file=sys.stderr)
        raise typer.Exit(130) from None
    except (typer.Exit, typer.Abort, typer.BadParameter):
        raise
    except Exception as error:  # noqa: BLE001 - the last door: a user never sees a traceback
        _report_fault(error, lang, as_json)


def _refuse(error: IfcError | SensorError | TwinError, lang: Language, as_json: bool) -> NoReturn:
    message, remedy = (text.in_language(lang) for text in (error.message, error.remedy))
    _print_error(error.code, error.where, message, remedy, lang, as_json)
    raise typer.Exit(BAD_INPUT)


def _refuse_system(error: OSError, lang: Language, as_json: bool) -> NoReturn:
    from ifc.model import Text, reason_of

    message = reason_of(error).within("The file cannot be used: {}.", "无法使用该文件：{}。")
    remedy = Text("Check the path, its permissions and the disk.", "请检查路径、权限与磁盘。")
    where = str(error.filename or "twin")
    _print_error("system", where, message.in_language(lang), remedy.in_language(lang), lang, as_json)
    raise typer.Exit(BAD_INPUT)


def _report_fault(error: Exception, lang: Language, as_json: bool) -> NoReturn:
    """Keep the traceback in a file and say where it is."""
    import tempfile
    import traceback

    from ifc.model import Text

    with tempfile.NamedTemporaryFile(
        "w", prefix="greentwin-fault-", suffix=".txt", delete=False, encoding="utf-8"
    ) as file:
        traceback.print_exception(error, file=file)
    said = f"{type(error).__name__}: {error}"
    message = Text(
        f"A fault of greentwin, not of your input: {said}.", f"这是 greentwin 的缺陷，与输入无关：{said}。"
    )
    remedy = Text(f"Please report it with {file.name}.", f"请附上 {file.name} 反馈。")
    _print_error("fault", "twin", message.in_language(lang), remedy.in_language(lang), lang, as_json)
    raise typer.Exit(FAULT)


def _print_error(code: str, where: str, message: str, remedy: str, lang: Language, as_json: bool) -> None:
    """One line on stderr; with ``--json`` the same as data on stdout."""
    if as_json:
        found = {"code": code, "where": where, "message": message, "remedy": remedy}
        print(json.dumps({"schema_version": "1.0", "error": found}, ensure_ascii=False))
    print(f"{where}：{message}{remedy}" if lang == "zh" else f"{where}: {message} {remedy}", file=sys.stderr)


def main() -> None:
    """Entry point of the console script."""
    app()


if __name__ == "__main__":
    main()
