"""Reads the sources of text and writes texts and pairs of related texts for train.py.

    python corpus.py MIRRORS WORDNET OUT

MIRRORS has bare clones of the repositories that the README names, as `owner+name/repo`; WORDNET is the directory of
WordNet's `data.*` files. OUT/pairs.jsonl has one pair a line: its kind, the language of each side, and two texts that
belong together (a heading and its text, a question and its answer, a text and its translation). OUT/held-out.json has
pairs that are kept from training, as collections to search.
"""

import csv
import hashlib
import html
import io
import json
import os
import random
import re
import subprocess
import sys

SEED = 15
MAX_CHARS = {"zh": 160}
LONG = 480


def blobs(git_dir, match, ref="HEAD"):
    """Yields the path and the text of every file of a commit whose path matches; absent objects are left out."""
    listing = subprocess.run(
        ["git", "--git-dir", git_dir, "ls-tree", "-r", "-l", "-z", ref], check=True, capture_output=True
    ).stdout.decode("utf8", "replace")
    wanted = []
    for entry in listing.split("\0"):
        if not entry:
            continue
        meta, path = entry.split("\t", 1)
        _, kind, name, size = meta.split()
        if kind == "blob" and size.isdigit() and re.search(match, path):
            wanted.append((name, path))
    reader = subprocess.Popen(
        ["git", "--git-dir", git_dir, "cat-file", "--batch"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    for name, path in wanted:
        reader.stdin.write(name.encode() + b"\n")
        reader.stdin.flush()
        header = reader.stdout.readline().split()
        if header[1] == b"missing":
            continue
        data = reader.stdout.read(int(header[2]))
        reader.stdout.read(1)
        yield path, data.decode("utf8", "replace")
    reader.stdin.close()
    reader.wait()


def clean(text):
    """Removes Markdown and markup, and runs of white space."""
    text = re.sub(r"<a name=[^>]*></a>|<!--.*?-->", " ", text, flags=re.S)
    text = re.sub(r"\[!INCLUDE ?\[prod_?(?:short|long)?\]\([^)]*\)\]", "Business Central", text, flags=re.I)
    text = re.sub(r"\[!INCLUDE ?\[([^\]]*)\]\([^)]*\)\]", " ", text, flags=re.I)
    text = re.sub(r"\[!(?:NOTE|IMPORTANT|TIP|WARNING|CAUTION)\]", " ", text)
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", " ", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\{#[^}]*\}|\{[a-z]+\}|:[a-z:]+:(?=`)", " ", text)
    text = re.sub(r"<[^>]{1,200}>", " ", text)
    text = html.unescape(text)
    text = re.sub(r"[*_`]{1,3}", "", text)
    text = re.sub(r"^\s*(?:[-+>]|\d+\.)\s+", "", text, flags=re.M)
    return re.sub(r"\s+", " ", text).strip()


def cut(text, lang):
    """Shortens a text to about 100 tokens at the end of a word."""
    limit = MAX_CHARS.get(lang, LONG)
    if len(text) <= limit:
        return text
    short = text[:limit]
    return short if lang == "zh" else short.rsplit(" ", 1)[0]


def markdown_sections(text):
    """Yields slug, heading and blocks of every section of a Markdown document, front matter left out."""
    text = re.sub(r"\A\ufeff?---\n.*?\n---\n", "", text, flags=re.S)
    slug, heading, blocks = "", "", []
    for block in re.split(r"\n\s*\n", text):
        block = block.strip()
        found = re.match(r"#{1,6} +(.*)", block)
        if found:
            yield slug, heading, blocks
            line, _, rest = block.partition("\n")
            anchor = re.search(r'<a name="([^"]*)"', line)
            heading = clean(re.sub(r"^#+ ", "", line))
            slug = anchor.group(1) if anchor else re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-")
            blocks = [rest] if rest else []
        elif block:
            blocks.append(block)
    yield slug, heading, blocks


def is_prose(text, lang):
    letters = sum(letter.isalpha() for letter in text)
    return len(text) >= (12 if lang == "zh" else 40) and letters > 0.6 * len(text.replace(" ", ""))


class Corpus:
    def __init__(self):
        self.pairs, self.seen = [], set()

    def add(self, kind, lang_a, a, lang_b, b):
        a, b = cut(a.strip(), lang_a), cut(b.strip(), lang_b)
        key = hashlib.md5(f"{a}\0{b}".encode()).digest()
        if not a or not b or a == b or key in self.seen:
            return
        self.seen.add(key)
        self.pairs.append({"kind": kind, "langs": [lang_a, lang_b], "a": a, "b": b})


def microsoft(corpus, mirrors):
    """Documentation of Business Central, Finance and Project Operations: headings, texts and their translations."""
    english = {}
    for repo, lang in [
        ("MicrosoftDocs+dynamics365smb-docs", "en"),
        ("MicrosoftDocs+dynamics365smb-docs-pr.de-de", "de"),
        ("MicrosoftDocs+dynamics365smb-docs-pr.fr-fr", "fr"),
        ("MicrosoftDocs+dynamics365smb-docs-pr.es-es", "es"),
        ("MicrosoftDocs+Dynamics-365-Operations.zh-cn", "zh"),
        ("MicrosoftDocs+dynamics-365-project-operations-pr.zh-CN", "zh"),
    ]:
        for path, text in blobs(f"{mirrors}/{repo}/repo", r"^(?:business-central|articles|project).*\.md$"):
            if "/archive/" in path:
                continue
            text = text.replace("\r\n", "\n")
            front = dict(re.findall(r"^(title|description): *['\"]?(.*?)['\"]?$", text[:3000], flags=re.M))
            title = clean(front.get("title", ""))
            if title and front.get("description"):
                corpus.add("title", lang, title, lang, clean(front["description"]))
            for slug, heading, blocks in markdown_sections(text):
                kept = [clean(block) for block in blocks if not block.lstrip().startswith(("|", "```", "<"))]
                first = [block for block in kept if is_prose(block, lang)]
                name = heading or title
                if name and first:
                    corpus.add("heading", lang, name, lang, first[0])
                    path_name = f"{title} {name}" if title and title != name else name
                    for block in first[1:4]:
                        corpus.add("section", lang, path_name, lang, block)
                for one, two in zip(first[:6:2], first[1:6:2]):
                    corpus.add("next", lang, one, lang, two)
                if lang == "en":
                    english[(path, slug)] = (heading, kept)
                elif (path, slug) in english:
                    other, texts = english[(path, slug)]
                    if other and heading:
                        corpus.add("translation", lang, heading, "en", other)
                    if len(texts) == len(kept):
                        for there, here in zip(texts, kept):
                            if is_prose(here, lang) and is_prose(there, "en"):
                                corpus.add("translation", lang, here, "en", there)
                elif lang == "zh" and heading and re.fullmatch(r"[a-z][a-z0-9-]+", slug):
                    corpus.add("translation", lang, heading, "en", slug.replace("-", " "))


def python_docs(corpus, mirrors):
    """Documentation of Python, as catalogues of translations."""
    for repo, lang, ref in [
        ("python+python-docs-fr", "fr", "3.13"),
        ("python+python-docs-es", "es", "3.12"),
        ("python+python-docs-zh-cn", "zh", "3.13"),
    ]:
        for path, text in blobs(f"{mirrors}/{repo}/repo", r"\.po$", ref):
            if re.search(r"whatsnew/changelog", path):
                continue
            for entry in re.split(r"\n\s*\n", text):
                if "#, fuzzy" in entry:
                    continue
                found = re.search(r'msgid ((?:".*"\s*)+)msgstr ((?:".*"\s*)+)', entry)
                if not found:
                    continue
                source, target = (
                    "".join(json.loads(f'"{line}"') if "\\x" not in line else "" for line in re.findall(r'"(.*)"', part))
                    for part in found.groups()
                )
                source, target = (clean(re.sub(r":[a-z:]+:", "", part)) for part in (source, target))
                if is_prose(target, lang) and is_prose(source, "en"):
                    corpus.add("translation", lang, target, "en", source)


def german_laws(corpus, mirrors):
    for _, text in blobs(f"{mirrors}/bundestag+gesetze/repo", r"index\.md$"):
        title = re.search(r"^# (.*)$", text, flags=re.M)
        name = re.sub(r"\([^)]*\)", "", title.group(1)) if title else ""
        count = 0
        for _, heading, blocks in markdown_sections(text):
            heading = re.sub(r"^(?:§+|Art(?:ikel)?\.?) *[0-9a-z]+ *", "", heading)
            first = [block for block in map(clean, blocks) if is_prose(block, "de")]
            if len(heading) > 4 and first and count < 12:
                corpus.add("heading", "de", heading, "de", re.sub(r"^\(\d+\) *", "", first[0]))
                for block in first[1:2]:
                    corpus.add("section", "de", f"{name} {heading}", "de", re.sub(r"^\(\d+\) *", "", block))
                count += 1


def french_code(corpus, mirrors):
    for path, text in blobs(f"{mirrors}/steeve+france.code-civil/repo", r"\.md$"):
        names = [re.sub(r"^(?:Livre|Titre|Chapitre|Section|Paragraphe)[^-:]*[-:] *", "", part) for part in path.split("/")]
        for _, heading, blocks in markdown_sections(text):
            first = [block for block in map(clean, blocks) if is_prose(block, "fr")]
            above = names[-2] if len(names) > 1 else ""
            for block in first[:2]:
                corpus.add("section", "fr", clean(above), "fr", block)
            for one, two in zip(first, first[1:2]):
                corpus.add("next", "fr", one, "fr", two)


def chinese_laws(corpus, mirrors):
    for path, text in blobs(f"{mirrors}/LawRefBook+Laws/repo", r"\.md$"):
        title = re.search(r"^# *(.*)$", text, flags=re.M)
        if not title or "案例" in path:
            continue
        articles = [
            clean(re.sub(r"^第[^条]{1,9}条(?:之[^ 　]*)?[ 　]*", "", block.strip()))
            for block in re.split(r"\n\s*\n", text.split("INFO END -->")[-1])
            if block.strip().startswith("第")
        ]
        articles = [article for article in articles if is_prose(article, "zh")]
        random.Random(path).shuffle(articles)
        for article in articles[:6]:
            corpus.add("section", "zh", clean(title.group(1)), "zh", article)
            halves = re.split(r"(?<=[。；])", article, maxsplit=1)
            if len(halves) == 2 and is_prose(halves[1], "zh"):
                corpus.add("next", "zh", halves[0], "zh", halves[1])


def wordnet(corpus, directory):
    for part in ("noun", "verb", "adj", "adv"):
        with open(f"{directory}/data.{part}", encoding="utf8") as lines:
            for line in lines:
                if line.startswith("  "):
                    continue
                fields, _, gloss = line.partition(" | ")
                fields = fields.split()
                words = [fields[4 + 2 * at].replace("_", " ") for at in range(int(fields[3], 16))]
                words = [re.sub(r"\([a-z]+\)$", "", word) for word in words]
                meaning, *examples = [piece.strip(' ";\n') for piece in gloss.split('"')]
                if len(meaning) > 12:
                    corpus.add("definition", "en", ", ".join(words[:3]), "en", meaning)
                if len(words) > 1:
                    corpus.add("synonym", "en", words[0], "en", words[1])


def table_lines(header, rows):
    return "\n".join(
        ", ".join(f"{name}: {cell}" if name else cell for name, cell in zip(header, row) if cell) for row in rows
    )


def wiki_tables(corpus, mirrors):
    """Questions about tables of Wikipedia, and rows of the tables that hold the answer."""
    repo = f"{mirrors}/ppasupat+WikiTableQuestions/repo"
    tables = {}
    for path, text in blobs(repo, r"^csv/.*\.csv$"):
        rows = list(csv.reader(io.StringIO(text), escapechar="\\", doublequote=False))
        if len(rows) > 2:
            tables[path] = [[clean(cell) for cell in row] for row in rows]
    for path, text in blobs(repo, r"^data/(?:training|pristine-unseen-tables)\.tsv$"):
        for line in text.split("\n")[1:]:
            if line.count("\t") != 3:
                continue
            _, question, table, answer = line.split("\t")
            if table not in tables:
                continue
            header, *rows = tables[table]
            at = next((at for at, row in enumerate(rows) if answer.split("|")[0] in row), 0)
            corpus.add("question", "en", question, "en", table_lines(header, rows[max(0, at - 1) : at + 3]))
    for rows in tables.values():
        for at in range(1, min(len(rows) - 8, 9), 4):
            corpus.add("next", "en", table_lines(rows[0], rows[at : at + 2]), "en", table_lines(rows[0], rows[at + 2 : at + 4]))


def chinese_questions(corpus, mirrors):
    for _, text in blobs(f"{mirrors}/ymcui+cmrc2018/repo", r"^squad-style-data/cmrc2018_(?:dev|trial)\.json$"):
        for article in json.loads(text)["data"]:
            for paragraph in article["paragraphs"]:
                for question in paragraph["qas"]:
                    at = question["answers"][0]["answer_start"]
                    start = max(0, at - 60)
                    corpus.add("question", "zh", question["question"], "zh", paragraph["context"][start : start + 160])


def hybrid_questions(corpus, mirrors):
    """Questions alone: each with the name of the table it was asked about."""
    for _, text in blobs(f"{mirrors}/wenhuchen+HybridQA/repo", r"^released_data/(?:dev|test)\.json$"):
        for question in json.loads(text):
            name = re.sub(r"_\d+$", "", question["table_id"]).replace("_", " ")
            corpus.add("question", "en", question["question"], "en", name)


def commands(corpus, mirrors):
    """Short pages on commands: what a command is for, in several languages, aligned by the command shown."""
    english = {}
    for folder, lang in [("pages", "en"), ("pages.de", "de"), ("pages.fr", "fr"), ("pages.es", "es"), ("pages.zh", "zh")]:
        for path, text in blobs(f"{mirrors}/tldr-pages+tldr/repo", rf"^{folder}/.*\.md$"):
            page = path.split("/", 1)[1]
            for title, command in re.findall(r"^- (.*):\n\n`(.*)`", text, flags=re.M):
                key = (page, re.sub(r"\{\{.*?\}\}", "", command))
                if lang == "en":
                    english[key] = clean(title)
                elif key in english:
                    corpus.add("translation", lang, clean(title), "en", english[key])


HELD_OUT = {"heading": "headings", "translation": "translations", "question": "questions"}


def held_out(pairs):
    """Chooses pairs by their hash: up to 250 queries a collection, each with one text that answers it."""
    found = {}
    for pair in pairs:
        lang = pair["langs"][0]
        if pair["kind"] not in HELD_OUT or (pair["kind"] == "question" and lang != "zh"):
            continue
        chosen = int(hashlib.md5(pair["b"].encode()).hexdigest()[:6], 16) % 12 == 0
        if chosen and len(pair["a"]) > 5 and len(pair["b"]) > (15 if lang == "zh" else 30):
            found.setdefault(f"{lang} {HELD_OUT[pair['kind']]}", {}).setdefault(pair["b"], pair["a"])
    return [
        {
            "name": name,
            "splits": (splits := list(answers)[:1200]),
            "questions": [{"text": answers[text], "answers": [at]} for at, text in enumerate(splits[:250])],
        }
        for name, answers in sorted(found.items())
    ]


def main():
    mirrors, wordnet_directory, out = sys.argv[1:]
    os.makedirs(out, exist_ok=True)
    corpus = Corpus()
    for source in (microsoft, python_docs, german_laws, french_code, chinese_laws, wiki_tables, chinese_questions,
                   hybrid_questions, commands):
        before = len(corpus.pairs)
        source(corpus, mirrors)
        print(source.__name__, len(corpus.pairs) - before, flush=True)
    wordnet(corpus, wordnet_directory)
    random.Random(SEED).shuffle(corpus.pairs)
    collections = held_out(corpus.pairs)
    with open(f"{out}/held-out.json", "w", encoding="utf8") as file:
        json.dump(collections, file, ensure_ascii=False)
    held = {text for collection in collections for text in collection["splits"]}
    corpus.pairs = [pair for pair in corpus.pairs if pair["a"] not in held and pair["b"] not in held]
    with open(f"{out}/pairs.jsonl", "w", encoding="utf8") as file:
        for pair in corpus.pairs:
            file.write(json.dumps(pair, ensure_ascii=False) + "\n")
    counts = {}
    for pair in corpus.pairs:
        key = f"{pair['kind']} {'-'.join(pair['langs'])}"
        counts[key] = counts.get(key, 0) + 1
    print(json.dumps(dict(sorted(counts.items())), indent=1), len(corpus.pairs))


if __name__ == "__main__":
    main()
