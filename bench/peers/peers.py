"""Times outside maximum-flow solvers on networks written by run.ts.

Usage: peers.py NETWORKS REPETITIONS PEER,PEER,...
Prints JSON: {"versions": {...}, "results": [{peer: {"solveUs", "buildUs", "value"}}, ...]}, one entry per network; times are medians.
The networks are already pruned and merged, so a peer is charged for the flow alone; building its graph is told apart.
"""
import ctypes
import importlib.metadata as metadata
import json
import statistics
import sys
import time

import numpy as np


def networks(path):
    data = open(path, "rb").read()
    count = int(np.frombuffer(data, np.int32, 1)[0])
    at = 8
    for _ in range(count):
        n, m = (int(x) for x in np.frombuffer(data, np.int32, 2, at))
        at += 8
        pad = (4 * m + 7) // 8 * 8
        tails = np.frombuffer(data, np.int32, m, at)
        at += pad
        heads = np.frombuffer(data, np.int32, m, at)
        at += pad
        caps = np.frombuffer(data, np.float64, m, at)
        at += 8 * m
        yield n, tails, heads, caps  # node 0 is the source, node 1 the sink


def ortools():
    from ortools.graph.python import max_flow

    def run(n, tails, heads, caps):
        whole = caps.astype(np.int64)
        t0 = time.perf_counter()
        g = max_flow.SimpleMaxFlow()
        g.add_arcs_with_capacity(tails, heads, whole)
        t1 = time.perf_counter()
        g.solve(0, 1)
        t2 = time.perf_counter()
        return t1 - t0, t2 - t1, g.optimal_flow()

    return run


def pymaxflow():
    import maxflow

    def run(n, tails, heads, caps):
        whole = caps.astype(np.int64)
        inner = (tails != 0) & (heads != 1)
        source = np.zeros(n, np.int64)
        sink = np.zeros(n, np.int64)
        from_s = (tails == 0) & (heads != 1)
        np.add.at(source, heads[from_s], whole[from_s])
        to_t = (heads == 1) & (tails != 0)
        np.add.at(sink, tails[to_t], whole[to_t])
        i, j, c = tails[inner].astype(np.int64), heads[inner].astype(np.int64), whole[inner]
        back = np.zeros_like(c)
        t0 = time.perf_counter()
        g = maxflow.GraphInt(n, len(c))
        ids = g.add_grid_nodes((n,))
        g.add_edges(i, j, c, back)
        g.add_grid_tedges(ids, source, sink)
        t1 = time.perf_counter()
        value = g.maxflow()
        t2 = time.perf_counter()
        return t1 - t0, t2 - t1, value

    return run


def pseudoflow():
    import os

    import pseudoflow as package

    library = ctypes.cdll.LoadLibrary(os.path.join(os.path.dirname(package.__file__), "libhpf.so"))
    solve = library.hpf_solve

    def run(n, tails, heads, caps):
        # The library wants the sink last; its own clock tells initialisation and solving apart from reading.
        def renamed(x):
            y = x.astype(np.float64)
            y[x == 1] = n - 1
            y[x > 1] -= 1
            return y

        t0 = time.perf_counter()
        matrix = np.ascontiguousarray(np.stack([renamed(tails), renamed(heads), caps, np.zeros_like(caps)], 1))
        breakpoints = ctypes.c_int(0)
        cuts = ctypes.POINTER(ctypes.c_int)()
        values = ctypes.POINTER(ctypes.c_double)()
        stats = (ctypes.c_int * 5)()
        times = (ctypes.c_double * 3)()
        bounds = (ctypes.c_double * 2)(0.0, 0.0)
        t1 = time.perf_counter()
        solve(
            ctypes.c_int(n),
            ctypes.c_int(len(caps)),
            ctypes.c_int(0),
            ctypes.c_int(n - 1),
            matrix.ctypes.data_as(ctypes.POINTER(ctypes.c_double)),
            bounds,
            ctypes.c_int(0),
            ctypes.byref(breakpoints),
            ctypes.byref(cuts),
            ctypes.byref(values),
            stats,
            times,
        )
        t2 = time.perf_counter()
        side = np.ctypeslib.as_array(cuts, (n,)).copy()
        library.libfree(cuts)
        library.libfree(values)
        names = np.arange(n)
        old = np.where(names == n - 1, 1, np.where(names == 0, 0, names + 1))
        inside = np.zeros(n, bool)
        inside[old[side == 1]] = True
        value = caps[inside[tails] & ~inside[heads]].sum()
        solving = times[1] + times[2]
        return (t1 - t0) + (t2 - t1) - solving, solving, int(value)

    return run


