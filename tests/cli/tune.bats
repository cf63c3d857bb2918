#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# train --tune: the same everywhere, nothing but the options it prints, and honest about values.

bats_require_minimum_version 1.5.0

setup_file() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export data=$root/datasets/ir-demo sikap=${SIKAP:?the program under test}
    export corpus=$BATS_FILE_TMPDIR/topics.jsonl
    head -n 200 "$data/train.jsonl" | jq -c '{id, text: ((.title // "") + " " + .text), topic}' >"$corpus"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

@test "the table is the same for 1 and 2 threads; the model is that of the options found" {
    "$sikap" train "$corpus" --field topic --tune quick --threads 1 --quiet -o one >table.one
    "$sikap" train "$corpus" --field topic --tune quick --threads 2 --quiet -o two >table.two
    cmp table.one table.two
    cmp one two
    found=$(sed -n 's/^found: //p' table.one)
    [[ $found == --* ]] || found=
    # shellcheck disable=SC2086 # the options are words
    "$sikap" train "$corpus" --field topic --quiet $found -o plain
    cmp one plain
    [ "$(wc -L <table.one)" -le 80 ]
}

@test "the value of what was given is what training itself expects" {
    "$sikap" train "$corpus" --field topic --tune quick --quiet -o m >table
    "$sikap" train "$corpus" --field topic --quiet -o default
    expected=$("$sikap" inspect default | sed -nE 's/.*micro F1 ([0-9.]+), macro F1 ([0-9.]+).*/\1 \2/p' |
        awk '{printf "%.4f", ($1 + $2) / 2}')
    got=$(awk '/as given/ {print $1}' table)
    awk -v a="$expected" -v b="$got" 'BEGIN {exit !(a - b < 0.00011 && b - a < 0.00011)}'
}

@test "what is given is not searched" {
    "$sikap" train "$corpus" --field topic --tune quick --ngrams 1-2 --cost 1 --quiet -o m >table
    run ! grep -E 'ngrams=|chars=|cost=' table
    grep -q idf=log table
}

@test "a gain worth having is taken: words whose order alone tells" {
    # yes: "left right", no: "right left", among words that say nothing.
    awk 'BEGIN { srand(1); for (i = 0; i < 240; i++) {
        a = i % 2; s = ""
        for (k = 0; k < 6; k++) s = s sprintf("w%d ", int(rand() * 50))
        s = s (a ? "left right " : "right left ")
        for (k = 0; k < 6; k++) s = s sprintf("w%d ", int(rand() * 50))
        printf "{\"id\":\"%d\",\"text\":\"%s\",\"side\":\"%s\"}\n", i, s, a ? "yes" : "no" } }' >sides.jsonl
    "$sikap" train sides.jsonl --field side --tune quick --quiet -o m >table
    grep -E '\*.*5' table | tail -n 1 | awk '{exit !($1 > 0.95)}'
}

@test "every value that is tried is felt, class weights too" {
    "$sikap" train "$corpus" --field topic --tune quick --quiet -o m >table
    given=$(awk '/as given/ {print $1}' table)
    run ! grep -E "^$given .*(class-weight|cost=2|idf=none)" table
}

@test "standard input and a wrong effort are refused; a time limit ends the search" {
    run -2 "$sikap" train - --field topic --tune quick -o m <"$corpus"
    [[ $output == *"not from standard input"* ]]
    run -2 "$sikap" train "$corpus" --field topic --tune fast -o m
    [[ $output == *"quick, full or a number of seconds"* ]]
    "$sikap" train "$corpus" --field topic --tune 0.001 --quiet -o m >table
    grep -q '^found: nothing better' table
    [ -s m ]
}

@test "crossval --tune: a search in each fold, shown; the same for 1 and 2 threads" {
    "$sikap" crossval "$corpus" --field topic --folds 3 --tune quick --threads 1 --json one >table
    "$sikap" crossval "$corpus" --field topic --folds 3 --tune quick --threads 2 --json two >/dev/null
    cmp one two
    grep -q '^options that --tune quick found in each fold' table
    [ "$(sed -n '/^options that/,$p' table | wc -L)" -le 80 ]
    [ "$(jq -c '[.tuning.folds[].fold]' one)" = '[1,2,3]' ]
    # The search never adopts what is worse, and the pooled value is that of the figures.
    jq -e '.tuning.folds | all(.found >= .given)' one
    jq -e '(.tuning.tested - (.fields.topic.micro.f1 + .fields.topic.macro_supported.f1) / 2) |
        fabs < 1e-12' one
    # What is given is not searched, and a fold's figures are those of its options.
    "$sikap" crossval "$corpus" --field topic --folds 3 --tune quick --ngrams 1 --cost 1 \
        --class-weight balanced --idf log --json all >/dev/null
    jq -e '.tuning.folds | all(.options == "" and .given == .found)' all
    "$sikap" crossval "$corpus" --field topic --folds 3 --ngrams 1 --cost 1 \
        --class-weight balanced --idf log --json plain >/dev/null
    jq -S 'del(.tuning)' all >a
    jq -S . plain | cmp - a
}

@test "crossval --tune: pipes, wrong efforts and too few folds are refused; gates and repeats work" {
    run -2 "$sikap" crossval - --field topic --tune quick <"$corpus"
    [[ $output == *"not from standard input"* ]]
    run -2 "$sikap" crossval <(cat "$corpus") --field topic --tune quick
    [[ $output == *"not from a pipe"* ]]
    run -2 "$sikap" crossval "$corpus" --field topic --tune fast
    [[ $output == *"quick, full or a number of seconds"* ]]
    run -2 "$sikap" crossval "$corpus" --field topic --tune quick --folds 2
    [[ $output == *"at least 3"* ]]
    run -1 "$sikap" crossval "$corpus" --field topic --tune 0.001 --folds 3 --repeats 2 \
        --gate 'tuning.tested>=0.99'
    [[ $output == *"gate failed: tuning.tested"* && $output == *"
2.3 "* ]]
}

@test "a switch that was found can be typed as it is printed" {
    "$sikap" train "$corpus" --field topic --tune full --ngrams 1 --quiet -o m >table
    sed -n 's/^found: //p' table >found
    run ! grep -E -- '--(nb-svm|binary) yes' found
}
