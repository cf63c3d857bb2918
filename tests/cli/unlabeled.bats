#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Latent features and unlabelled text: what they may change, and what they must not.

bats_require_minimum_version 1.5.0

setup_file() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export data=$root/datasets/ir-demo sikap=${SIKAP:?the program under test}
    # The other half's texts; their labels are there to be ignored.
    export more=$BATS_FILE_TMPDIR/more.jsonl half=$BATS_FILE_TMPDIR/half.jsonl
    head -n 220 "$data/train.jsonl" >"$half"
    tail -n +221 "$data/train.jsonl" >"$more"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

train() {
    "$sikap" train "$half" --field topic --field stance --ngrams 1-2 --quiet "$@"
}

@test "labels of unlabelled files are not looked at, nor missed" {
    jq -c 'del(.topic, .stance)' "$more" >bare.jsonl
    train --unlabeled "$more" -o with
    train --unlabeled bare.jsonl -o without
    # The fingerprint is of ids, texts and the labels as they stand in the file.
    "$sikap" inspect with | grep -v -e fingerprint -e unlabeled >a
    "$sikap" inspect without | grep -v -e fingerprint -e unlabeled >b
    diff a b
    grep -q "documents: 220 read" a
}

@test "words of the unlabelled texts alone get weights, and only words" {
    train -o plain
    train --unlabeled "$more" -o more
    # A word that the labelled half does not have, and a pair of words that it does not have.
    for f in half more; do
        jq -r '(.title // "") + " " + .text' "${!f}" | tr 'A-Z' 'a-z' | grep -oE '[a-z]+' | sort | uniq -c |
            awk '{print $2, $1}' | sort >words.$f
    done
    word=$(join -v1 words.more words.half | awk '$2 >= 4 {print $1; exit}')
    [ -n "$word" ]
    echo "$word" >text.txt
    "$sikap" predict -m plain --input lines text.txt --scores | jq -S .scores >known.plain
    echo "qqqq" >none.txt
    "$sikap" predict -m plain --input lines none.txt --scores | jq -S .scores >none.plain
    cmp known.plain none.plain # not known: the same as no word at all
    "$sikap" predict -m more --input lines text.txt --scores | jq -S .scores >known.more
    "$sikap" predict -m more --input lines none.txt --scores | jq -S .scores >none.more
    run ! cmp -s known.more none.more
}

@test "model bytes with latent features are the same for 1 and 2 threads" {
    train --unlabeled "$more" --threads 1 -o one
    train --unlabeled "$more" --threads 2 -o two
    cmp one two
}

@test "crossval with unlabelled text reports and labels the labelled documents alone" {
    "$sikap" crossval "$half" --field topic --ngrams 1-2 --unlabeled "$more" --quiet \
        --folds 3 --json cv.json --predictions out.jsonl >/dev/null
    [ "$(jq .n_documents cv.json)" -eq 220 ]
    diff <(jq -r .id "$half") <(jq -r .id out.jsonl)
}

@test "--lsa and --nb-svm together are refused; a missing unlabelled file is named" {
    run -2 train --lsa 10 --nb-svm -o m
    [[ $output == *"--nb-svm and --lsa"* ]]
    run ! train --unlabeled nowhere.jsonl -o m
    [[ $output == *"nowhere.jsonl"* ]]
}

@test "latent features go with targets, pruning and every segment" {
    train --lsa 20 --target lang --prune 2000 -o m
    "$sikap" predict -m m "$data/test.jsonl" >out
    [ "$(wc -l <out)" -eq "$(wc -l <"$data/test.jsonl")" ]
}