def igraph():
    import igraph as package

    def run(n, tails, heads, caps):
        t0 = time.perf_counter()
        g = package.Graph(n, list(zip(tails.tolist(), heads.tolist())), directed=True)
        capacity = caps.tolist()
        t1 = time.perf_counter()
        value = g.maxflow_value(0, 1, capacity)
        t2 = time.perf_counter()
        return t1 - t0, t2 - t1, int(value)

    return run


def scipy():
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import maximum_flow

    def run(n, tails, heads, caps):
        if caps.sum() >= 2**31:
            return None  # its capacities are 32 bits wide
        t0 = time.perf_counter()
        g = csr_matrix((caps.astype(np.int32), (tails, heads)), shape=(n, n))
        t1 = time.perf_counter()
        value = maximum_flow(g, 0, 1).flow_value
        t2 = time.perf_counter()
        return t1 - t0, t2 - t1, int(value)

    return run


def networkx():
    import networkx as package

    def run(n, tails, heads, caps):
        if len(caps) > slow_arcs:
            return None
        t0 = time.perf_counter()
        g = package.DiGraph()
        g.add_nodes_from(range(n))
        g.add_weighted_edges_from(zip(tails.tolist(), heads.tolist(), caps.astype(np.int64).tolist()), "capacity")
        t1 = time.perf_counter()
        value = package.maximum_flow_value(g, 0, 1)
        t2 = time.perf_counter()
        return t1 - t0, t2 - t1, value

    return run


def highs():
    import highspy as package

    def run(n, tails, heads, caps):
        if len(caps) > slow_arcs:
            return None
        t0 = time.perf_counter()
        m = len(caps)
        model = package.HighsLp()
        model.num_col_, model.num_row_ = m, n - 2
        model.sense_ = package.ObjSense.kMaximize
        model.col_cost_ = (tails == 0).astype(np.float64)
        model.col_lower_, model.col_upper_ = np.zeros(m), caps.copy()
        model.row_lower_ = model.row_upper_ = np.zeros(n - 2)
        ends = np.stack([tails, heads], 1)
        kept = ends > 1  # no conservation at source and sink
        model.a_matrix_.format_ = package.MatrixFormat.kColwise
        model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(kept.sum(1))]).astype(np.int32)
        model.a_matrix_.index_ = (ends[kept] - 2).astype(np.int32)
        model.a_matrix_.value_ = np.broadcast_to([-1.0, 1.0], ends.shape)[kept]
        solver = package.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        solver.passModel(model)
        t1 = time.perf_counter()
        solver.run()
        t2 = time.perf_counter()
        return t1 - t0, t2 - t1, round(solver.getInfo().objective_function_value)

    return run


# These take seconds where others take milliseconds: small networks only, a few of each kind, once.
slow = {"networkx", "highs"}
slow_arcs = 5_000
slow_networks = 3

makers = {
    "ortools": ortools,
    "pymaxflow": pymaxflow,
    "pseudoflow": pseudoflow,
    "igraph": igraph,
    "scipy": scipy,
    "networkx": networkx,
    "highs": highs,
}
packages = {
    "ortools": "ortools",
    "pymaxflow": "PyMaxflow",
    "pseudoflow": "pseudoflow",
    "igraph": "igraph",
    "scipy": "scipy",
    "networkx": "networkx",
    "highs": "highspy",
}


def main():
    path, repetitions, wanted = sys.argv[1], int(sys.argv[2]), sys.argv[3].split(",")
    runs = {}
    for name in wanted:
        try:
            runs[name] = makers[name]()
        except (ImportError, OSError) as error:
            print(f"{name}: not installed ({error})", file=sys.stderr)
    results = []
    for number, network in enumerate(networks(path)):
        entry = {}
        for name, run in runs.items():
            if name in slow and number >= slow_networks:
                continue
            if number == 0:
                for _ in range(1 if name in slow else 3):
                    run(*network)
            answers = [run(*network) for _ in range(1 if name in slow else repetitions)]
            if answers[0] is None:
                continue
            entry[name] = {
                "buildUs": 1e6 * statistics.median(a[0] for a in answers),
                "solveUs": 1e6 * statistics.median(a[1] for a in answers),
                "value": int(answers[0][2]),
            }
        results.append(entry)
    versions = {name: metadata.version(packages[name]) for name in runs}
    versions["python"] = sys.version.split()[0]
    print(json.dumps({"versions": versions, "results": results}))


main()
