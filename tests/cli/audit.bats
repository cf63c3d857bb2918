#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# sikap audit: faults are planted in a copy of the demo corpus, and found.

bats_require_minimum_version 1.5.0

setup_file() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export data=$root/datasets/ir-demo sikap=${SIKAP:?the program under test}
    export planted=$BATS_FILE_TMPDIR/planted.jsonl found=$BATS_FILE_TMPDIR/found.json
    # en-001 is about sanctions and not about health; the rest of the faults is added behind.
    jq -c 'if .id == "en-001" then .topic |= (. - ["sanctions"] + ["health"]) else . end' \
        "$data/train.jsonl" >"$planted"
    cat >>"$planted" <<'EOF'
{"id":"no-words","text":" ","topic":[],"stance":[],"lang":"en"}
{"id":"french","text":"Le gouvernement a annoncé mardi que les négociations avec les partenaires européens reprendraient la semaine prochaine","topic":["sanctions"]}
{"id":"case-1","text":"ministers met on Monday","topic":["Sanctions"],"stance":null}
{"id":"tiny","text":"ok","topic":["sanction"],"stance":[]}
EOF
    # en-002 again, in capitals, with other labels; and as it is.
    jq -c 'select(.id == "en-002") | .id = "twin" | .text |= ascii_upcase | .topic = ["health"] | .stance = []' \
        "$data/train.jsonl" >>"$planted"
    jq -c 'select(.id == "en-003") | .id = "same"' "$data/train.jsonl" >>"$planted"
    printf '{"id":"endless","text":"%s","topic":[],"stance":[]}\n' \
        "$(yes 'the council met' | head -n 2000 | tr '\n' ' ')" >>"$planted"
    "$sikap" audit "$planted" --field topic --field stance --ngrams 1-2 --quiet --json "$found" \
        >"$BATS_FILE_TMPDIR/table"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

@test "a label that was taken away and one that was added are found" {
    jq -e '[.label_errors[] | select(.id == "en-001") | .labels[]
        | {(.label): .kind}] | add | .health == "remove" and .sanctions == "add"' "$found"
    # The ranking falls, and each document stands in it once.
    jq -e '[.label_errors[].doubt] | . == (sort | reverse)' "$found"
    jq -e '[.label_errors[].id] | length == (unique | length)' "$found"
    jq -e 'all(.label_errors[]; .doubt == ([.labels[].doubt] | max) and .doubt >= 0.5)' "$found"
}

@test "planted faults of texts and names are found" {
    jq -e '.empty == ["no-words"]' "$found"
    jq -e '.duplicates == [{"labels_differ":true,"ids":["en-002","twin"]},
        {"labels_differ":false,"ids":["en-003","same"]}]' "$found"
    jq -e '.longest[0].id == "endless" and .longest[0].words == 6000' "$found"
    jq -e '.shortest[0].id == "tiny" and .shortest[0].words == 1' "$found"
    jq -e '[.stray_language[] | select(.id == "french").language] == ["other"]' "$found"
    jq -e '[.similar_names[] | [.label, .other, .edits]] | sort ==
        [["Sanctions","sanction",1],["Sanctions","sanctions",0],["sanction","sanctions",1]]' "$found"
    jq -e '.fields.stance.not_annotated == ["french","case-1"]' "$found"
    jq -e '.fields.topic.no_label | index("no-words") and index("endless")' "$found"
    jq -e '.fields.topic.labels.Sanctions == {"support":1,"rare":true}' "$found"
    jq -e 'any(.always_together[]; .label == "sanctions-support" and .other == "sanctions")' "$found"
}

@test "the table fits 80 columns and tells the same" {
    table=$BATS_FILE_TMPDIR/table
    [ "$(LC_ALL=C.UTF-8 wc -L <"$table")" -le 80 ]
    grep -q '^documents without words: 1$' "$table"
    grep -q '^ *2  ! en-002  *twin$' "$table"
    grep -q '^ *1  topic:Sanctions$' "$table"
    n=$(jq '[.label_errors[] | select(any(.labels[]; .confident))] | length' "$found")
    grep -q "^labels to check: $n documents" "$table"
}

@test "the probabilities of every document, of annotated fields" {
    "$sikap" audit "$data/test.jsonl" --field topic --field stance --ngrams 1-2 --quiet \
        --scores scores.jsonl --json - | jq -e .n_documents
    diff <(jq -r .id "$data/test.jsonl") <(jq -r .id scores.jsonl)
    jq -e -s 'all(.[]; (.scores.topic | length) == 13 and all(.scores.topic[]; 0 <= . and . <= 1))' \
        scores.jsonl >/dev/null
}

@test "the same bytes for any number of threads, and from a pipe" {
    args=(--field topic --ngrams 1-2 --quiet --json)
    "$sikap" audit "$data/test.jsonl" "${args[@]}" 1.json --threads 1 >/dev/null
    "$sikap" audit - "${args[@]}" 2.json --threads 2 <"$data/test.jsonl" >/dev/null
    cmp 1.json 2.json
}

@test "a single field is told what stands in for what" {
    jq -c -s '.[3].lang = "id" | .[]' "$data/test.jsonl" >single.jsonl
    id=$(jq -s -r '.[3].id' "$data/test.jsonl")
    "$sikap" audit single.jsonl --field lang:single --quiet --limit 1 --json found.json >table
    jq -e --arg id "$id" '.label_errors[0] | .id == $id and .labels[0].kind == "replace"
        and .labels[0].label == "id" and .labels[0].by == "en"' found.json
    grep -q 'replace  lang:id by en$' table
}

@test "what cannot be audited is refused" {
    : >empty.jsonl
    run -3 "$sikap" audit empty.jsonl
    run -3 "$sikap" audit "$data/sample-id.txt"
    run -2 "$sikap" audit
    run -2 "$sikap" audit "$data/test.jsonl" --rare 0
    run -2 --separate-stderr "$sikap" audit "$data/test.jsonl" --limmit 3
    [[ $stderr == *"did you mean '--limit'"* ]]
    run -5 "$sikap" audit missing.jsonl
    head -n 3 "$data/test.jsonl" >three.jsonl
    run -3 "$sikap" audit three.jsonl --field topic
}
