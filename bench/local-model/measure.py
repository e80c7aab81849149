"""Measures how often the first and the first five texts found by meaning hold the answer.

    python measure.py MODEL COLLECTIONS.json…

Collections have `splits` and `questions`, each with the positions of the splits that answer it, as dump-splits.ts writes
them.
"""

import json
import sys

import numpy as np

from tokens import Tokens, unit


def measure(tokens, vectors, files):
    print("set: questions, hit@1, hit@5")
    for file in files:
        with open(file, encoding="utf8") as stream:
            collections = json.load(stream)
        for collection in collections:
            questions = collection["questions"]
            splits = unit(tokens.matrix(collection["splits"]) @ vectors)
            asked = unit(tokens.matrix([question["text"] for question in questions]) @ vectors)
            order = np.argsort(-(asked @ splits.T), axis=1, kind="stable")
            ranks = np.array(
                [
                    next((rank for rank, at in enumerate(found) if at in set(question["answers"])), len(found))
                    for found, question in zip(order, questions)
                ]
            )
            print(f"{collection['name']}: {len(questions)}, {(ranks < 1).mean():.3f}, {(ranks < 5).mean():.3f}", flush=True)


def main():
    directory, *files = sys.argv[1:]
    tokens = Tokens(f"{directory}/tokenizer.json")
    with open(f"{directory}/config.json", encoding="utf8") as file:
        dimensions = json.load(file)["dimensions"]
    data = np.fromfile(f"{directory}/vectors.bin", np.int8)
    rows = data[: tokens.count * dimensions].reshape(tokens.count, dimensions)
    scales = np.frombuffer(data[tokens.count * dimensions :].tobytes(), "<f4")
    measure(tokens, rows * scales[:, None], files)


if __name__ == "__main__":
    main()
