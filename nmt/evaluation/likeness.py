"""How like texts are to one another: chrF of every pair of some texts, as sacreBLEU would judge them one by one.

N texts have N^2 pairs. Their n-grams are counted once, and what two texts share is a matrix product: with c(i, g) the
count of n-gram g in text i,

        sum_g min(c(i, g), c(j, g))  =  sum_{k >= 1} sum_g [c(i, g) >= k] [c(j, g) >= k]
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

ORDER, BETA = 6, 2  # of chrF2, as sacreBLEU's signature says
AT_ONCE = 4096  # n-grams: bounds the memory of a product, however long the texts are


def likeness(texts: Sequence[str]) -> np.ndarray:
    """chrF (Popovic 2015, 2016) of text i with text j as its reference, in percent: (N, N) in float64."""
    from sacrebleu.metrics.helpers import extract_all_char_ngrams

    counted = [extract_all_char_ngrams(text, ORDER) for text in texts]
    precision, recall, orders = (np.zeros((len(texts), len(texts))) for _ in range(3))
    for order in range(ORDER):
        counts = [one[order] for one in counted]
        length, common = np.array([each.total() for each in counts]), shared(counts)
        told = np.maximum(length, 1)
        precision += common / told[:, None]
        recall += common / told
        orders += (length[:, None] > 0) & (length > 0)  # a text may be too short for an order
    mean_precision, mean_recall = precision / np.maximum(orders, 1), recall / np.maximum(orders, 1)
    below = BETA**2 * mean_precision + mean_recall
    return 100 * (1 + BETA**2) * mean_precision * mean_recall / np.where(below > 0, below, 1)


def shared(counts: "Sequence[Counter[str]]") -> np.ndarray:
    """How many items two bags have in common, each as often as in both: (N, N)."""
    columns = {item: column for column, item in enumerate(dict.fromkeys(item for bag in counts for item in bag))}
    places = np.array([(row, columns[item], bag[item]) for row, bag in enumerate(counts) for item in bag])
    common = np.zeros((len(counts), len(counts)))
    for start in range(0, len(columns), AT_ONCE):
        rows, column, often = places[(places[:, 1] >= start) & (places[:, 1] < start + AT_ONCE)].T
        block = np.zeros((len(counts), min(AT_ONCE, len(columns) - start)), np.float32)
        block[rows, column - start] = often
        for least in range(1, int(often.max()) + 1):
            has = (block >= least).astype(np.float32)
            common += has @ has.T
    return common
