"""Writes scipy-statistics.json: answers of SciPy that test/harness/statistics.test.ts compares with.

Run with SciPy 1.15: python scipy-statistics.py > scipy-statistics.json
"""
import json
import numpy as np
import scipy
from scipy import stats

rng = np.random.default_rng(7)
cases = {"scipy": scipy.__version__, "wilcoxon": [], "mannwhitney": [], "quantile": [], "normal": [], "trim": []}


def sample(n, ties):
    values = rng.normal(0.3, 1.0, n)
    return [round(float(v), 0 if ties else 6) for v in values]


for n, ties, method in [(6, False, "exact"), (12, False, "exact"), (40, False, "exact"), (30, True, "approx"), (80, False, "approx"), (25, True, "approx")]:
    d = sample(n, ties)
    r = stats.wilcoxon(d, zero_method="wilcox", correction=False, method=method)
    cases["wilcoxon"].append({"differences": d, "statistic": float(r.statistic), "p": float(r.pvalue), "method": method})
for m, n, ties, method in [(5, 7, False, "exact"), (8, 20, False, "exact"), (9, 9, False, "asymptotic"), (30, 25, True, "asymptotic"), (12, 40, False, "asymptotic")]:
    a, b = sample(m, ties), [round(v + 0.4, 6) for v in sample(n, ties)]
    if ties:
        b = [float(round(v)) for v in b]
    r = stats.mannwhitneyu(a, b, alternative="two-sided", method=method)
    cases["mannwhitney"].append({"a": a, "b": b, "statistic": float(r.statistic), "p": float(r.pvalue), "method": method})
for p in [0.0, 0.05, 0.25, 0.5, 0.9, 1.0]:
    v = sample(11, False)
    cases["quantile"].append({"values": v, "p": p, "quantile": float(np.quantile(v, p))})
for z in [-4.0, -1.96, -0.5, 0.0, 0.7, 2.5]:
    cases["normal"].append({"z": z, "cdf": float(stats.norm.cdf(z))})
for n in [4, 7, 16, 33]:
    v = sample(n, False)
    cases["trim"].append({"values": v, "mean": float(stats.trim_mean(v, 0.25))})
print(json.dumps(cases, indent=1))
