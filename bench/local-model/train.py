"""Trains the vectors of the tokens, and writes the model.

    python train.py --texts DIR --teacher DIR --onnx TEACHER.onnx --bert BERT-TOKENIZER.json --measure DEV.json --out DIR

DIR of --texts has pairs.jsonl, held-out.json and tokenizer.json; --teacher has what teacher.py wrote. Three things are
learnt at once: the sum of a text's tokens points where the teacher's vector of it does, and is as like to other texts as
the teacher's; a translation points where the teacher's vector of the English text does; and of all texts of a batch, the
one that belongs to a text is the most like it.
"""

import argparse
import glob
import json
import os
import re
import time

import numpy as np
import scipy.sparse as sp
import wordfreq

from foreign import choose
from measure import measure
from teacher import Teacher
from tokens import Tokens, unit

DIMENSIONS = 256
# Share of the pairs that are used: what is plentiful and short says less about documents.
SHARES = {"translation": 0.6, "definition": 0.35, "synonym": 0.15}


def read_arguments():
    parser = argparse.ArgumentParser()
    for name in ("texts", "teacher", "onnx", "bert", "measure", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--rate", type=float, default=2e-3, help="learning rate of Adam")
    parser.add_argument("--rare", type=float, default=3e-4, help="a token's weight is rare / (rare + its probability)")
    parser.add_argument("--numbers", type=float, default=0.3, help="weight of numbers that are no years")
    parser.add_argument("--likeness", type=float, default=5.0, help="weight of the loss on likeness in a batch")
    parser.add_argument("--pairs", type=float, default=1.0, help="weight of the loss on pairs")
    parser.add_argument("--temperature", type=float, default=0.05)
    parser.add_argument("--version", type=int, default=3, help="version of the model, for its description")
    return parser.parse_args()


def general_chances(names):
    """The probability of each token as a word of the languages at large."""
    frequencies = [wordfreq.get_frequency_dict(lang, wordlist="large") for lang in ("en", "de", "fr", "es", "zh")]
    return np.array([sum(one.get(name, 0) for one in frequencies) / len(frequencies) for name in names])


def read_teacher(directory):
    texts, vectors = [], []
    for file in sorted(glob.glob(f"{directory}/*.npy")):
        vectors.append(np.load(file).astype(np.float32))
        with open(f"{file[:-4]}.json", encoding="utf8") as part:
            texts += [text for _, text in json.load(part)]
    return texts, np.concatenate(vectors)


def token_vectors(tokens, chosen, teacher, cache):
    """The teacher's vectors of tokens as texts, from the file of an earlier run if there is one."""
    if not os.path.exists(cache):
        np.savez(cache, tokens=chosen, vectors=teacher().embed([tokens.names[at] for at in chosen]).astype(np.float16))
    saved = np.load(cache)
    if not np.array_equal(saved["tokens"], chosen):
        raise SystemExit(f"{cache} is of other tokens: remove it")
    return saved["vectors"].astype(np.float32)


def map_linearly(source, target, at, strength=1.0):
    """@returns `at` as the linear map that best takes source to target (ridge regression) takes it"""
    inner = source.T @ source + strength * np.eye(source.shape[1], dtype=np.float32)
    return at @ np.linalg.solve(inner, source.T @ target)


def start(tokens, options, project, rng):
    """
    Vectors to start from: the teacher's of each token, and for tokens of other languages those of multilingual-e5-small,
    mapped to the teacher's by what both say of English ones.
    """
    learnt = rng.normal(0, 0.02, (tokens.count, DIMENSIONS)).astype(np.float32)
    foreign, english = choose(tokens.names)
    own = np.setdiff1d(np.arange(1, tokens.count), foreign)
    teacher = lambda: Teacher(options.onnx, options.bert)
    learnt[own] = unit(project(token_vectors(tokens, own, teacher, f"{options.texts}/start.npz")))
    saved = np.load(f"{options.texts}/foreign.npz")
    asked, vectors = saved["tokens"], saved["vectors"].astype(np.float32)
    vectors = unit(vectors - vectors.mean(0))
    both = np.isin(asked, english)
    others = np.isin(asked, foreign)
    learnt[asked[others]] = unit(map_linearly(vectors[both], learnt[asked[both]], vectors[others]))
    learnt[np.setdiff1d(foreign, asked)] = 0
    return learnt / 2, foreign


class Adam:
    """Adam for rows of a matrix, of which each step changes some."""

    def __init__(self, rows):
        self.rows, self.mean, self.square, self.step = rows, np.zeros_like(rows), np.zeros_like(rows), 0

    def change(self, at, gradient, rate):
        self.mean[at] = 0.9 * self.mean[at] + 0.1 * gradient
        self.square[at] = 0.99 * self.square[at] + 0.01 * gradient * gradient
        mean = self.mean[at] / (1 - 0.9 ** min(self.step, 1000))
        square = self.square[at] / (1 - 0.99 ** min(self.step, 5000))
        self.rows[at] -= rate * mean / (np.sqrt(square) + 1e-8)


class Batch:
    """Some rows of a matrix of texts, and their vectors."""

    def __init__(self, matrix, rows, vectors):
        part = matrix[rows]
        self.at, columns = np.unique(part.indices, return_inverse=True)
        self.part = sp.csr_matrix((part.data, columns.astype(np.int32), part.indptr), shape=(len(rows), len(self.at)))
        sums = self.part @ vectors[self.at]
        self.length = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6)
        self.unit = sums / self.length

    def gradient(self, of_unit):
        of_sum = (of_unit - (of_unit * self.unit).sum(1, keepdims=True) * self.unit) / self.length
        return self.part.T @ of_sum


