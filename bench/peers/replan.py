"""Replans with PyMaxflow's kept search trees after edits written by replan.ts.

Usage: replan.py NETWORK EDITS
NETWORK is one network of peers.py; EDITS is a JSON list of [node, change of its capacity to the sink]. Prints JSON: the value and
time in µs after each edit. PyMaxflow can change terminal capacities only, so the edits are changes of compute costs.
"""
import json
import sys
import time

import maxflow
import numpy as np


def main():
    data = open(sys.argv[1], "rb").read()
    n, m = (int(x) for x in np.frombuffer(data, np.int32, 2, 8))
    at = 16
    pad = (4 * m + 7) // 8 * 8
    tails = np.frombuffer(data, np.int32, m, at)
    heads = np.frombuffer(data, np.int32, m, at + pad)
    caps = np.frombuffer(data, np.float64, m, at + 2 * pad).astype(np.int64)
    inner = (tails != 0) & (heads != 1)
    source = np.zeros(n, np.int64)
    sink = np.zeros(n, np.int64)
    np.add.at(source, heads[(tails == 0) & (heads != 1)], caps[(tails == 0) & (heads != 1)])
    np.add.at(sink, tails[(heads == 1) & (tails != 0)], caps[(heads == 1) & (tails != 0)])
    g = maxflow.GraphInt(n, int(inner.sum()))
    ids = g.add_grid_nodes((n,))
    g.add_edges(tails[inner].astype(np.int64), heads[inner].astype(np.int64), caps[inner], np.zeros(int(inner.sum()), np.int64))
    g.add_grid_tedges(ids, source, sink)
    g.maxflow()
    answers = []
    for node, change in json.load(open(sys.argv[2])):
        t0 = time.perf_counter()
        # A smaller capacity to the sink is a larger one from the source, less a constant.
        if change >= 0:
            g.add_tedge(node, 0, change)
        else:
            g.add_tedge(node, -change, 0)
        g.mark_node(node)
        value = g.maxflow(reuse_trees=True)
        t1 = time.perf_counter()
        answers.append([int(value), 1e6 * (t1 - t0)])
    print(json.dumps(answers))


main()
