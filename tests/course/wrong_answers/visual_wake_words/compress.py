"""Wrong answers to the exercises of `visual_wake_words_compress`: the mistakes learners make."""

import heapq

import numpy as np

from tests.course.wrong_answers import wrong_answer


@wrong_answer("magnitude_mask", says="compare magnitudes")
def removes_the_most_negative(weights, sparsity):
    mask = np.ones(weights.size, bool)
    mask[np.argsort(weights.ravel())[: round(sparsity * weights.size)]] = False
    return mask.reshape(weights.shape)


@wrong_answer("magnitude_mask", says="you return the opposite")
def marks_what_goes(weights, sparsity):
    mask = np.zeros(weights.size, bool)
    mask[np.argsort(np.abs(weights).ravel())[: round(sparsity * weights.size)]] = True
    return mask.reshape(weights.shape)


@wrong_answer("magnitude_mask", says="round(sparsity * n)")
def cuts_the_count_off(weights, sparsity):
    mask = np.ones(weights.size, bool)
    mask[np.argsort(np.abs(weights).ravel())[: int(sparsity * weights.size)]] = False
    return mask.reshape(weights.shape)


@wrong_answer("magnitude_mask", says="must hold True and False")
def returns_the_weights(weights, sparsity):
    mask = np.ones(weights.size)
    mask[np.argsort(np.abs(weights).ravel())[: round(sparsity * weights.size)]] = 0
    return weights * mask.reshape(weights.shape)


@wrong_answer("summed_gradient", says="that is the mean")
def takes_the_mean(kernel_gradient, indices, clusters):
    flat, places = kernel_gradient.ravel(), indices.ravel()
    counts = np.bincount(places, minlength=clusters)
    return np.bincount(places, weights=flat, minlength=clusters) / np.maximum(counts, 1)


@wrong_answer("summed_gradient", says="also where no weight uses one")
def forgets_unused_values(kernel_gradient, indices, clusters):
    return np.array([kernel_gradient[indices == k].sum() for k in np.unique(indices)])


@wrong_answer("summed_gradient", says="magnitudes are added up")
def adds_magnitudes(kernel_gradient, indices, clusters):
    return np.array([np.abs(kernel_gradient[indices == k]).sum() for k in range(clusters)])


@wrong_answer("summed_gradient", says="that counts the weights")
def counts_the_weights(kernel_gradient, indices, clusters):
    return np.bincount(indices.ravel(), minlength=clusters)


@wrong_answer("relative_index", says="one less than the difference")
def takes_the_difference(positions, bits):
    gaps, before = [], -1
    for position in positions:
        gaps.append(position - before)
        before = position
    return np.array(gaps)


@wrong_answer("relative_index", says="an entry of its own")
def forgets_the_fillers_place(positions, bits):
    gaps, before, widest = [], -1, 2**bits - 1
    for position in positions:
        skipped, before = position - before - 1, position
        while skipped > widest:
            gaps.append(widest)
            skipped -= widest
        gaps.append(skipped)
    return np.array(gaps)


@wrong_answer("relative_index", says="put fillers in")
def lets_gaps_overflow(positions, bits):
    return np.diff(positions, prepend=-1) - 1


@wrong_answer("relative_index", says="zeros before the first weight")
def begins_at_the_first_weight(positions, bits):
    gaps, before, reach = [], None, 2**bits
    for position in positions:
        skipped = 0 if before is None else position - before - 1
        before = position
        gaps += [reach - 1] * (skipped // reach) + [skipped % reach]
    return np.array(gaps)


@wrong_answer("huffman_bits", says="that is Shannon's limit")
def gives_the_entropy(counts):
    counts = np.array([count for count in counts if count])
    return float(np.sum(counts * np.log2(counts.sum() / counts)))


@wrong_answer("huffman_bits", says="but not the shortest")
def rounds_each_up(counts):
    counts = np.array([count for count in counts if count])
    return float(np.sum(counts * np.ceil(np.log2(counts.sum() / counts))))


@wrong_answer("huffman_bits", says="same width for all")
def gives_fixed_width(counts):
    counts = [count for count in counts if count]
    return sum(counts) * max(1, int(np.ceil(np.log2(len(counts)))))


@wrong_answer("huffman_bits", says="still needs one bit")
def forgets_a_symbol_alone(counts):
    heap = [count for count in counts if count]
    heapq.heapify(heap)
    bits = 0
    while len(heap) > 1:
        merged = heapq.heappop(heap) + heapq.heappop(heap)
        bits += merged
        heapq.heappush(heap, merged)
    return bits


@wrong_answer("remove_channels", says="you cut its inputs")
def cuts_the_inputs(first, depthwise, following, kept):
    return first[:, :, kept], depthwise[:, :, kept], following[:, :, kept]


@wrong_answer("remove_channels", says="it cannot read")
def forgets_the_next_layer(first, depthwise, following, kept):
    return first[..., kept], depthwise[:, :, kept], following


@wrong_answer("remove_channels", says="still has its old channels")
def forgets_the_depthwise(first, depthwise, following, kept):
    return first[..., kept], depthwise, following[:, :, kept]


@wrong_answer("remove_channels", says="holds the wrong channels")
def keeps_the_first_ones(first, depthwise, following, kept):
    n = len(kept)
    return first[..., :n], depthwise[:, :, :n], following[:, :, :n]


@wrong_answer("soft_targets", says="do not multiply")
def multiplies(logits, temperature):
    z = logits * temperature
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@wrong_answer("soft_targets", says="not the probabilities after it")
def divides_afterwards(logits, temperature):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True) / temperature


@wrong_answer("soft_targets", says="exp(1000) is infinite")
def overflows(logits, temperature):
    powers = np.exp(logits / temperature)
    return powers / powers.sum(axis=1, keepdims=True)


@wrong_answer("soft_targets", says="each row is one example")
def normalizes_the_wrong_way(logits, temperature):
    z = logits / temperature
    powers = np.exp(z - z.max(axis=0))
    return powers / powers.sum(axis=0)