def toward_teacher(batch, target, likeness):
    size = len(target)
    difference = batch.unit @ batch.unit.T - target @ target.T
    gradient = -target / size + likeness * 4 * difference @ batch.unit / size**2
    return gradient, float((batch.unit * target).sum(1).mean())


def softmax(scores, axis):
    shares = np.exp(scores - scores.max(axis, keepdims=True))
    return shares / shares.sum(axis, keepdims=True)


def apart_from_others(left, right, weight, temperature):
    size = len(left.unit)
    scores = left.unit @ right.unit.T / temperature
    by_left, by_right = softmax(scores, 1), softmax(scores, 0)
    gradient = (by_left + by_right) / 2
    gradient[np.arange(size), np.arange(size)] -= 1
    gradient *= weight / (temperature * size)
    return gradient @ right.unit, gradient.T @ left.unit, float(-np.log(np.diag(by_left) + 1e-9).mean())


def write_model(directory, vectors, tokens, version):
    scales = np.abs(vectors).max(1) / 127
    scales[scales == 0] = 1e-8
    rows = np.clip(np.round(vectors / scales[:, None]), -127, 127).astype(np.int8)
    os.makedirs(directory, exist_ok=True)
    with open(f"{directory}/vectors.bin", "wb") as file:
        file.write(rows.tobytes())
        file.write(scales.astype("<f4").tobytes())
    with open(f"{directory}/tokenizer.json", "w", encoding="utf8") as file:
        json.dump(json.loads(tokens.tokenizer.to_str()), file, ensure_ascii=False, separators=(",", ":"))
    description = {
        "name": "unsiloed-static-256",
        "version": version,
        "dimensions": DIMENSIONS,
        "tokens": tokens.count,
        "licence": "MIT",
        "teacher": "BAAI/bge-small-en-v1.5",
        "languages": ["en", "de", "fr", "es", "zh"],
    }
    with open(f"{directory}/config.json", "w", encoding="utf8") as file:
        fields = ",\n".join(f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in description.items())
        file.write(f"{{\n{fields}\n}}\n")
    return rows * scales[:, None]


