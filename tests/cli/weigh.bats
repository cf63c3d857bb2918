#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What terms are chosen and how they are weighed (--select, --nb-svm), and how sure the labels are
# (--calibrate, --coverage).

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

@test "crammer-singer takes one single field; several labels of a document overran its classes" {
    for labels in "--field topic" "--field topic:single --field stance:single" "--field kind --field lang"; do
        # shellcheck disable=SC2086
        run -2 --separate-stderr "$sikap" train "$data/train.jsonl" $labels --ngrams 1 \
            --solver crammer-singer -q -o none
        [[ $stderr == *"--solver: crammer-singer"*"--field NAME:single"* ]]
    done
    run -0 --separate-stderr "$sikap" train "$data/train.jsonl" --field kind --ngrams 1 \
        --solver crammer-singer -q -o one
    [ -z "$stderr" ]
    run ! test -e none
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

@test "--calibrate isotonic and auto give probabilities, for every number of threads the same" {
    for how in isotonic auto; do
        train --calibrate $how --threads 1 -o one
        train --calibrate $how --threads 2 -o two
        cmp one two
        "$sikap" predict -m one --scores "$data/test.jsonl" | jq -e '[.scores[][]] | min > 0 and max < 1' >/dev/null
    done
    run -2 --separate-stderr train --calibrate sometimes -o none
    [[ $stderr == *"--calibrate"*"platt"*"isotonic"* ]]
}

@test "--coverage: about that share of texts like the training texts is labelled, the others say so" {
    # Ten folds: models that learn from a fifth less are less sure, and of few texts that is felt.
    train --folds 10 -o model
    "$sikap" predict -m model "$data/test.jsonl" >all
    for share in 0.9 0.5; do
        "$sikap" predict -m model --coverage $share --threads 1 "$data/test.jsonl" >out
        "$sikap" predict -m model --coverage $share --threads 2 <"$data/test.jsonl" | cmp - out
        diff <(jq -r .id all) <(jq -r .id out)
        # What is labelled is labelled as before; null is what `abstained` names.
        jq -es '[range(0; length/2) as $i | [.[$i], .[$i + length/2]]][] | . as [$a, $b]
            | (["topic","stance"] | map(select($b[.] == null))) as $left
            | (["topic","stance"] - $left | all($a[.] == $b[.])) and (($b.abstained // []) == $left)' all out >/dev/null
        # 177 texts: within four standard errors.
        for field in topic stance; do
            jq -es --arg f $field --argjson s $share \
                '(map(select(.[$f] != null)) | length) / length - $s | fabs < 0.16' out
        done
    done
    "$sikap" predict -m model --coverage 1 "$data/test.jsonl" | cmp - all
    "$sikap" predict -m model --coverage 0 "$data/test.jsonl" | jq -e '.topic == null or .stance == null' >/dev/null
}

@test "--coverage in the other formats, and a label file with nulls is still a label file" {
    train -o model
    "$sikap" predict -m model --coverage 0.5 --format tsv "$data/test.jsonl" | cut -f 2 | grep -qx '?'
    "$sikap" predict -m model --coverage 0.5 --format text "$data/test.jsonl" | grep -qx '  topic: ?'
    "$sikap" predict -m model --coverage 0.5 "$data/test.jsonl" >out
    "$sikap" eval --predictions out --gold "$data/test.jsonl" --field topic --field stance --quiet >/dev/null
}

@test "--coverage and --min-prob of a model that does not know how sure it is are usage errors" {
    train --calibrate no -o model
    for option in "--coverage 0.9" "--min-prob 0.5"; do
        # shellcheck disable=SC2086
        run -2 --separate-stderr "$sikap" predict -m model $option "$data/test.jsonl"
        [[ $stderr == *"${option% *}: the model does not know how sure it is in the field 'topic'"* ]]
        [ -z "$output" ]
        # shellcheck disable=SC2086
        run -2 "$sikap" eval model $option "$data/test.jsonl"
    done
    run -2 "$sikap" predict -m model --coverage 1.5 "$data/test.jsonl"
}

@test "eval --coverage and --min-prob: figures over what predict gives with them" {
    train -o model
    for options in "--coverage 0.7" "--min-prob 0.5" "--coverage 0.7 --min-prob 0.5"; do
        # shellcheck disable=SC2086
        "$sikap" eval model "$data/test.jsonl" $options --bootstrap 0 --json kept.json >/dev/null
        # shellcheck disable=SC2086
        "$sikap" predict -m model $options "$data/test.jsonl" >out
        for field in topic stance; do
            jq -c --arg f $field 'select(.[$f] != null) | {id, l: .[$f]}' out | jq -s --arg f $field --slurpfile gold "$data/test.jsonl" '
                (reduce $gold[] as $g ({}; .[$g.id] = $g[$f])) as $gold | map(select($gold[.id] != null))
                | (map(.l - (.l - $gold[.id]) | length) | add) as $tp | (map(.l | length) | add) as $given
                | (map($gold[.id] | length) | add) as $there
                | {n: length, p: ($tp / $given), r: ($tp / $there)}' >expected
            jq -es --arg f $field '.[1].fields[$f].kept as $k | .[0].n == $k.n_documents
                and (.[0].p - $k.micro.precision | fabs < 1e-9) and (.[0].r - $k.micro.recall | fabs < 1e-9)' expected kept.json
        done
    done
    "$sikap" eval model "$data/test.jsonl" --bootstrap 0 --coverage 0.7 --gate 'topic.kept.micro.f1>=0.3' | grep -q '^kept: [0-9]* of 177 documents'
    run -1 "$sikap" eval model "$data/test.jsonl" --bootstrap 0 --coverage 0.7 --gate 'topic.kept.coverage>=0.99'
}

@test "eval --coverage of one label a document, and of a label file" {
    for i in $(seq 40); do
        echo "{\"id\":\"$i\",\"label\":\"$((i % 3))\",\"text\":\"kata $((i % 3 * (i % 5 > 0))) lagi $((i % 7))\"}"
    done >single.jsonl
    "$sikap" train single.jsonl --field label:single --quiet -o model
    "$sikap" eval model single.jsonl --bootstrap 0 --coverage 0.5 --json kept.json >/dev/null
    "$sikap" predict -m model --coverage 0.5 single.jsonl >out
    jq -es --slurpfile k kept.json 'map(select(.label != null)) | length == $k[0].fields.label.kept.n_documents' out
    jq -e '.fields.label | .kept.accuracy >= .accuracy' kept.json
    run -2 --separate-stderr "$sikap" eval --predictions out --gold single.jsonl --coverage 0.5
    [[ $stderr == *"--coverage and --min-prob need a model"* ]]
}
