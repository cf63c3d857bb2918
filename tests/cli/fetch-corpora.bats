#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# scripts/fetch-corpora: what needs ../shared/corpora is skipped where that is missing.

setup() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    fetch=$root/scripts/fetch-corpora
    shared=$root/../shared
    export LC_ALL=C.UTF-8
    cd "$BATS_TEST_TMPDIR" || return 1
}

need_shared() {
    [ -d "$shared/corpora/$1" ] || skip "../shared/corpora/$1 is missing"
}

# Runs fetch-corpora; its two streams in $output and $errors, its exit code in $status.
run_fetch() {
    status=0
    "$fetch" "$@" >out 2>err || status=$?
    output=$(cat out) errors=$(cat err)
}

# Every record of a .jsonl.gz through a Python expression over r (None drops it).
rewrite() {
    python3 - "$1" "$2" "$3" <<'PY'
import gzip, json, sys
source, target, expression = sys.argv[1:]
with gzip.open(source, "rt", encoding="utf-8") as lines:
    records = [eval(expression, {"r": json.loads(line), "k": k}) for k, line in enumerate(lines)]
with gzip.open(target, "wt", encoding="utf-8", compresslevel=1) as out:
    out.writelines(json.dumps(r, ensure_ascii=False) + "\n" for r in records if r is not None)
PY
}

@test "the rules of conversion, on hand-made sources" {
    python3 "$BATS_TEST_DIRNAME/fetch-corpora-rules.py"
}

@test "an unknown name is a usage error that lists the known ones" {
    run_fetch reuters
    [ "$status" -eq 2 ]
    [ -z "$output" ]
    [[ "$errors" == "fetch-corpora: no corpus reuters: there are un-ir, ir-news, reuters-r90, "* ]]
    run_fetch --frob
    [ "$status" -eq 2 ]
}

@test "the list names every corpus with source, licence and size" {
    run_fetch --list
    [ "$status" -eq 0 ]
    [ -z "$errors" ]
    for name in un-ir ir-news reuters-r90 20news-bydate semeval2016-6a smsa-id sib200-id ungdc; do
        grep -q "^$name	" out
    done
    [ "$(awk -F '\t' 'NF != 5' out | wc -l)" -eq 0 ]
}

@test "with the network absent it says so, writes nothing and ends with 5" {
    export https_proxy=http://127.0.0.1:9 http_proxy=http://127.0.0.1:9
    for name in un-ir ungdc smsa-id reuters-21578 20newsgroups; do
        run_fetch "$name"
        [ "$status" -eq 5 ]
        [ -z "$output" ]
        [[ "$errors" == "fetch-corpora: cannot reach "*": is the network absent? Get http"* ]]
        [ ! -e corpora ]
    done
}

@test "a server that refuses, or breaks off, ends with 5" {
    python3 - <<'PY' 3>&- &
import http.server

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if "smsa" in self.path:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"short")
        else:
            self.send_error(404)

    def log_message(self, *_):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
server.timeout = 60
with open("port", "w") as out:
    out.write(f"{server.server_port}\n")
for _ in range(2):
    server.handle_request()
PY
    for _ in $(seq 300); do [ -s port ] && break; sleep 0.1; done
    port=$(cat port)
    export no_proxy=127.0.0.1
    run_fetch --mirror "http://127.0.0.1:$port" smsa-id
    [ "$status" -eq 5 ]
    [[ "$errors" == *"5 bytes of 1000 arrived"* ]]
    run_fetch --mirror "http://127.0.0.1:$port" sib200-id
    [ "$status" -eq 5 ]
    [[ "$errors" == *"the server says 404"* ]]
    [ ! -e corpora ]
    wait
}

@test "a missing folder and a folder without the source end with 5" {
    run_fetch --from nowhere smsa-id
    [ "$status" -eq 5 ]
    [ "$errors" = "fetch-corpora: nowhere: no such file or directory" ]
    mkdir empty
    run_fetch --from empty smsa-id
    [ "$status" -eq 5 ]
    [[ "$errors" == "fetch-corpora: smsa-id: nothing of SmSA, IndoNLP/indonlu@"*" in empty" ]]
    [ -z "$output" ]
}

@test "a source that is another one is told from the right one" {
    mkdir -p d/smsa_doc-sentiment-prosa
    for part in train valid test; do
        printf 'bagus\tpositive\n' >"d/smsa_doc-sentiment-prosa/${part}_preprocess.tsv"
    done
    run_fetch --from d --out made smsa-id
    [ "$status" -eq 3 ]
    grep -qx "fetch-corpora: smsa-id/train: 1 records, expected 11000" err
    [ ! -e made ]
    printf 'no tab\n' >d/smsa_doc-sentiment-prosa/train_preprocess.tsv
    run_fetch --from d smsa-id
    [ "$status" -eq 3 ]
    [[ "$errors" == "fetch-corpora: smsa-id/train: the source is not as expected: ValueError: "* ]]
}

