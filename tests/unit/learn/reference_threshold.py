#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the reference values of test_threshold.c and test_calibrate.c: the rules as their formulas
say, label by label and cut by cut, and the sigmoid by scipy's minimiser. Needs numpy and scipy."""
import numpy as np
from scipy.optimize import minimize
from scipy.special import expit


def generator(seed):
    state = seed

    def draw(n):
        nonlocal state
        state = (state * 1103515245 + 12345) % 2**31
        return (state >> 12) % n

    return draw


def make(seed, n, n_labels, n_folds, steps):
    draw = generator(seed)
    fold = np.zeros(n, int)
    gold = np.zeros((n, n_labels), int)
    scores = np.zeros((n, n_labels), np.float32)
    for i in range(n):
        fold[i] = draw(n_folds)
        for l in range(n_labels):
            gold[i, l] = draw(1000) < (400 >> l) + 8
            noise = draw(2 * steps) + draw(2 * steps)
            lift = steps + steps * (l % 3) // 2 if gold[i, l] else 0
            scores[i, l] = np.float32(noise + lift) / np.float32(steps) - np.float32(3)
    return scores, gold, fold


def f1(tp, given, support):
    return 2 * tp / (given + support) if given + support > 0 else 0.0


def cuts_of(scores, gold):
    """Infinity, and the middle between each positive score and the next lower one of the scores
    that are at or above the lowest positive one."""
    positive = np.unique(scores[gold > 0])
    kept = np.unique(scores[scores >= positive[0]])
    cuts = [np.inf]
    for p in positive[::-1]:
        lower = kept[kept < p]
        cuts.append(np.float32((float(p) + float(lower[-1])) / 2) if len(lower) else p)
    return cuts


class Fit:
    def __init__(self, scores, gold, cuts, weights):
        self.cuts, self.weights = cuts, weights
        self.n_labels = gold.shape[1]
        self.support = gold.sum(0)
        self.tp = np.array([[np.sum(gold[:, l] * (scores[:, l] >= t)) for t in cuts]
                            for l in range(self.n_labels)], float)
        self.given = np.array([[np.sum(scores[:, l] >= t) for t in cuts]
                               for l in range(self.n_labels)], float)
        self.f1 = np.array([[f1(a, b, m) for a, b in zip(x, y)]
                            for x, y, m in zip(self.tp, self.given, self.support)])

    def globally(self):
        micro, macro = self.weights
        value = [micro * f1(self.tp[:, c].sum(), self.given[:, c].sum(), self.support.sum())
                 + macro * self.f1[:, c].mean() for c in range(len(self.cuts))]
        return [int(np.argmax(value))] * self.n_labels

    def neighbours(self, l):
        own = self.support[l]
        some = [j for j in range(self.n_labels) if self.support[j] > 0]
        near = [j for j in some if own / 3 <= self.support[j] <= 3 * max(own, 1)]
        if len(near) < 3:
            def far(j):
                ratio = (self.support[j] + 1) / (own + 1)
                return ratio if ratio >= 1 else (own + 1) / (self.support[j] + 1)

            limit = sorted(far(j) for j in some)[:5][-1]
            near = [j for j in some if far(j) <= limit]
        return near

    def curves(self, l, strength):
        near = self.neighbours(l)
        m = self.support[l]
        positives = sum(self.support[j] for j in near)
        near_tp = sum(self.tp[j] for j in near) / positives
        near_given = sum(self.given[j] for j in near) / positives
        near_f1 = sum(self.f1[j] for j in near) / len(near)
        size = max(m, 1) / max(m + strength, 1)
        tp = size * (self.tp[l] + strength * near_tp)
        given = size * (self.given[l] + strength * near_given)
        mixed = ((m * self.f1[l] + strength * near_f1) / (m + strength) if m + strength > 0
                 else 0 * near_f1)
        return tp, given, mixed

    def shrunk(self, strength):
        micro, macro = self.weights
        curves = [self.curves(l, strength) for l in range(self.n_labels)]
        total = self.support.sum()
        ratio, below, best, chosen = 0.5, total, -1, None
        for _ in range(20):
            tried = [middle(micro * (2 * a - ratio * b) / below + macro * f / self.n_labels)
                     for a, b, f in curves]
            tp = sum(a[c] for (a, _, _), c in zip(curves, tried))
            given = sum(b[c] for (_, b, _), c in zip(curves, tried))
            mean = sum(f[c] for (_, _, f), c in zip(curves, tried)) / self.n_labels
            value = micro * f1(tp, given, total) + macro * mean
            if value <= best + 1e-12:
                break
            best, chosen = value, tried
            ratio, below = f1(tp, given, total), given + total
            if micro == 0:
                break
        return chosen


def middle(values):
    first = int(np.argmax(values > values.max() - 1e-13))
    last = first
    while last + 1 < len(values) and values[last + 1] > values.max() - 1e-13:
        last += 1
    return 0 if first == 0 else first + (last - first) // 2


def scutfbr(scores, gold, fold, cuts, folds):
    n_labels = gold.shape[1]
    chosen = []
    for l in range(n_labels):
        votes = {}
        for k in folds:
            a = fold == k
            curve = np.array([f1(np.sum(gold[a, l] * (scores[a, l] >= t)),
                                 np.sum(scores[a, l] >= t), gold[a, l].sum()) for t in cuts])
            c = middle(curve)
            votes[k] = (curve[c], cuts[c], scores[a, l].max())

        def vote(fbr, without):
            v = [top if best < fbr or np.isinf(cut) else cut
                 for k, (best, cut, top) in votes.items() if k != without]
            if not v:
                return 0
            mean = sum(map(float, v)) / len(v)
            return max(c for c, t in enumerate(cuts) if t >= mean)

        best = -1
        for i in range(1, 9):
            fbr, tp, given = 0.1 * i, 0, 0
            for k in folds:
                a = fold == k
                t = cuts[vote(fbr, k)]
                tp += np.sum(gold[a, l] * (scores[a, l] >= t))
                given += np.sum(scores[a, l] >= t)
            value = f1(tp, given, gold[np.isin(fold, folds), l].sum())
            if value > best:
                best, c = value, vote(fbr, None)
        chosen.append(c)
    return chosen


