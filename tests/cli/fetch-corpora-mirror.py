# SPDX-License-Identifier: Apache-2.0
"""fetch-corpora-mirror.py SHARED MIRROR: stand-ins for the public sources of smsa-id and un-ir.

Made backwards from the corpora in SHARED, in the formats of the sources, with fillers where the
labelled texts are not: what fetch-corpora makes of them must be those corpora again.
"""
import collections
import gzip
import io
import json
import pathlib
import sys
import tarfile
import zipfile
from xml.sax.saxutils import escape

SHARED, MIRROR = map(pathlib.Path, sys.argv[1:])
RAW, TREE = MIRROR / "raw.githubusercontent.com", MIRROR / "codeload.github.com"
KREMLIN = "lobsterbush/kremlin-speeches/68cbdf8e81053925c7111d361ac49a6c46685486"
NARASIPAL = "salmadanu/narasipal/79a2fbde4eefe42643c7c7715f92a3cd218f864a"
SMSA = ("IndoNLP/indonlu/ce728f6926a36174b9923dfe49d6a6839b6e9bb7/"
        "dataset/smsa_doc-sentiment-prosa")
UN = ("SarahFranzen/Emotions_in_the_United_Nations_General_Debates/tar.gz/"
      "3b277c419f85fd6e1f14f69a5fd29a3a6b59fc96")
ALLSIDES = "ramybaly/Article-Bias-Prediction/tar.gz/ced8111a720948e6a410e52031ace99c4e53f096"


def records(path):
    with gzip.open(SHARED / "corpora" / path, "rt", encoding="utf-8", newline="\n") as lines:
        return [json.loads(line) for line in lines]


def put(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def put_tar(path, files):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w:gz", compresslevel=1) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo("copy-1/" + name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))


def runs(numbered):
    """A list with every text at its number, and fillers."""
    return [numbered.get(k, f"filler {k}") for k in range(max(numbered, default=-1) + 1)]


def smsa():
    for part, name in (("train", "train"), ("dev", "valid"), ("test", "test")):
        rows = "".join(f"{r['text']}\t{r['sentiment']}\n" for r in records(f"smsa-id/{part}.jsonl.gz"))
        put(RAW / SMSA / f"{name}_preprocess.tsv", rows.encode())


def sheet(titles):
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("xl/sharedStrings.xml", f"<sst {space}>" + "".join(
            f"<si><t>{escape(t)}</t></si>" for t in ["judul_berita", *titles]) + "</sst>")
        book.writestr("xl/worksheets/sheet1.xml", f"<worksheet {space}><sheetData>" + "".join(
            f'<row r="{k}"><c r="B{k}" t="s"><v>{k - 1}</v></c></row>'
            for k in range(1, len(titles) + 2)) + "</sheetData></worksheet>")
    return out.getvalue()


def un_ir():
    speeches, headlines, articles = (collections.defaultdict(dict) for _ in range(3))
    for record in records("un-ir/train.jsonl.gz") + records("un-ir/dev.jsonl.gz"):
        if record["kind"] == "speech":
            group, k = record["id"].rsplit("_", 1)
            speeches[group][int(k)] = f"{int(k) + 1}.\t{record['text']}"
        elif record["kind"] == "headline":
            outlet, k = record["id"].split(":")[1].split("-")
            headlines[outlet][int(k)] = record["text"]
        elif record["kind"] == "news":
            title, content = record["text"].split(". ", 1)
            articles[f"data/jsons/{record['id'].split(':')[1]}.json"] = json.dumps(
                {"title": title + " ", "content": "x", "content_original": content + "\nmore"}
                if len(record["text"].split()) == 170 else
                {"title": title, "content": "x", "content_original": content}).encode()
    put_tar(TREE / ALLSIDES, articles)
    put_tar(TREE / UN, {
        f"TXT/Session {year}/{country}_{int(year) - 1945}_{year}.txt":
        "\r\n\n".join(runs(pieces)).encode()
        for (country, year), pieces in ((g.split("_"), p) for g, p in speeches.items())})
    put(RAW / NARASIPAL / "dataset.xlsx", sheet(runs(headlines["nrs"])))
    for outlet, years in (("tass", (2025, 2026)), ("rt", (2006, 2008, 2009, 2010,
                                                          *range(2012, 2027)))):
        titles = runs(headlines[outlet])
        for k, year in enumerate(years):
            share = len(titles) // len(years) + 1
            items = [{"t": t} for t in titles[k * share:(k + 1) * share]]
            put(RAW / KREMLIN / f"docs/data/{outlet}/search/{year}.json",
                json.dumps(items).encode())


smsa()
un_ir()