@test "a download that is no archive ends with 3" {
    mkdir -p m/qwone.com/~jason/20Newsgroups
    echo "<html>moved</html>" >m/qwone.com/~jason/20Newsgroups/20news-bydate.tar.gz
    run_fetch --mirror "file://$PWD/m" 20newsgroups
    [ "$status" -eq 3 ]
    [[ "$errors" == "fetch-corpora: http://qwone.com/"*": cannot be unpacked: "* ]]
    [ ! -e corpora ]
}

@test "label files: hashes, known labels, no text; the counts in the cards" {
    python3 - "$root/datasets" <<'PY'
import json, pathlib, re, sys
datasets = pathlib.Path(sys.argv[1])
known = set(re.findall(r"^- `([a-z-]+)` \u2014", (datasets / "CODEBOOK.md").read_text(), re.M))
assert len(known) == 25, len(known)
keys = ["line", "id", "kind", "lang", "group", "topic", "stance", "sha256"]
for name, count in (("un-ir/train", 6600), ("un-ir/dev", 500), ("ir-news/train", 4746)):
    rows = [json.loads(line) for line in (datasets / f"{name}.jsonl").open()]
    assert len(rows) == len({row["id"] for row in rows}) == count, (name, len(rows))
    for row in rows:
        assert list(row) == keys, row
        assert re.fullmatch("[0-9a-f]{64}", row["sha256"]), row
        assert set(row["topic"] + row["stance"]) <= known, row
        assert row["kind"].startswith("speech") == name.startswith("un-ir"), row

def parts(card):
    """The columns of a card's table of labels, as lists of rows."""
    if card == "ir-news":
        rows = [json.loads(line) for line in (datasets / "ir-news/train.jsonl").open()]
        order = [("news", "en"), ("headline", "en"), ("headline", "id"),
                 ("news-translated", "id"), ("headline-translated", "id")]
        return [[r for r in rows if (r["kind"], r["lang"]) == o] for o in order]
    train, dev = ([json.loads(line) for line in (datasets / f"un-ir/{part}.jsonl").open()]
                  for part in ("train", "dev"))
    return [[r for r in train if r["kind"] == "speech"],
            [r for r in train if r["kind"] == "speech-translated"], dev]

for card in ("un-ir", "ir-news"):
    table = re.findall(r"^\| `([a-z-]+)` \| ([\d |]+) \|$", (datasets / card / "README.md").read_text(), re.M)
    assert {label for label, _ in table} == known, card
    for label, cells in table:
        counts = [sum(label in r["topic"] + r["stance"] for r in column) for column in parts(card)]
        assert [int(c) for c in cells.split("|")] == counts, (card, label, counts)
PY
}

@test "../shared: every text and every part has the known hash" {
    for name in un-ir reuters-r90 20news-bydate semeval2016-6a smsa-id sib200-id ungdc; do
        need_shared "$name"
    done
    run_fetch --from "$shared/corpora"
    [ "$status" -eq 0 ]
    [ -z "$errors" ]
    [ "$(wc -l <out)" -eq 16 ]
    [ "$(awk '{ n += $4 - $2; t += $4 } END { print n, t }' out)" = "0 74335" ]
}

@test "../shared: label files written anew are the committed ones" {
    need_shared un-ir
    mkdir -p copy/datasets/un-ir copy/datasets/ir-news
    cp -r "$root/scripts" copy/
    fetch=copy/scripts/fetch-corpora run_fetch --write-labels "$shared/corpora"
    [ "$status" -eq 0 ]
    for file in un-ir/train un-ir/dev ir-news/train; do
        cmp "copy/datasets/$file.jsonl" "$root/datasets/$file.jsonl"
    done
}

