# SPDX-License-Identifier: Apache-2.0
"""The public corpora: files of a source to records of one part, in the order of the corpus.

Every function takes {source: {key: bytes}} and the name of a part, and yields records. A file that
is not as expected raises one of text.BROKEN.
"""
import html
import re

from fetch_corpora.text import fold, newlines, utf8


def reuters(files, part):
    """ModApte; the topics with a document in each part (90). Text: BODY, else TEXT less TITLE."""
    documents = {"TRAIN": [], "TEST": []}
    for key in sorted(files["reuters-21578"]):
        sgml = newlines(files["reuters-21578"][key].decode("latin-1"))
        for head, body in re.findall(r"<REUTERS ([^>]*)>(.*?)</REUTERS>", sgml, re.S):
            attribute = dict(re.findall(r'(\w+)="([^"]*)"', head))
            topics = re.search(r"<TOPICS>(.*?)</TOPICS>", body, re.S).group(1)
            if attribute["TOPICS"] == "YES" and attribute["LEWISSPLIT"] in documents:
                documents[attribute["LEWISSPLIT"]].append(
                    (attribute["NEWID"], set(re.findall(r"<D>(.*?)</D>", topics)), body))
    kept = set.intersection(*(set().union(*(d[1] for d in ds)) for ds in documents.values()))
    for number, topics, body in documents[part.upper()]:
        if topics & kept:
            title = re.search(r"<TITLE>(.*?)</TITLE>", body, re.S)
            yield {"id": number, "title": sgml_text(title.group(1)) if title else "",
                   "text": re.sub(r"\n\s*reuter$", "", sgml_text(reuters_body(body)),
                                  flags=re.I).strip(),
                   "topics": sorted(topics & kept)}


def reuters_body(document):
    body = re.search(r"<BODY>(.*?)</BODY>", document, re.S)
    if body:
        return body.group(1)
    text = re.search(r"<TEXT[^>]*>(.*?)</TEXT>", document, re.S).group(1)
    return re.sub(r"<TITLE>.*?</TITLE>", "", text, flags=re.S)


def sgml_text(text):
    """Numbered character references are control codes here, and become a space."""
    return html.unescape(re.sub(r"&#\d+;", " ", text)).strip()


def newsgroups(files, part):
    """Latin-1, headers kept, control codes become a space; in order of group, then number.

    CR LF becomes LF, except (as in the copy that was measured) in the one posting of the train
    part that has lone CRs as well.
    """
    for split, group, number in sorted(files["20newsgroups"]):
        if split == part:
            text = files["20newsgroups"][split, group, number].decode("latin-1")
            if not re.search(r"\r(?!\n)", text):
                text = newlines(text)
            yield {"id": f"{group}/{number}",
                   "text": re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", " ", text).strip(),
                   "newsgroup": group}


def semeval(files, part):
    """Windows-1252; train is the 100 trial tweets, then the training data."""
    names = ("trialdata", "trainingdata") if part == "train" else ("testdata-taskA",)
    for name in names:
        for line in newlines(files["semeval2016-6"][name,].decode("cp1252")).split("\n")[1:]:
            if line:
                number, target, tweet, stance = line.split("\t")[:4]
                yield {"id": number, "text": tweet.strip(), "target": target, "stance": stance}


def smsa(files, part):
    data = utf8(files["smsa"][{"dev": "valid"}.get(part, part),])
    for k, line in enumerate(filter(None, newlines(data).split("\n"))):
        text, sentiment = line.split("\t")
        yield {"id": f"smsa-{part}-{k}", "text": text, "sentiment": sentiment}


def sib200(files, part):
    for line in list(filter(None, newlines(utf8(files["sib200"][part,])).split("\n")))[1:]:
        number, topic, text = line.split("\t")
        yield {"id": f"sib-id-{number}", "text": fold(text), "topic": topic}


def ungdc(files, _):
    """Speeches to 2020 by year, then country; spaces and tabs folded, line ends kept."""
    for country, year in sorted(files["un-speeches"], key=lambda k: (k[1], k[0])):
        if year <= "2020":
            text = newlines(utf8(files["un-speeches"][country, year]))
            yield {"id": f"ungd-{country}-{year}", "country": country, "year": int(year),
                   "decade": year[:3] + "0s", "text": re.sub(r"[ \t]+", " ", text).strip()}
