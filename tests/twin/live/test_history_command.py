"""``twin history``: readings as a Parquet file."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from sensors.readings import readings_of
from tests.sensors.community import START_US
from twin.cli import app
from twin.live.composition import open_store, points_of_project
from twin.project import read_project

POINTS = """\
id,unit,privacy,household
lobby/co2,ppm,community,
lobby/temperature,°C,public,
home-1/temperature,°C,household,home-1
nobody/says,ppm,,
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "points.csv").write_text(POINTS, "utf-8")
    (tmp_path / "twin.toml").write_text('[live]\npoints = "points.csv"\n', "utf-8")
    (tmp_path / "live").mkdir()
    stated = read_project(tmp_path / "twin.toml")
    store = open_store(stated, points_of_project(stated))
    times = [START_US] * 4
    store.append(readings_of([0, 1, 2, 3], times, times, [700.0, 20.0, 21.0, 1.0], [0] * 4))
    store.close()
    return tmp_path


def exported(folder, *options):
    from pyarrow import parquet

    out = folder / "out.parquet"
    done = CliRunner().invoke(
        app, ["history", str(folder / "twin.toml"), "-o", str(out), "--lang", "en", *options]
    )
    assert done.exit_code == 0, done.output
    return sorted(parquet.read_table(out).to_pandas()["point"])


def test_readings_of_homes_are_exported_on_request_only(project):
    assert exported(project) == ["lobby/co2", "lobby/temperature"]
    assert len(exported(project, "--homes")) == 4


def test_points_and_times_are_chosen(project):
    assert exported(project, "--points", "*/co2, home-1/*") == ["lobby/co2"]
    assert exported(project, "--begin", "2026-03-02") == []
    assert exported(project, "--end", "2026-03-02T00:00:00Z") == ["lobby/co2", "lobby/temperature"]


def test_what_is_no_time_is_told(project):
    done = CliRunner().invoke(app, ["history", str(project / "twin.toml"), "--begin", "yesterday"])
    assert done.exit_code == 2