@test "../shared: from its sources a corpus comes out byte for byte, through --mirror and --from" {
    need_shared un-ir
    need_shared smsa-id
    python3 "$BATS_TEST_DIRNAME/fetch-corpora-mirror.py" "$shared" m
    run_fetch --mirror "file://$PWD/m" un-ir ir-news smsa-id
    [ "$status" -eq 0 ]
    [ -z "$errors" ]
    for part in train dev test; do
        cmp "corpora/smsa-id/$part.jsonl.gz" "$shared/corpora/smsa-id/$part.jsonl.gz"
    done
    cmp corpora/un-ir/dev.jsonl.gz "$shared/corpora/un-ir/dev.jsonl.gz"
    zcat "$shared/corpora/un-ir/train.jsonl.gz" | grep -v '"kind": "[a-z]*-translated"' >expected
    [ "$(wc -l <expected)" -eq 9826 ]
    zcat corpora/un-ir/train.jsonl.gz | cmp - expected
    grep -v '"kind": "speech"' expected >news
    zcat corpora/ir-news/train.jsonl.gz | cmp - news
    grep -q "un-ir/train: 9826 of 11346 records right; 1520 translated ones left out" out

    run_fetch --from corpora un-ir smsa-id        # what was written passes the check again
    [ "$status" -eq 0 ]
    [ "$(find . -name '*.tmp*' | wc -l)" -eq 0 ]

    run_fetch --from m/raw.githubusercontent.com un-ir --out half    # two of four sources
    [ "$status" -eq 5 ]
    grep -q "nothing of UN General Debate Corpus" err
    grep -q "nothing of AllSides articles" err
    grep -q "^un-ir/train: 2726 of 11346 records right" out
}

@test "../shared: a damaged file of our layout is named" {
    need_shared sib200-id
    mkdir -p d/sib200-id
    cp "$shared"/corpora/sib200-id/*.gz d/sib200-id/
    chmod u+w d/sib200-id/*
    run_fetch --from d sib200-id
    [ "$status" -eq 0 ]
    head -c 5000 "$shared/corpora/sib200-id/test.jsonl.gz" >d/sib200-id/test.jsonl.gz
    run_fetch --from d sib200-id
    [ "$status" -eq 3 ]
    [[ "$errors" == *"d/sib200-id/test.jsonl.gz: damaged: "* ]]
    rewrite "$shared/corpora/sib200-id/test.jsonl.gz" d/sib200-id/test.jsonl.gz \
        '{**r, "text": r["text"] + "." * (k == 100)}'
    run_fetch --from d sib200-id
    [ "$status" -eq 3 ]
    [ "$errors" = "fetch-corpora: sib200-id/test: 204 records as expected, but their SHA-256 is not the one known" ]
    rewrite "$shared/corpora/sib200-id/test.jsonl.gz" d/sib200-id/test.jsonl.gz \
        'None if k == 7 else r'
    run_fetch --from d sib200-id
    [ "$status" -eq 3 ]
    [ "$errors" = "fetch-corpora: sib200-id/test: 203 records, expected 204" ]
}

@test "../shared: a changed, lost, foreign or doubled record of un-ir is named and not written" {
    need_shared un-ir
    mkdir -p d/un-ir
    cp "$shared/corpora/un-ir/train.jsonl.gz" d/un-ir/
    dev=$shared/corpora/un-ir/dev.jsonl.gz
    first=$(zcat "$dev" | head -n 1 | cut -d '"' -f 4)

    rewrite "$dev" d/un-ir/dev.jsonl.gz '{**r, "text": r["text"] + "!" * (k == 0)}'
    run_fetch --from d --out made un-ir
    [ "$status" -eq 3 ]
    [ "$errors" = "fetch-corpora: un-ir/dev: $first: the text is another one than was labelled" ]
    grep -q "^un-ir/dev: 499 of 500 records right" out
    [ "$(zcat made/un-ir/dev.jsonl.gz | wc -l)" -eq 499 ]

    rewrite "$dev" d/un-ir/dev.jsonl.gz '{**r, "stance": r["stance"] if k else ["health"]}'
    run_fetch --from d un-ir
    [ "$errors" = "fetch-corpora: un-ir/dev: $first: labels differ from datasets/" ]
    rewrite "$dev" d/un-ir/dev.jsonl.gz 'r if k else None'
    run_fetch --from d un-ir
    [ "$errors" = "fetch-corpora: un-ir/dev: $first: missing" ]
    rewrite "$dev" d/un-ir/dev.jsonl.gz '{**r, "id": r["id"] if k else "XXX_2021_0"}'
    run_fetch --from d un-ir
    [ "$status" -eq 3 ]
    grep -qx "fetch-corpora: un-ir/dev: XXX_2021_0: unknown" err
    rewrite "$dev" d/un-ir/dev.jsonl.gz '{**r, "id": "'"$first"'"} if k == 1 else r'
    run_fetch --from d un-ir
    [ "$status" -eq 3 ]
    grep -qx "fetch-corpora: un-ir/dev: 1 records have the id of another one" err
    rewrite "$dev" d/un-ir/dev.jsonl.gz '["no record"]'
    run_fetch --from d un-ir
    [ "$status" -eq 3 ]
    [[ "$errors" == *"d/un-ir/dev.jsonl.gz is not as expected: "* ]]
}
