# SPDX-License-Identifier: Apache-2.0
"""Checks of pages that sikap writes: page.py CHECK FILE...

  safe PAGE           well-formed XML, nothing that could run or load, a scope for every table
                      heading, a name for every picture, no id twice
  figures PAGE JSON   every figure of the JSON of an evaluation that the page promises to show stands
                      in it with all its digits, and the page has no figure that the JSON lacks
  sums PAGE           on the page of `explain` the rows of every sum add up to the score below them
  marked PAGE         words are marked in the texts of the page
"""
import json
import sys
import xml.etree.ElementTree as tree

HTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"


def load(path):
    with open(path, encoding="utf-8") as file:
        return tree.fromstring(file.read())


def safe(path):
    page = load(path)
    ids = [e.get("id") for e in page.iter() if e.get("id")]
    assert len(ids) == len(set(ids)), "an id stands twice"
    for e in page.iter():
        name = e.tag.split("}")[1]
        assert name not in ("script", "link", "iframe", "object", "embed", "form", "img"), name
        for key, value in e.attrib.items():
            assert not key.lower().startswith("on"), key
            assert key not in ("src", "srcset", "action"), key
            assert key != "href" or value.startswith("#"), value
            assert "url(" not in value, value
        if e.tag == HTML + "style" or e.tag == SVG + "style":
            assert "url(" not in e.text and "@import" not in e.text
        if e.tag == HTML + "th":
            assert e.get("scope") in ("row", "col"), "a table heading without scope"
        if e.tag == SVG + "svg":
            assert e.get("role") == "img" and e[0].tag == SVG + "title" and e[0].text
    for a in page.iter(HTML + "a"):
        assert a.get("href")[1:] in ids, a.get("href")
    assert page.find(HTML + "head/" + HTML + "title").text
    assert page.get("lang") == "en"


def numbers(value):
    if isinstance(value, dict):
        for part in value.values():
            yield from numbers(part)
    elif isinstance(value, list):
        for part in value:
            yield from numbers(part)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield float(value)


def figures(path, json_path):
    page = load(path)
    with open(json_path, encoding="utf-8") as file:
        evaluation = json.load(file)
    shown = [e for e in page.iter(HTML + "data")]
    values = [float(e.get("value")) for e in shown]
    for e, value in zip(shown, values):
        assert abs(float(e.text) - value) <= 0.00051, (e.text, value)
    for field in evaluation["fields"].values():
        wanted = [field["macro"]["f1"], field["weighted"]["f1"]]
        wanted += [field["micro"]["f1"]] if field["kind"] == "multi" else [field["accuracy"]]
        for label in field["labels"].values():
            wanted += [label["f1"], label["precision"], label["recall"], label["support"]]
            interval = label.get("interval", {})
            wanted += [interval["low"], interval["high"]] if "low" in interval else []
        wanted += list(numbers(field.get("confusion", {}).get("counts", [])))
        for value in wanted:
            assert value in values, value
    known = set(numbers(evaluation))
    errors = {id(d) for part in page.iter(HTML + "details") for d in part.iter(HTML + "data")}
    for e, value in zip(shown, values):
        assert id(e) in errors or value in known or value == int(value), value


def sums(path):
    tables = [t for t in load(path).iter(HTML + "table") if t.get("class") == "sum"]
    assert tables
    for table in tables:
        body, foot = ([float(d.get("value")) for d in table.find(HTML + part).iter(HTML + "data")]
                      for part in ("tbody", "tfoot"))
        assert len(foot) == 1 and len(body) > 1
        assert abs(sum(body) - foot[0]) < 1e-5, (sum(body), foot)
        signs = [v > 0 for v in body[:-2]]
        assert True in signs


def marked(path):
    marks = list(load(path).iter(HTML + "mark"))
    assert len(marks) > 10
    for mark in marks:
        assert (float(mark.get("title")) > 0) == (mark.get("class")[0] == "f") or float(
            mark.get("title")) == 0, mark.attrib


if __name__ == "__main__":
    {"safe": safe, "figures": figures, "sums": sums, "marked": marked}[sys.argv[1]](*sys.argv[2:])
