"""Weight sharing: each layer with a few values only (Han, Mao & Dally, "Deep Compression", 2016)."""

import dataclasses

import numpy as np

from games.arrays import Float64s, Int32s
from policies.networks.architectures import layers_of
from policies.networks.coding import BOOK_GRID, MAX_BOOK, Written
from policies.networks.layers import ABSENT, Layer
from policies.networks.policy import NetworkPolicy
from policies.networks.retraining import SHARING, Lessons, finite, schedule_of

MAX_ROUNDS = 200  # of k-means; it has come to rest long before


def share(policy: NetworkPolicy, number: float, lessons: Lessons) -> NetworkPolicy:
    """Give each layer at most `number` values by k-means; then train these, each by the sum of its weights' gradients."""
    import torch

    from policies.networks.training import Assembly, train_through

    layers, parts, books = [], [], []
    for layer, part in zip(layers_of(policy.design, lessons.task.game), policy.parameters, strict=True):
        kept = part != 0
        labels = np.full(len(part), -1, dtype=np.int32)
        book, labels[kept] = cluster(part[kept], int(number)) if kept.any() else (np.empty(0), labels[kept])
        layers.append(tied(layer, labels))
        parts.append(labels)
        books.append(book)
    start = np.concatenate(books).astype(np.float32)
    scale = np.concatenate([np.full(len(book), np.std(book) + 1e-6) for book in books if len(book)]).astype(np.float32)
    chart = Assembly(layers, lessons.samples.inputs.device)
    unit, schedule = torch.from_numpy(scale), schedule_of(lessons, SHARING)
    trained = train_through(chart, layers, lessons.samples, start[None], unit, schedule, lessons.goal, None, lessons.seed)
    values = np.split(finite(trained.values[0]), np.cumsum([len(book) for book in books])[:-1])
    found = [written_book(np.append(book, 0.0)[labels]) for book, labels in zip(values, parts, strict=True)]
    return dataclasses.replace(policy, layers=tuple(found))


def cluster(weights: Float64s, n_values: int) -> tuple[Float64s, Int32s]:
    """k-means in one dimension, from values evenly spread between the least and the greatest weight, as in Deep Compression.

    Returns the values that have weights, ascending [at most n_values], and the place of each weight's value [n_weights].
    """
    n_values = min(n_values, len(np.unique(weights)))
    centres = np.linspace(weights.min(), weights.max(), n_values)
    for _ in range(MAX_ROUNDS):
        labels = np.searchsorted((centres[1:] + centres[:-1]) / 2, weights)
        counts = np.bincount(labels, minlength=len(centres))
        sums = np.bincount(labels, weights, minlength=len(centres))
        moved = (sums / np.maximum(counts, 1))[counts > 0]
        if np.array_equal(moved, centres):
            break
        centres = moved
    return centres, np.searchsorted((centres[1:] + centres[:-1]) / 2, weights).astype(np.int32)


def tied(layer: Layer, labels: Int32s) -> Layer:
    """The layer with one parameter for each label; ABSENT for weights that are to be zero. `labels` is [n_parameters]."""
    padded = np.append(labels, np.int32(ABSENT))
    return layer._replace(weights=padded[layer.weights], biases=padded[layer.biases])


def written_book(values: Float64s) -> Written:
    """Parameters of few values as a code book and places in it; values are rounded to its grid."""
    rounded = np.clip(np.round(values / BOOK_GRID), -MAX_BOOK, MAX_BOOK - 1) * BOOK_GRID + 0.0
    book = np.unique(rounded[rounded != 0])
    symbols = np.where(rounded == 0, 0, np.searchsorted(book, rounded) + 1)
    return Written("codebook", symbols.astype(np.int64), book)
