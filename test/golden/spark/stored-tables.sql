SELECT c1_rows_split AS "c9_split", c4_rows_edu || chr(31) || CAST(c7_ageBucket_value AS STRING) AS "c8_cross", rid FROM (SELECT t1."c1_rows_split" AS c1_rows_split, t1."c4_rows_edu" AS c4_rows_edu, t2."c6_ageBucket" AS c7_ageBucket_value, t1.rid AS rid FROM t1 JOIN t2 USING (rid));
-- answered
SELECT count(*) FROM t1;
