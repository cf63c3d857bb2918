# SPDX-License-Identifier: Apache-2.0
"""un-ir and ir-news: labels and hashes from datasets/, text from the public sources.

A maker of texts takes the files of its source and returns a function from an id to its text.
"""
import collections
import io
import json
import pathlib
import re
import xml.etree.ElementTree as ElementTree
import zipfile

from fetch_corpora.material import MAX_FILE
from fetch_corpora.text import BROKEN, fold, jsonl, newlines, text_hash, utf8

LABELS = pathlib.Path(__file__).resolve().parent.parent.parent / "datasets"
FOLDERS = ("un-ir", "ir-news")


def speech_texts(files):
    """COUNTRY_YEAR_K: piece K of the speech."""
    def text(ident):
        group, k = ident.rsplit("_", 1)
        speech = newlines(utf8(files[tuple(group.split("_"))]))
        return re.sub(r"^\d+\.\s+", "", fold(re.split(r"\n\s*\n|\n", speech)[int(k)]))
    return text


def article_texts(files):
    """allsides_ir_topics:ID: title, full stop, original content; the first 170 words."""
    def text(ident):
        article = json.loads(utf8(files[ident.split(":")[1],]))
        whole = f"{fold(article['title'])}. {article['content_original']}"
        return " ".join(fold(whole).split(" ")[:170])
    return text


def headline_texts(files):
    """OUTLET-N: headline N, from 0, of the outlet's years in order."""
    titles = collections.defaultdict(list)
    for outlet, year in sorted(files):
        titles[outlet] += [item["t"] for item in json.loads(utf8(files[outlet, year]))]

    def text(ident):
        outlet, number = ident.split(":")[1].split("-")
        return fold(titles[outlet][int(number)])
    return text


def sheet_texts(files):
    """nrs-N: column B of row N + 2 of the sheet, so N counts from 0 below the head."""
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(io.BytesIO(files[()])) as book:
        def part(name):
            if book.getinfo(name).file_size > MAX_FILE:
                raise ValueError(f"{name} is too large")
            data = book.read(name)
            if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
                raise ValueError(f"{name} declares entities")
            return ElementTree.fromstring(data)
        strings = ["".join(t.text or "" for t in item.iter(space + "t"))
                   for item in part("xl/sharedStrings.xml")]
        cells = {cell.get("r"): cell.find(space + "v")
                 for cell in part("xl/worksheets/sheet1.xml").iter(space + "c")
                 if cell.get("t") == "s"}
    return lambda ident: fold(strings[int(cells[f"B{int(ident.rsplit('-', 1)[1]) + 2}"].text)])


TEXTS = {"allsides_ir_topics": ("allsides", article_texts),
         "rt_headlines_section": ("kremlin", headline_texts),
         "tass_headlines_section": ("kremlin", headline_texts),
         "id_narasipal_section": ("narasipal", sheet_texts),
         "": ("un-speeches", speech_texts)}


def family(ident):
    """What stands before the colon of an id: the key of TEXTS."""
    return ident.split(":")[0] if ":" in ident else ""


def wanted_in(name, parts):
    """For a source of the corpus: which of its files hold a labelled text."""
    idents = [row["id"] for part in parts for row in labels_of(name, part)
              if not is_translated(row)]
    keys = {"un-speeches": {tuple(i.split("_")[:2]) for i in idents if not family(i)},
            "allsides": {(i.split(":")[1],) for i in idents if family(i) == "allsides_ir_topics"}}
    return lambda source: keys[source].__contains__ if source in keys else lambda key: True


def labels_of(name, part):
    """The label rows of a corpus, in the order of the corpus: un-ir holds ir-news too."""
    rows = []
    for folder in FOLDERS if name == "un-ir" else (name,):
        path = LABELS / folder / f"{part}.jsonl"
        if path.exists():
            rows += (json.loads(line) for line in path.open(encoding="utf-8"))
    return sorted(rows, key=lambda row: row["line"])


def labelled(row, text):
    record = {key: row[key] for key in ("id", "kind", "lang", "group")}
    return {**record, "text": text, "topic": row["topic"], "stance": row["stance"]}


def is_translated(row):
    return row["kind"].endswith("-translated")


def rebuild(name, part, files):
    """(records, left out, complaints): every text whose hash is right, with its labels."""
    makers = {}
    for prefix, (source, make) in TEXTS.items():
        try:
            if source in files:
                makers[prefix] = make(files[source])
        except BROKEN as e:
            raise ValueError(f"{source}: {e}") from e
    records, left_out, complaints = [], 0, []
    for row in labels_of(name, part):
        if is_translated(row):
            left_out += 1
            continue
        try:
            text = makers[family(row["id"])](row["id"])
        except BROKEN as e:
            complaints.append(f"{row['id']}: not found in its source ({type(e).__name__}: {e})")
            continue
        if text_hash(text) == row["sha256"]:
            records.append(labelled(row, text))
        else:
            complaints.append(f"{row['id']}: the text is another one than was labelled")
    return records, left_out, complaints


def check(name, part, given):
    """The same for records that are in our layout already, translated ones too."""
    rows, records, complaints = labels_of(name, part), [], []
    by_id = {record["id"]: record for record in given}
    if len(by_id) < len(given):
        complaints.append(f"{len(given) - len(by_id)} records have the id of another one")
    absent = [row for row in rows if row["id"] not in by_id]
    for row in rows:
        record = by_id.pop(row["id"], None)
        if record is None:
            if not is_translated(row):
                complaints.append(f"{row['id']}: missing")
        elif text_hash(record["text"]) != row["sha256"]:
            complaints.append(f"{row['id']}: the text is another one than was labelled")
        elif record != labelled(row, record["text"]):
            complaints.append(f"{row['id']}: labels differ from datasets/")
        else:
            records.append(record)
    complaints += [f"{ident}: unknown" for ident in by_id]
    return records, sum(map(is_translated, absent)), complaints


def write_labels(part, records):
    """For who holds the labelled corpus: writes the label files of datasets/ anew from it."""
    rows = {folder: [] for folder in FOLDERS}
    for line, record in enumerate(records, 1):
        row = {"line": line, **{k: v for k, v in record.items() if k != "text"},
               "sha256": text_hash(record["text"])}
        rows["un-ir" if record["kind"].startswith("speech") else "ir-news"].append(row)
    for folder in filter(rows.get, FOLDERS):
        (LABELS / folder / f"{part}.jsonl").write_bytes(jsonl(rows[folder]))