def main():
    options = read_arguments()
    rng = np.random.default_rng(options.seed)
    tokens = Tokens(f"{options.texts}/tokenizer.json")
    with open(f"{options.texts}/pairs.jsonl", encoding="utf8") as lines:
        pairs = [json.loads(line) for line in lines]
    known = {text for pair in pairs for text in (pair["a"], pair["b"])}
    texts, vectors = read_teacher(options.teacher)
    kept = [at for at, text in enumerate(texts) if text in known]
    texts, vectors = [texts[at] for at in kept], vectors[kept]

    # All texts of the teacher lie in one direction from the origin, which says nothing: it is taken away. Then the 256
    # directions in which they differ most are kept.
    middle = vectors.mean(0)
    _, _, directions = np.linalg.svd(vectors[:20000] - middle, full_matrices=False)
    project = lambda rows: (rows - middle) @ directions[:DIMENSIONS].T
    target = unit(project(vectors))

    row_of = {text: row for row, text in enumerate(texts)}
    translated = [(pair["a"], row_of[pair["b"]]) for pair in pairs if pair["kind"] == "translation" and pair["b"] in row_of]
    target_of = np.array([row for _, row in translated])
    used = [pair for pair in pairs if rng.random() < SHARES.get(pair["kind"], 1)]
    single, foreign = tokens.matrix(texts), tokens.matrix([text for text, _ in translated])
    left, right = (tokens.matrix([pair[side] for pair in used]) for side in "ab")
    groups = {}
    for row, pair in enumerate(used):
        groups.setdefault("-".join(sorted({*pair["langs"]})), []).append(row)
    groups = {name: np.array(rows) for name, rows in groups.items()}
    chances = np.array([len(rows) ** 0.7 for rows in groups.values()])
    print(len(texts), "texts,", len(translated), "translations,", {name: len(rows) for name, rows in groups.items()})

    counts = sum(np.asarray(matrix.sum(0)).ravel() for matrix in (single, foreign, left, right))
    chance = (counts / counts.sum() + general_chances(tokens.names)) / 2 + 1e-8
    weights = (options.rare / (options.rare + chance)).astype(np.float32)
    numbers = [at for at, name in enumerate(tokens.names) if name.isdigit() and not re.fullmatch(r"(?:19|20)\d\d", name)]
    weights[numbers] *= options.numbers
    single, foreign, left, right = ((matrix @ sp.diags(weights)).tocsr().astype(np.float32) for matrix in (single, foreign, left, right))

    learnt, of_others = start(tokens, options, project, rng)
    # The mean of the teacher's vectors of the translations of its texts also says what a word means.
    translated_counts = np.asarray(foreign.sum(0)).ravel()
    at = of_others[translated_counts[of_others] > 2]
    learnt[at] = unit(learnt[at] * 2 + unit((foreign.T @ target[target_of])[at])) / 2
    started = learnt.copy()

    adam, begun = Adam(learnt), time.process_time()
    losses = []
    for step in range(1, options.steps + 1):
        adam.step = step
        rate = options.rate * min(1, step / 50) * max(0.05, 1 - step / options.steps)
        for matrix, wanted in [(single, target)] + ([(foreign, target[target_of])] if step % 2 == 0 else []):
            rows = rng.integers(0, matrix.shape[0], options.batch)
            batch = Batch(matrix, rows, learnt)
            gradient, cosine = toward_teacher(batch, wanted[rows], options.likeness)
            adam.change(batch.at, batch.gradient(gradient), rate)
        rows = groups[rng.choice(list(groups), p=chances / chances.sum())]
        rows = np.unique(rows[rng.integers(0, len(rows), options.batch)])
        one, other = Batch(left, rows, learnt), Batch(right, rows, learnt)
        of_one, of_other, loss = apart_from_others(one, other, options.pairs, options.temperature)
        adam.change(one.at, one.gradient(of_one), rate)
        adam.change(other.at, other.gradient(of_other), rate)
        losses.append((cosine, loss))
        if step % 1000 == 0 or step == options.steps:
            print(step, "cosine, loss on pairs:", np.mean(losses[-200:], 0).round(3), "CPU s:", round(time.process_time() - begun))
    # Tokens that the texts lack go where training took the others.
    often, lacking = counts > 20, counts < 2
    learnt[lacking] = map_linearly(started[often], learnt[often], started[lacking])
    print(int(lacking.sum()), "tokens are in no text")
    final = learnt * weights[:, None]
    final[0] = 0
    measure(tokens, write_model(options.out, final, tokens, options.version), [options.measure, f"{options.texts}/held-out.json"])


if __name__ == "__main__":
    main()
