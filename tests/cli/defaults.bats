#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Defaults that hang on the number of labelled documents: pairs of words from 3000 on.

bats_require_minimum_version 1.5.0

setup() {
    data=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)/datasets/ir-demo
    sikap=${SIKAP:?the program under test}
    cd "$BATS_TEST_TMPDIR" || return 1
}

# N labelled documents of four words, in two classes.
make() { # N
    awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++)
        printf "{\"id\":\"%d\",\"text\":\"%s w%d w%d %s\",\"side\":\"%s\"}\n",
            i, i % 2 ? "left" : "right", i % 7, i % 11, i % 3 ? "up" : "down", i % 2 ? "yes" : "no" }'
}

pairs() { # MODEL: terms that are pairs of words
    "$sikap" inspect "$1" --top 200 | grep -c -E '(left|right|w[0-9]+) (w[0-9]+|up|down)' || true
}

@test "of few documents the default is single words, to the byte" {
    "$sikap" train "$data/train.jsonl" --field topic --quiet -o default
    "$sikap" train "$data/train.jsonl" --field topic --ngrams 1 --chars 3-6 --quiet -o single
    "$sikap" train "$data/train.jsonl" --field topic --ngrams 1-2 --chars 3-6 --quiet -o both
    cmp default single
    run ! cmp -s default both
}

@test "the border lies at 3000 labelled documents; unlabelled ones do not count" {
    make 2999 >few.jsonl
    make 3000 >many.jsonl
    common=(--field side --solver block --threshold 0 --calibrate no --quiet)
    "$sikap" train few.jsonl "${common[@]}" -o few
    "$sikap" train few.jsonl "${common[@]}" --ngrams 1 --chars 3-6 -o few.single
    cmp few few.single
    "$sikap" train many.jsonl "${common[@]}" -o many
    "$sikap" train many.jsonl "${common[@]}" --ngrams 1-2 --chars 3-6 -o many.both
    cmp many many.both
    [ "$(pairs many)" -gt 0 ]
    "$sikap" train few.jsonl "${common[@]}" --unlabeled many.jsonl --lsa 2 -o lsa
    "$sikap" train few.jsonl "${common[@]}" --unlabeled many.jsonl --lsa 2 --ngrams 1 --chars 3-6 -o lsa.single
    cmp lsa lsa.single
}

@test "crossval, vectorize and --tune take the same default" {
    corpus=few.jsonl
    head -n 150 "$data/train.jsonl" >few.jsonl
    for options in "" "--ngrams 1 --chars 3-6"; do
        # shellcheck disable=SC2086 # the options are words
        "$sikap" crossval $corpus --field topic --folds 3 --quiet $options --json "cv$options" >/dev/null
        # shellcheck disable=SC2086
        "$sikap" vectorize $corpus --field topic --quiet $options -o "x$options"
    done
    cmp cv "cv--ngrams 1 --chars 3-6"
    cmp x "x--ngrams 1 --chars 3-6"
    "$sikap" train $corpus --field topic --folds 3 --tune quick --cost 1 --quiet -o m >table
    run ! grep -E 'ngrams=1 chars=3-6$' table
    grep -qE 'ngrams=1-2 chars=3-6$' table
}
