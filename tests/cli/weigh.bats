#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What terms are chosen and how they are weighed: --select, --nb-svm.

bats_require_minimum_version 1.5.0

setup_file() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export data=$root/datasets/ir-demo
    export sikap=${SIKAP:?the program under test}
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

train() {
    "$sikap" train "$data/train.jsonl" --field topic --field stance --ngrams 1-2 --quiet "$@"
}

@test "--select keeps as many terms as it says, for every number of threads the same" {
    for how in chi2:500 mi:500; do
        train --select $how --threads 1 -o one
        train --select $how --threads 2 -o two
        cmp one two
        "$sikap" inspect one | grep -x 'terms: 500'
        "$sikap" inspect one | grep -F "select=$how"
    done
}

@test "--select of more terms than there are changes nothing but the record of the options" {
    train -o all
    train --select chi2:4000000000 -o selected
    diff <("$sikap" predict -m all "$data/test.jsonl") <("$sikap" predict -m selected "$data/test.jsonl")
}

@test "--select says what it does not understand" {
    for how in chi2 chi2: chi2:0 chi2:1.5 chi2:-3 mi:many anova:5 :5 chi2:5000000000; do
        run -2 --separate-stderr train --select $how -o none
        [[ $stderr == *"--select: '$how' is not chi2:N or mi:N"* ]]
        [ ! -e none ]
    done
}

@test "--nb-svm learns with every solver that can, for every number of threads the same" {
    for solver in l2svm-dual lr block block-lr l1r-lr; do
        train --nb-svm --threshold 0 --solver $solver --threads 1 -o one
        train --nb-svm --threshold 0 --solver $solver --threads 2 -o two
        cmp one two
        "$sikap" predict -m one "$data/test.jsonl" >/dev/null
    done
}

@test "--nb-svm: LIBLINEAR and the block solver come to the same decisions" {
    for solver in l2svm block; do
        train --nb-svm --threshold 0 --calibrate no --precision 32 --solver $solver --epsilon 0.0001 -o $solver
        "$sikap" predict -m $solver --scores "$data/test.jsonl" >$solver.jsonl
    done
    paste l2svm.jsonl block.jsonl | jq -es '
        [range(0; length; 2) as $i | [.[$i], .[$i + 1]] | map([.scores[][]]) | transpose[] | .[0] - .[1] | fabs]
        | length > 1000 and max < 0.02'
}

@test "--nb-svm refuses a solver that learns all labels at once, before the corpus is read" {
    run -2 --separate-stderr "$sikap" train nothing.jsonl --field topic --nb-svm --solver crammer-singer -o none
    [[ $stderr == *"--nb-svm"*"crammer-singer"* ]]
}

@test "ratios and selection are made anew in every fold: labels drawn by lot cannot be learnt" {
    # 60 texts of words of their own, under labels that mean nothing: whoever selects or weighs terms
    # on all of them finds words that fit the held-out ones.
    awk 'BEGIN { srand(7); for (i = 0; i < 60; i++) { printf "{\"id\":\"%d\",\"label\":\"%s\",\"text\":\"", i, rand() < 0.5 ? "a" : "b"
        for (k = 0; k < 40; k++) printf "w%d ", int(rand() * 3000); print "\"}" } }' >lot.jsonl
    for options in "--select chi2:50" "--select mi:50" "--nb-svm"; do
        # shellcheck disable=SC2086
        "$sikap" crossval lot.jsonl --field label:single --ngrams 1 $options --quiet --json out.json >/dev/null
        jq -e '.fields.label.accuracy < 0.7' out.json
    done
}
