# SPDX-License-Identifier: Apache-2.0
"""Prints the reference values stored in the tests of this folder, from scikit-learn, scipy and
statsmodels (made with 1.2.1, 1.10.1 and 0.13.5). The tests do not run it; data come from the same
generator as in cases.h."""
import numpy as np
from scipy import stats
from sklearn import metrics as sk
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

state = 0


def seed(value):
    global state
    state = value


def draw(n):
    global state
    state = (state * 1103515245 + 12345) % 2**31
    return (state >> 16) % n


def multi(n=60, rates=(50, 30, 10, 3, 0, 0), wrong=(20, 20, 20, 20, 10, 0)):
    seed(1)
    gold, predicted, scores = [], [], []
    for _ in range(n):
        g, p, s = [], [], []
        for rate, w in zip(rates, wrong):
            g.append(int(draw(100) < rate))
            p.append(g[-1] ^ int(draw(100) < w))
            s.append(draw(12) + 4 * g[-1])
        gold.append(g), predicted.append(p), scores.append(s)
    return np.array(gold), np.array(predicted), np.array(scores, dtype=np.float32)


def single(n=80, n_classes=4):
    seed(2)
    gold, predicted = [], []
    for _ in range(n):
        g = draw(n_classes - 1)
        gold.append(g)
        predicted.append(g if draw(100) < 70 else draw(n_classes))
    return np.array(gold), np.array(predicted)


def probabilities(n=200):
    seed(3)
    p, y = [], []
    for _ in range(n):
        p.append(draw(1001) / 1000)
        y.append(int(draw(1000) < 1000 * p[-1] ** 2))
    return np.array(p), np.array(y)


def show(name, values):
    print(name, ", ".join("%.17g" % v for v in np.ravel(values)))


def averages(gold, predicted, labels=None):
    for average in ("micro", "macro", "weighted", None):
        prf = sk.precision_recall_fscore_support(gold, predicted, average=average, labels=labels,
                                                 zero_division=0)
        show(str(average), np.array([x for x in prf if x is not None], dtype=float).T)


def main():
    gold, predicted, scores = multi()
    print("-- multi"), averages(gold, predicted)
    supported = gold.sum(0) > 0
    show("supported", sk.precision_recall_fscore_support(
        gold[:, supported], predicted[:, supported], average="macro", zero_division=0)[:3])
    show("subset", sk.accuracy_score(gold, predicted))
    show("hamming", sk.hamming_loss(gold, predicted))
    for l in range(4):
        show("ap %d" % l, sk.average_precision_score(gold[:, l], scores[:, l]))
        show("auc %d" % l, sk.roc_auc_score(gold[:, l], scores[:, l]))
    show("ap micro", sk.average_precision_score(gold, scores, average="micro"))
    precision, recall, thresholds = sk.precision_recall_curve(gold[:, 1], scores[:, 1])
    show("curve thresholds", thresholds[::-1])
    show("curve precision", precision[:-1][::-1])
    show("curve recall", recall[:-1][::-1])

    gold, predicted = single()
    print("-- single"), averages(gold, predicted, labels=range(4))
    show("accuracy", sk.accuracy_score(gold, predicted))
    show("hamming", sk.hamming_loss(gold, predicted))
    show("confusion", sk.confusion_matrix(gold, predicted, labels=range(4)))
    show("kappa", sk.cohen_kappa_score(gold, predicted))

    p, y = probabilities()
    print("-- probabilities")
    show("brier", sk.brier_score_loss(y, p))
    edges = np.arange(16) / 15
    which = np.clip(np.searchsorted(edges, p, side="left") - 1, 0, 14)
    show("bin n", [np.sum(which == b) for b in range(15)])
    show("ece", sum(abs(p[which == b].sum() - y[which == b].sum()) for b in range(15)) / len(p))

    print("-- distributions")
    for z in (-8.5, -1.96, -0.3, 0, 0.7, 3):
        show("cdf %g" % z, stats.norm.cdf(z))
    for q in (1e-250, 1e-10, 0.00025, 0.025, 0.3, 0.5, 0.6, 0.975, 1 - 1e-10):
        show("ppf %r" % q, stats.norm.ppf(q))
    for x in (0.01, 0.5, 3.84, 30, 400):
        show("chi2 sf %g" % x, stats.chi2.sf(x, 1))
    for k, n in ((0, 1), (0, 40), (3, 10), (7, 10), (10, 20), (480, 1000), (520, 1000),
                 (499000, 1000000), (0, 1000), (40, 400)):
        show("binom cdf %d %d" % (k, n), stats.binom.cdf(k, n, 0.5))
    for b, c in ((3, 12), (12, 3), (25, 40), (5, 5), (0, 1), (400, 520)):
        exact = mcnemar([[0, b], [c, 0]], exact=True)
        chi2 = mcnemar([[0, b], [c, 0]], exact=False, correction=True)
        show("mcnemar %d %d" % (b, c), (exact.pvalue, chi2.statistic, chi2.pvalue))
    tests = [0.01, 0.04, 0.03, 0.005, 0.9, 0.04, 0.011]
    show("holm", multipletests(tests, method="holm")[1])

    print("-- bootstrap")
    seed(4)
    replicates = np.sort([draw(1000) / 1000 for _ in range(101)])
    show("percentile", np.percentile(replicates, (2.5, 97.5)))
    for estimate, a in ((0.5, 0.0), (0.4, 0.05), (0.6, -0.1), (replicates[30], 0.02)):
        share = (np.sum(replicates < estimate) + np.sum(replicates <= estimate)) / 2 / 101
        z0, z = stats.norm.ppf(share), stats.norm.ppf((0.025, 0.975))
        alpha = stats.norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z)))
        show("bca %r %r" % (estimate, a), np.quantile(replicates, alpha))
    # scipy's own acceleration, seen through a statistic that is a ratio of sums.
    seed(5)
    x = np.array([[draw(9) ** 3, draw(9) + 5] for _ in range(150)], dtype=float)
    w = np.array([[draw(7) + 1] for _ in range(14)], dtype=float)

    def jackknife(rows, f):
        values = np.array([f(np.delete(rows, i, 0)) for i in range(len(rows))])
        return (len(rows) - 1) * (values.mean() - values)

    u = jackknife(x, lambda r: r[:, 0].sum() / r[:, 1].sum())
    show("acceleration", (u**3).sum() / (6 * (u**2).sum() ** 1.5))
    u = jackknife(x, lambda r: r[:, 0].sum() / r[:, 1].sum() * w.sum())
    v = jackknife(w, lambda r: x[:, 0].sum() / x[:, 1].sum() * r.sum())
    above = (u**3).sum() / 150**3 + (v**3).sum() / 14**3
    below = (u**2).sum() / 150**2 + (v**2).sum() / 14**2
    show("acceleration of two", above / (6 * below**1.5))


main()
