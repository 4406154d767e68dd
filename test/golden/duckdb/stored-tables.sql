CREATE TEMP TABLE t1 AS SELECT c1_edu_split AS "c6_split", c2_edu_value || chr(31) || c4_occ_value AS "c5_eduXocc" FROM (SELECT t8."split" AS c1_edu_split, t8."value" AS c2_edu_value, t9."value" AS c4_occ_value FROM t8 POSITIONAL JOIN t9);
-- answered
SELECT count(*) FROM t1;