RULES = [256, "global", 64, 16, 4, 0, "fbr"]


def fit(rule, scores, gold, fold, cuts, folds, weights):
    if rule == "fbr":
        return scutfbr(scores, gold, fold, cuts, folds)
    a = np.isin(fold, folds)
    f = Fit(scores[a], gold[a], cuts, weights)
    return f.globally() if rule == "global" else f.shrunk(rule)


def judge(predictions, gold):
    tp, given, support = (gold * predictions).sum(0), predictions.sum(0), gold.sum(0)
    return (f1(tp.sum(), given.sum(), support.sum()),
            np.mean([f1(*x) for x in zip(tp, given, support)]))


def predict(rule_of, scores, gold, fold, cuts, folds, weights):
    """Labels of the folds, each by the rule fitted on the others."""
    predictions = np.zeros_like(gold)
    for k in folds:
        others = [j for j in folds if j != k]
        chosen = fit(rule_of(others), scores, gold, fold, cuts, others, weights)
        for l, c in enumerate(chosen):
            predictions[fold == k, l] = scores[fold == k, l] >= cuts[c]
    return predictions


def select(scores, gold, fold, cuts, folds, weights):
    predictions = [predict(lambda _: r, scores, gold, fold, cuts, folds, weights) for r in RULES]

    def value(p, some):
        a = np.isin(fold, some)
        return float(np.dot(weights, judge(p[a], gold[a])))

    values = [value(p, folds) for p in predictions]
    best = int(np.argmax(values))
    for r in range(best):
        leads = [value(predictions[best], [j for j in folds if j != k]) -
                 value(predictions[r], [j for j in folds if j != k]) for k in folds]
        error = np.sqrt((len(folds) - 1) * np.var(leads))
        if values[best] - values[r] <= max(0.001, 2 * error):
            best = r
            break
    a = np.isin(fold, folds)
    return best, [judge(p[a], gold[a]) for p in predictions]


def print_learning(seed, n, n_labels, n_folds, steps):
    scores, gold, fold = make(seed, n, n_labels, n_folds, steps)
    cuts = cuts_of(scores, gold)
    folds = list(range(n_folds))
    print(f"seed {seed}: support {gold.sum(0)}, {len(cuts)} cuts")
    for name, weights in (("BOTH", (1, 1)), ("MICRO", (1, 0)), ("MACRO", (0, 1))):
        winner, trials = select(scores, gold, fold, cuts, folds, weights)
        forecast = judge(predict(lambda f: RULES[select(scores, gold, fold, cuts, f, weights)[0]],
                                 scores, gold, fold, cuts, folds, weights), gold)
        print(f"    {{OBJECTIVE_{name}, {winner}, {forecast[0]:.15g}, {forecast[1]:.15g},\n     {{")
        for a, b in trials:
            print(f"         {{{a:.15g}, {b:.15g}}},")
        print("     },")
        chosen = fit(RULES[winner], scores, gold, fold, cuts, folds, weights)
        print("     {" + ", ".join(f"{cuts[c]:.9g}f" for c in chosen) + "}},")


def sigmoid(scores, gold):
    """Minimum of the cross-entropy against Platt's targets, over a <= 0."""
    scores = np.asarray(scores, float)
    p = int(gold.sum())
    t = np.where(gold > 0, (p + 1) / (p + 2), 1 / (len(gold) - p + 2))
    mean, scale = scores.mean(), scores.std() or 1.0
    z = (scores - mean) / scale

    def value(x):
        u = x[0] * z + x[1]
        return np.mean(np.logaddexp(0, u) - (1 - t) * u)

    def slope(x):
        d = t - expit(-(x[0] * z + x[1]))
        return np.array([np.mean(d * z), np.mean(d)])

    def curve(x):
        q = expit(x[0] * z + x[1])
        w = q * (1 - q)
        return np.array([[np.mean(w * z * z), np.mean(w * z)], [np.mean(w * z), np.mean(w)]])

    x = minimize(value, [0, 0], jac=slope, hess=curve, method="trust-exact",
                 options={"gtol": 1e-14}).x
    if x[0] >= 0:
        return 0.0, float(np.log((1 - t.mean()) / t.mean()))
    return x[0] / scale, x[1] - x[0] * mean / scale


def print_sigmoids():
    for seed, n, label, factor, offset in ((1, 400, 0, 1, 0), (1, 400, 3, 1, 0), (1, 400, 5, 1, 0),
                                           (2, 40, 1, 1e6, -5e6), (2, 40, 1, 1e-6, 3e-6)):
        scores, gold, _ = make(seed, n, 6, 5, 50)
        s = (scores[:, label].astype(float) * factor + offset).astype(np.float32)
        a, b = sigmoid(s, gold[:, label])
        print(f"    {{{seed}, {n}, {label}, {factor:g}, {offset:g}, {a:.12g}, {b:.12g}}},"
              f"  /* {gold[:, label].sum()} positives */")


if __name__ == "__main__":
    print_learning(1, 120, 5, 4, 8)
    print_learning(7, 300, 8, 3, 40)
    print_sigmoids()
