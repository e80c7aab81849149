"""Texts as rows of a sparse matrix: how often each token is in each text, dampened.

    python tokens.py TOKENIZER.json PAIRS.jsonl OUT.json

writes texts of every language and their tokens, for check-tokens.ts.
"""

import json
import random
import sys

import numpy as np
import scipy.sparse as sp
from tokenizers import Tokenizer

UNKNOWN = 0
# The second mention of a token adds less than the first: the square root of its count is what counts.
POWER = 0.5


class Tokens:
    def __init__(self, file):
        self.tokenizer = Tokenizer.from_file(file)
        self.count = self.tokenizer.get_vocab_size()
        self.names = [self.tokenizer.id_to_token(at) for at in range(self.count)]

    def matrix(self, texts):
        """@returns a matrix of len(texts) rows and a column for each token"""
        columns, starts = [], [0]
        for first in range(0, len(texts), 4096):
            for encoding in self.tokenizer.encode_batch_fast(texts[first : first + 4096], add_special_tokens=False):
                columns.extend(token for token in encoding.ids if token != UNKNOWN)
                starts.append(len(columns))
        counts = np.ones(len(columns), np.float32)
        matrix = sp.csr_matrix((counts, np.array(columns, np.int32), np.array(starts)), shape=(len(texts), self.count))
        matrix.sum_duplicates()
        matrix.data **= POWER
        return matrix


def unit(rows):
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)


UNUSUAL = [
    "\ufb01nance \u2460 \uff12\uff10\uff11\uff19 \u2163",
    "na\u00efve \u0130stanbul \u1e9e stra\u00dfe",
    "a\u00adb zero\u200bwidth",
    "\u6df7\u5408English\u6587\u672c2019\u5e74",
    "\U0001f600 x\u00b2",
    "\t\n ",
    "",
    "e\u0301 A\u030a",
]


def main():
    tokenizer_file, pairs_file, out = sys.argv[1:]
    tokens, texts = Tokens(tokenizer_file), {}
    with open(pairs_file, encoding="utf8") as lines:
        for line in lines:
            pair = json.loads(line)
            for text, lang in zip((pair["a"], pair["b"]), pair["langs"]):
                texts.setdefault(lang, set()).add(text)
    rng = random.Random(1)
    chosen = [text for lang in sorted(texts) for text in rng.sample(sorted(texts[lang]), 1000)] + UNUSUAL
    encodings = tokens.tokenizer.encode_batch(chosen, add_special_tokens=False)
    with open(out, "w", encoding="utf8") as file:
        json.dump([{"text": text, "ids": [at for at in one.ids if at != UNKNOWN]} for text, one in zip(chosen, encodings)], file)


if __name__ == "__main__":
    main()
