#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Pages: what they show is what the JSON says, and nobody's text can be more than text.

bats_require_minimum_version 1.5.0

setup_file() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export root data=$root/datasets/ir-demo
    export sikap=${SIKAP:?the program under test} page=$root/tests/cli/page.py
    export model=$BATS_FILE_TMPDIR/demo.sikap
    "$sikap" train "$data/train.jsonl" --field topic --field stance --quiet -o "$model"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

# A corpus of 60 documents with two hostile labels and hostile texts.
hostile() {
    python3 - "$1" <<'PYTHON'
import json, sys
labels = ["<script>alert(1)</script>", "\" onmouseover=\"x", "\u202e\u05e9\u05dc\u05d5\u05dd", "a" * 10240,
          "]]>&amp;\u0001"]
with open(sys.argv[1], "w") as out:
    for i in range(60):
        text = "</p><script>x</script> kata%d %s & \u202e\u0007" % (i % 5, "alpha beta gamma" if i % 2 else "delta")
        out.write(json.dumps({"id": "<b>%d" % i, "text": text, "<i>&f": labels[i % 5 :: 3],
                              "one": labels[i % 2]}) + "\n")
PYTHON
}

@test "a page on an evaluation is well formed, and its figures are those of the JSON" {
    "$sikap" eval "$model" "$data/test.jsonl" --html r.html --json r.json >table
    grep -q micro table
    python3 "$page" safe r.html
    python3 "$page" figures r.html r.json
    grep -q 'sikap eval' r.html
    grep -q 'All thresholds moved together' r.html
}

@test "the surest errors are shown with their texts, words marked" {
    "$sikap" eval "$model" "$data/test.jsonl" --bootstrap 0 --html r.html >/dev/null
    python3 "$page" marked r.html
    python3 - r.html "$data/test.jsonl" <<'PYTHON'
import json, sys, xml.etree.ElementTree as tree
H = "{http://www.w3.org/1999/xhtml}"
gold = {d["id"]: d for d in map(json.loads, open(sys.argv[2]))}
n = 0
for details in tree.parse(sys.argv[1]).iter(H + "details"):
    given = "not in gold" in details.find(H + "summary").text
    for case in details.iter(H + "div"):
        label, name = [b.text for b in case.find(H + "p").iter(H + "bdi")]
        labels = gold[name]["topic"] + gold[name]["stance"]
        assert (label in labels) != given, (label, name)
        text = "".join("".join(p.itertext()) for p in case.findall(H + "p")[2:])
        first = text.split("…")[0].strip() or text.split("…")[1].strip()
        assert first[:12] in gold[name]["text"] or first[:12] in gold[name].get("title", ""), text
        n += 1
assert n > 30, n
PYTHON
}

@test "from a pipe there are no texts, and the page says so" {
    "$sikap" eval "$model" - --bootstrap 0 --html r.html <"$data/test.jsonl" >/dev/null
    python3 "$page" safe r.html
    grep -q 'cannot be read twice' r.html
    run ! grep -q '<mark' r.html
}

@test "reuters with its 90 labels fits into a megabyte" {
    [ -e "$root/../shared/corpora/reuters-r90/train.jsonl.gz" ] || skip "../shared/corpora is missing"
    "$sikap" train "$root/../shared/corpora/reuters-r90/train.jsonl.gz" --field topics --threshold 0 \
        --calibrate no --ngrams 1 --quiet -o r90.sikap
    gzip -dc "$root/../shared/corpora/reuters-r90/train.jsonl.gz" | head -n 2000 >some.jsonl
    "$sikap" eval r90.sikap some.jsonl --bootstrap 100 --html r.html >/dev/null
    python3 "$page" safe r.html
    [ "$(wc -c <r.html)" -lt 1000000 ]
}

@test "a page on a cross-validation too" {
    "$sikap" crossval "$data/train.jsonl" --field topic --field kind:single --folds 3 \
        --html r.html --json r.json >table
    python3 "$page" safe r.html
    python3 "$page" figures r.html r.json
    grep -q 'Cross-validation on train.jsonl' r.html
}

@test "a page on a label file, which has no scores, and without intervals" {
    "$sikap" predict -m "$model" "$data/test.jsonl" >labels.jsonl
    "$sikap" eval --predictions labels.jsonl --gold "$data/test.jsonl" --field topic --bootstrap 0 \
        --html r.html --json r.json >table
    python3 "$page" safe r.html
    python3 "$page" figures r.html r.json
}

@test "a page has the same bytes for any number of threads" {
    for threads in 1 2; do
        "$sikap" eval "$model" "$data/test.jsonl" --threads $threads --html r$threads.html >/dev/null
        sed -i "s/--threads $threads --html r$threads/R/" r$threads.html
    done
    cmp r1.html r2.html
}

@test "labels, ids, texts and names of strangers stay text" {
    hostile '<i>.jsonl'
    "$sikap" crossval '<i>.jsonl' --field '<i>&f' --field one --folds 3 --html r.html >/dev/null
    python3 "$page" safe r.html
    [ "$(wc -c <r.html)" -lt 600000 ]
}

@test "--html - is standard output, and only one report can have it" {
    "$sikap" eval "$model" "$data/test.jsonl" --bootstrap 0 --html - >r.html
    python3 "$page" safe r.html
    run -2 "$sikap" eval "$model" "$data/test.jsonl" --html - --json -
    run -5 "$sikap" eval "$model" "$data/test.jsonl" --bootstrap 0 --html none/r.html
}

@test "what --tune found in each fold is on the page" {
    head -n 90 "$data/train.jsonl" >few.jsonl
    "$sikap" crossval few.jsonl --field topic --folds 3 --tune 0.001 --html page.html --json all.json >/dev/null
    python3 "$page" safe page.html
    python3 "$page" figures page.html all.json
    grep -q '>What was found in each fold<' page.html
    jq -r '.tuning.folds[] | .given, .tested' all.json | while read -r value; do
        grep -qF "<data value=\"$value\">" page.html
    done
}
