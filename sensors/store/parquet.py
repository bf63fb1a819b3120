"""Readings as a Parquet file, for analysis elsewhere (extra ``parquet``)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from sensors.errors import missing_extra
from sensors.points import PointTable
from sensors.store.contract import Store


def export_parquet(
    store: Store, points: PointTable, rows: Iterable[int], begin_us: int, end_us: int, path: Path | str
) -> int:
    """Write the readings of some points with begin <= time < end; the number of readings written.

    Columns: point (id), time (UTC, microseconds), value, unit, quality (0 good, 1 uncertain, 2 bad). One row
    group per point, so that a reader finds one point without reading the rest.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError:
        raise missing_extra("parquet", "pyarrow") from None
    schema = pa.schema(
        [
            ("point", pa.dictionary(pa.int32(), pa.string())),
            ("time", pa.timestamp("us", "UTC")),
            ("value", pa.float64()),
            ("unit", pa.dictionary(pa.int32(), pa.string())),
            ("quality", pa.uint8()),
        ]
    )
    written = 0
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        for row in rows:
            series = store.series(row, begin_us, end_us)
            size = len(series.time_us)
            if not size:
                continue
            table = pa.table(
                [
                    pa.array([points[row].id] * size).dictionary_encode(),
                    pa.array(series.time_us, pa.int64()).cast(schema.field("time").type),
                    pa.array(series.value, from_pandas=True),
                    pa.array([points[row].unit] * size).dictionary_encode(),
                    pa.array(series.quality),
                ],
                schema=schema,
            )
            writer.write_table(table)
            written += size
    return written
