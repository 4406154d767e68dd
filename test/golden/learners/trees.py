"""Answers of scikit-learn on fixed data, for test/executors/learners/trees.test.ts.

Run: python -m venv v && v/bin/pip install scikit-learn && v/bin/python test/golden/learners/trees.py > test/golden/learners/trees.json
Feature values are integers below 200, so that every value is a bin of its own on both sides.
"""

import json
import sys

import numpy as np
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.metrics import log_loss, roc_auc_score

rows, train = 2400, 1200
rng = np.random.default_rng(7)
x = rng.integers(0, 200, size=(rows, 5))
x = np.column_stack([x, rng.integers(0, 6, size=rows)])
z = 0.03 * (x[:, 0] - 100) + 2.0 * np.sin(x[:, 1] / 25) + 0.0004 * (x[:, 2] - 100) * (x[:, 3] - 100) + (x[:, 5] == 3) * 1.5 - 0.8
y = (rng.random(rows) < 1 / (1 + np.exp(-z))).astype(int)
fit, check = slice(0, train), slice(train, rows)


def boosted(**params):
    model = HistGradientBoostingClassifier(early_stopping=False, random_state=0, **params).fit(x[fit], y[fit])
    p = model.predict_proba(x[check])[:, 1]
    return {"auc": roc_auc_score(y[check], p), "logLoss": log_loss(y[check], p), "first": p[:20].round(6).tolist()}


forests = []
for seed in range(5):
    forest = RandomForestClassifier(n_estimators=300, min_samples_leaf=3, max_features=2, random_state=seed)
    p = forest.fit(x[fit], y[fit]).predict_proba(x[check])[:, 1]
    forests.append({"auc": roc_auc_score(y[check], p), "logLoss": log_loss(y[check], p)})

json.dump(
    {
        "by": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}",
        "train": train,
        "features": x.T.tolist(),
        "labels": y.tolist(),
        "boosting": {
            "usual": boosted(max_iter=100, learning_rate=0.1, max_leaf_nodes=31, min_samples_leaf=20),
            "shallow": boosted(max_iter=60, learning_rate=0.2, max_leaf_nodes=31, max_depth=3, min_samples_leaf=5, l2_regularization=2.0),
        },
        "forest": {"auc": float(np.mean([f["auc"] for f in forests])), "logLoss": float(np.mean([f["logLoss"] for f in forests]))},
    },
    sys.stdout,
    separators=(",", ":"),
)
print()
