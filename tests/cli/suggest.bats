#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# sikap suggest: what comes out is a corpus that waits for labels.

bats_require_minimum_version 1.5.0

setup_file() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export data=$root/datasets/ir-demo sikap=${SIKAP:?the program under test}
    export model=$BATS_FILE_TMPDIR/m.sikap pool=$BATS_FILE_TMPDIR/pool.jsonl
    "$sikap" train "$data/test.jsonl" --field topic --field stance --ngrams 1-2 --quiet -o "$model"
    jq -c 'del(.topic, .stance)' "$data/train.jsonl" >"$pool"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

@test "documents of the pool, text and all, with empty fields and reasons" {
    "$sikap" suggest -m "$model" "$pool" -n 7 --quiet >out.jsonl
    [ "$(wc -l <out.jsonl)" -eq 7 ]
    jq -e -s 'all(.[]; has("topic") and .topic == null and .stance == null
        and (.unsure_of | length) == 3)' out.jsonl
    while read -r id; do
        diff <(jq -S --arg id "$id" 'select(.id == $id) | {id, title, text}' "$pool") \
            <(jq -S --arg id "$id" 'select(.id == $id) | {id, title, text}' out.jsonl)
    done < <(jq -r .id out.jsonl)
    # Without diversity they stand in the order of uncertainty.
    "$sikap" suggest -m "$model" "$pool" -n 7 --diversity 0 --quiet >plain.jsonl
    jq -e -s 'map(.uncertainty) | . == (sort | reverse)' plain.jsonl
}

@test "the labelled file is a corpus that trains" {
    "$sikap" suggest -m "$model" "$pool" -n 20 --quiet |
        jq -c '.topic = ["security"] | .stance = []' >labelled.jsonl
    "$sikap" train labelled.jsonl --field topic --threshold 0 --quiet -o again.sikap
    # Not yet labelled, it trains nothing.
    "$sikap" suggest -m "$model" "$pool" -n 20 --quiet >waiting.jsonl
    run -3 "$sikap" train waiting.jsonl --field topic --quiet -o never.sikap
}

@test "CSV opens in a spreadsheet and reads back as the same documents" {
    printf '%s\n' '{"id":"=1+1","text":"=HYPERLINK(\"http://x\") sanctions, \"quoted\"\nsecond line"}' >evil.jsonl
    "$sikap" suggest -m "$model" evil.jsonl --format csv --quiet >evil.csv
    [ "$(head -c 3 evil.csv | od -An -tx1 | tr -d ' ')" = efbbbf ]
    grep -q '^" =1+1",' evil.csv
    grep -q '" =HYPERLINK(""http://x"") sanctions, ""quoted""$' evil.csv
    "$sikap" suggest -m "$model" "$pool" -n 9 --format csv --quiet >nine.csv
    "$sikap" suggest -m "$model" "$pool" -n 9 --format ids --quiet >ids
    # Its fields are not annotated, so all of it can be suggested again.
    "$sikap" suggest -m "$model" nine.csv -n 9 --format ids --quiet | sort | diff <(sort ids) -
}

@test "documents that have labels are left out, whoever has them" {
    "$sikap" suggest -m "$model" "$pool" -n 30 --format ids --quiet >ids
    # In another corpus, by id or by text.
    head -n 10 ids | jq -R -c '{id: ., text: "something else"}' >known.jsonl
    sed -n 11,20p ids >by-text
    jq -c --slurpfile x <(jq -R . by-text) 'select(.id as $i | $x | index($i)) | .id = "other-" + .id' \
        "$pool" >>known.jsonl
    "$sikap" suggest -m "$model" "$pool" -n 418 --format ids --quiet --train known.jsonl >left
    [ "$(wc -l <left)" -eq 418 ]
    [ -z "$(comm -12 <(head -n 20 ids | sort) <(sort left))" ]
    # In the pool itself: annotated for every field of the model.
    run --separate-stderr "$sikap" suggest -m "$model" "$data/train.jsonl" -n 5
    [ "$status" -eq 0 ]
    [ -z "$output" ]
    [[ $stderr == *"0 of 438 documents; 438 that are labelled were left out"* ]]
}

@test "versions of one text are not suggested twice" {
    for k in 1 2 3 4 5 6; do
        head -n 1 "$pool" | jq -c --arg k "$k" '.id = "copy-" + $k'
    done >copies.jsonl
    sed -n 2,60p "$pool" >>copies.jsonl
    "$sikap" suggest -m "$model" copies.jsonl -n 20 --diversity 2 --format ids --quiet >ids
    [ "$(grep -c copy ids)" -le 1 ]
}

@test "the same choice for any number of threads, and from a pipe" {
    "$sikap" suggest -m "$model" "$pool" -n 40 --threads 1 --quiet >one
    "$sikap" suggest -m "$model" - -n 40 --threads 2 --quiet <"$pool" >two
    cmp one two
}

@test "a repeated id, an empty pool, wrong options" {
    { head -n 1 "$pool"; head -n 1 "$pool"; } >twice.jsonl
    [ "$("$sikap" suggest -m "$model" twice.jsonl --quiet | wc -l)" -eq 1 ]
    : >empty.jsonl
    [ -z "$("$sikap" suggest -m "$model" empty.jsonl --quiet)" ]
    run -2 "$sikap" suggest -m "$model"
    run -2 "$sikap" suggest -m "$model" "$pool" -n 0
    run -2 "$sikap" suggest -m "$model" "$pool" --format xlsx
    run -4 "$sikap" suggest -m "$pool" "$pool"
    run -5 "$sikap" suggest -m "$model" "$pool" --train missing.jsonl
}
