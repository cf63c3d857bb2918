#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# sikap agree from the outside.

bats_require_minimum_version 1.5.0

setup_file() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export data=$root/datasets/ir-demo sikap=${SIKAP:?the program under test}
}

# A second annotator: the demo corpus with some labels changed, in another order.
setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    jq -c '{id, group, topic, stance}' "$data/train.jsonl" >anna.jsonl
    jq -c 'if (.id | test("[37]$")) then .topic = .topic[1:] else . end
           | if (.id | test("5$")) then .topic += ["health"] else . end' anna.jsonl |
        tac >budi.jsonl
}

@test "F1 of one against the other is what eval gives" {
    "$sikap" agree anna.jsonl budi.jsonl --field topic --json - --bootstrap 0 >agree.json
    "$sikap" eval --predictions budi.jsonl --gold anna.jsonl --field topic --bootstrap 0 --json - >eval.json
    diff <(jq '.fields.topic | .f1.value, .alike.value' agree.json) \
        <(jq '.fields.topic | .micro.f1, .subset_accuracy' eval.json)
    diff <(jq -S '.fields.topic.labels | map_values(.f1.value)' agree.json) \
        <(jq -S '.fields.topic.labels | map_values(.f1)' eval.json)
}

@test "the table fits, disagreements are listed, order and threads do not show" {
    "$sikap" agree anna.jsonl budi.jsonl --field topic --field stance --threads 1 \
        --disagreements d.jsonl >one
    LC_ALL=de_DE.UTF-8 "$sikap" agree anna.jsonl budi.jsonl --field topic --field stance --threads 2 >two
    cmp one two
    [ "$(wc -L <one)" -le 80 ]
    grep -q "Krippendorff's alpha" one
    [ "$(jq -r .field d.jsonl | sort -u)" = topic ]
    jq -e '(.given | length) == 2 and .given[0] != .given[1]' d.jsonl >/dev/null
}

@test "three files, one from a pipe, one as CSV" {
    jq -r '[.id, (.topic | join("|"))] | @csv' anna.jsonl | sed '1i id,topic' >citra.csv
    "$sikap" agree anna.jsonl - citra.csv --field topic:multi --bootstrap 100 <budi.jsonl >text
    grep -q '^1, 2 ' text
    # An empty cell is not annotated, so the 34 documents with no topic are not in the third.
    grep -Eq '^1, 3 +404 +1\.000' text
}

@test "ids that one lacks are told, and do not count" {
    head -n 400 anna.jsonl >less.jsonl
    run -0 --separate-stderr "$sikap" agree less.jsonl budi.jsonl --field topic --bootstrap 0
    [[ $stderr == *"less.jsonl: 38 of 438 documents are missing"* ]]
    [[ $output == *"400 documents labelled by both"* ]]
}

@test "wrong use says what is expected" {
    run -2 "$sikap" agree anna.jsonl --field topic
    run -2 "$sikap" agree anna.jsonl budi.jsonl
    [[ $output == *topic* ]]
    run -2 "$sikap" agree anna.jsonl budi.jsonl --field topic --botstrap 3
    [[ $output == *--bootstrap* ]]
    run -5 "$sikap" agree anna.jsonl nothing.jsonl --field topic
    : >empty.jsonl
    run -3 "$sikap" agree anna.jsonl empty.jsonl --field topic
    sed 's/"id":"/&other-/' budi.jsonl >others.jsonl
    run -3 "$sikap" agree anna.jsonl others.jsonl --field topic --quiet
    [[ $output == *"do the ids agree?"* ]]
}
