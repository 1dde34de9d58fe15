"""The same counts by one query in DuckDB's SQL, as somebody would write it who knows the rule."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

QUERY = """
WITH contracts AS (
    SELECT tariff, start, "end", coalesce(reason, 'unknown') AS reason,
        ('0x' || substr(md5(customer), 1, 2))::INTEGER AS block
    FROM read_parquet('{path}')
), months AS (
    SELECT tariff, block, reason,
        12 * (year("end") - year(start)) + month("end") - month(start)
            - (day("end") < day(start))::INTEGER + 1 AS stays,
        12 * (2026 - year(start)) + 1 - month(start) - (1 < day(start))::INTEGER AS seen
    FROM contracts
), ends AS (
    SELECT tariff, block, least(stays, seen) AS unit,
        CASE WHEN stays <= seen THEN reason ELSE 'censored' END AS what, count(*) AS n
    FROM months WHERE seen > 0 GROUP BY ALL
)
SELECT * FROM ends
UNION ALL
SELECT tariff, block, 1 AS unit, 'entered' AS what, sum(n)::BIGINT AS n FROM ends GROUP BY ALL
"""


def count(path: Path) -> pd.DataFrame:
    """Return tariff, block, unit, what (a cause, censored, entered) and n, in no order."""
    answer = duckdb.connect().execute(QUERY.format(path=path.as_posix())).to_arrow_table()
    assert answer is not None
    return answer.to_pandas()
