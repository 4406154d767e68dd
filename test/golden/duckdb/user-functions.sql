-- fetched as any
SELECT t1."c4_rows_edu" AS "a0" FROM t1;
-- here: udf upper
-- uploaded: t1 (value VARCHAR), 2 rows
CREATE TEMP TABLE t2 AS SELECT c1_rows_split AS "c10_split", CAST((length(c7_upper_value) > 3) AS BOOLEAN) AS "c8_long", CAST(CAST('0x' || substring(md5(c7_upper_value), 1, 8) AS BIGINT) % 16 AS INTEGER) AS "c9_hashed" FROM (SELECT t1."c1_rows_split" AS c1_rows_split, t1."value" AS c7_upper_value FROM t1);
