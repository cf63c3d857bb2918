#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Long articles are read passage by passage, and the user sees which one carried a label.

bats_require_minimum_version 1.5.0

setup_file() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export root data=$root/datasets/ir-demo
    export sikap=${SIKAP:?the program under test}
    export model=$BATS_FILE_TMPDIR/passages.sikap plain=$BATS_FILE_TMPDIR/plain.sikap
    "$sikap" train "$data/train.jsonl" --field topic --field stance --passages --quiet -o "$model"
    "$sikap" train "$data/train.jsonl" --field topic --quiet -o "$plain"
    # Articles of ten texts each, a text being a paragraph, with letters outside of ASCII.
    export long=$BATS_FILE_TMPDIR/long.jsonl
    jq -cs '[_nwise(10)] | to_entries[] | {id: "long-\(.key)",
        text: ("Pembukaan – „é“ 😀.\n" + ([.value[].text] | join("\n  ")))}' "$data/test.jsonl" >"$long"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

@test "a passage stands where it is said to stand, and scores alone what its label got" {
    "$sikap" predict -m "$model" --passages "$long" >out
    python3 - "$long" out alone.jsonl wanted <<'PYTHON'
import json, sys
texts = {d["id"]: d["text"] for d in map(json.loads, open(sys.argv[1]))}
n = 0
with open(sys.argv[3], "w") as alone, open(sys.argv[4], "w") as wanted:
    for line in map(json.loads, open(sys.argv[2])):
        for field in ("topic", "stance"):
            assert sorted(line["passages"][field]) == sorted(line[field])
            for label, place in line["passages"][field].items():
                if place is None:
                    continue
                assert place["segment"] == "text"
                assert texts[line["id"]][place["begin"]:place["end"]] == place["text"]
                assert place["text"] == place["text"].strip() != ""
                assert len(place["text"].split()) < len(texts[line["id"]].split())
                alone.write(json.dumps({"id": str(n), "text": place["text"]}) + "\n")
                wanted.write(json.dumps([field, label, line["scores"][field][label]]) + "\n")
                n += 1
    assert n > 20, n
PYTHON
    "$sikap" predict -m "$model" --scores alone.jsonl >scored
    python3 - wanted scored <<'PYTHON'
import json, sys
for want, line in zip(open(sys.argv[1]), open(sys.argv[2])):
    field, label, score = json.loads(want)
    alone = json.loads(line)["scores"][field][label]
    assert abs(alone - score) < 1.5e-4, (want, alone)
PYTHON
}

@test "without --passages nothing but the passages is missing; a short text has none" {
    "$sikap" predict -m "$model" --passages "$long" | jq -c 'del(.passages)' >with
    "$sikap" predict -m "$model" "$long" | jq -c . >without
    cmp with without
    echo "Sanksi ekonomi sepihak itu harus dicabut" | "$sikap" predict -m "$model" --passages >short
    jq -e '[.passages[][]] | all(. == null)' short
    jq -e '.passages | keys == ["stance", "topic"]' short
}

@test "passages are the same for any number of threads" {
    "$sikap" predict -m "$model" --passages --threads 1 "$long" >one
    "$sikap" predict -m "$model" --passages --threads 2 "$long" >two
    cmp one two
}

@test "--passages is refused where it would say nothing" {
    run --separate-stderr -2 "$sikap" predict -m "$plain" --passages "$long"
    [[ $stderr == *"was not trained with --passages"* ]]
    run --separate-stderr -2 "$sikap" predict -m "$model" --passages --format tsv "$long"
    [[ $stderr == *"--format jsonl"* ]]
}
