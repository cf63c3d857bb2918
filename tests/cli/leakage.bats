#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Near-duplicates between what is learnt from and what is tested: eval --train, and crossval.

bats_require_minimum_version 1.5.0

setup_file() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export root data=$root/datasets/ir-demo sikap=${SIKAP:?the program under test}
    export model=$BATS_FILE_TMPDIR/demo.sikap
    "$sikap" train "$data/train.jsonl" --field topic --threshold 0 --quiet -o "$model"
    # Every seventh document once more, in capitals and with a word behind: nearly the same.
    jq -c 'select(input_line_number % 7 == 0) | .id += "-again" | .group = .id |
        .title = ((.title // "") | ascii_upcase) | .text += " (repeated)"' "$data/train.jsonl" \
        >"$BATS_FILE_TMPDIR/again.jsonl"
    cat "$data/train.jsonl" "$BATS_FILE_TMPDIR/again.jsonl" >"$BATS_FILE_TMPDIR/doubled.jsonl"
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
}

@test "eval --train names leaked documents, and the figures without them are those of the rest" {
    jq -c . "$data/test.jsonl" again.jsonl >mixed.jsonl
    "$sikap" eval "$model" mixed.jsonl --train "$data/train.jsonl" --bootstrap 0 --json mixed.json \
        >table 2>err
    diff <(jq -r .id again.jsonl) \
        <(jq -r '.leakage.documents[].id | select(endswith("-again"))' mixed.json)
    jq -r '.leakage.documents[].id' mixed.json >leaked
    grep -v -F -f <(sed 's/.*/"id":"&"/' leaked) mixed.jsonl >rest.jsonl
    "$sikap" eval "$model" rest.jsonl --bootstrap 0 --json rest.json >/dev/null
    diff <(jq '.fields.topic.without_leaked | .n_documents, .micro.f1, .macro.f1, .subset_accuracy' mixed.json) \
        <(jq '.fields.topic | .n_documents, .micro.f1, .macro.f1, .subset_accuracy' rest.json)
    grep -q 'near-duplicates of ones learnt from' err
    grep -q 'without leaked documents' table
    grep -q -- '-again like ' table
}

@test "a label file is searched by the gold texts" {
    "$sikap" predict -m "$model" again.jsonl >labels.jsonl
    "$sikap" eval --predictions labels.jsonl --gold again.jsonl --field topic --bootstrap 0 --quiet \
        --train "$data/train.jsonl" --json labels.json >/dev/null
    [ "$(jq .leakage.n_leaked labels.json)" -eq "$(wc -l <again.jsonl)" ]
    jq -c 'del(.text, .title)' again.jsonl >bare.jsonl
    run -3 "$sikap" eval --predictions labels.jsonl --gold bare.jsonl --field topic --bootstrap 0 \
        --train "$data/train.jsonl"
    [[ $output == *"no text"* ]]
}

@test "leakage can be gated; nobody looks without --train" {
    "$sikap" eval "$model" again.jsonl --bootstrap 0 --quiet --train again.jsonl \
        --gate 'leakage.n_leaked>=50' >/dev/null
    run -1 "$sikap" eval "$model" again.jsonl --bootstrap 0 --quiet --train again.jsonl \
        --gate 'leakage.n_leaked==0'
    run -2 "$sikap" eval "$model" again.jsonl --bootstrap 0 --gate 'leakage.n_leaked==0'
    run -2 "$sikap" eval "$model" again.jsonl --train again.jsonl --similarity 0
    run -5 "$sikap" eval "$model" again.jsonl --train nothing.jsonl
}

@test "crossval keeps near-duplicates in one fold, or tells what it costs not to" {
    "$sikap" crossval doubled.jsonl --field topic --folds 3 --ngrams 1 --threshold 0 --json together.json \
        --quiet >/dev/null
    "$sikap" crossval doubled.jsonl --field topic --folds 3 --ngrams 1 --threshold 0 --json parted.json \
        --near-duplicates ignore >table 2>err
    [ "$(jq .leakage.n_leaked together.json)" -eq 0 ]
    [ "$(jq .leakage.n_leaked parted.json)" -ge 60 ]
    grep -q 'near-duplicates of ones learnt from' err
    jq -e '.fields.topic | .without_leaked.micro.f1 < .micro.f1' parted.json
    jq -e '.fields.topic | .n_documents > .without_leaked.n_documents' parted.json
}

@test "unlabelled texts are in no fold: one that is like a document leaks no label" {
    jq -c 'del(.topic, .stance, .group)' again.jsonl >bare.jsonl
    "$sikap" crossval "$data/train.jsonl" --field topic --folds 3 --ngrams 1 --threshold 0 --quiet \
        --near-duplicates ignore --unlabeled bare.jsonl --lsa 5 --json bare.json >/dev/null
    "$sikap" crossval "$data/train.jsonl" --field topic --folds 3 --ngrams 1 --threshold 0 --quiet \
        --near-duplicates ignore --json none.json >/dev/null
    diff <(jq '.leakage, .n_documents' bare.json) <(jq '.leakage, .n_documents' none.json)
}

@test "crossval --repeats: as many documents as there are, the same for any number of threads" {
    for threads in 1 2; do
        "$sikap" crossval "$data/test.jsonl" --field topic --folds 3 --ngrams 1 --repeats 3 --quiet \
            --threads $threads --json $threads.json --predictions $threads.jsonl >table
    done
    cmp 1.json 2.json && cmp 1.jsonl 2.jsonl
    n=$(wc -l <"$data/test.jsonl")
    [ "$(jq '[.n_repeats, .n_documents, .fields.topic.n_documents]' -c 1.json)" = "[3,$n,$n]" ]
    [ "$(jq -r .id 1.jsonl | sort -u | wc -l)" -eq "$n" ]
    jq -e '.fields.topic.repeats.micro_f1 | .low < .mean and .mean < .high and .sd > 0' 1.json
    grep -q 'over 3 repeats' table
    # The first repeat is what one run gives.
    "$sikap" crossval "$data/test.jsonl" --field topic --folds 3 --ngrams 1 --quiet \
        --predictions once.jsonl >/dev/null
    cmp once.jsonl 1.jsonl
}

@test "crossval --time labels the future as a model of the past does" {
    n=$(wc -l <"$data/train.jsonl")
    jq -c --argjson n "$n" '.date = "202\(input_line_number * 3 / ($n + 1) | floor)-05-31" | del(.group)' \
        "$data/train.jsonl" >dated.jsonl
    options="--field topic --solver block --precision 32 --threshold 0 --calibrate no --quiet"
    "$sikap" crossval dated.jsonl $options --folds 2 --time date --predictions future.jsonl >/dev/null
    for year in 2021 2022; do
        jq -c "select(.date < \"$year\")" dated.jsonl >past.jsonl
        jq -c "select(.date[0:4] == \"$year\")" dated.jsonl >next.jsonl
        "$sikap" train past.jsonl $options -o past.sikap
        "$sikap" predict -m past.sikap next.jsonl
    done | jq -c '[.id, .topic]' >expected
    diff expected <(jq -c 'select(.topic != null) | [.id, .topic]' future.jsonl)
    [ "$(jq -c 'select(.topic == null)' future.jsonl | wc -l)" -eq "$(grep -c '"2020-' dated.jsonl)" ]
}

@test "crossval --time learns thresholds from the past alone" {
    "$sikap" crossval dated.jsonl --field topic --ngrams 1 --folds 2 --time date --quiet --json t.json >/dev/null
    jq -e '.fields.topic.micro.f1 > 0.3' t.json
    # What comes last cannot matter to what is tested before it.
    jq -c 'if .date > "2022" then .topic = [] else . end' dated.jsonl >changed.jsonl
    for name in dated changed; do
        "$sikap" crossval $name.jsonl --field topic --ngrams 1 --folds 2 --time date --quiet \
            --predictions $name.out >/dev/null
        jq -c 'select(.date[0:4] == "2021") | .id' dated.jsonl |
            grep -F -f - $name.out >$name.tested
    done
    cmp dated.tested changed.tested
}

@test "crossval: what cannot be" {
    run -2 "$sikap" crossval dated.jsonl --field topic --time date --repeats 2
    run -3 "$sikap" crossval dated.jsonl --field topic --time when
    [[ $output == *"have no 'when'"* ]]
    run -3 "$sikap" crossval dated.jsonl --field topic --time id
    [[ $output == *"neither a date"* ]]
    run -3 "$sikap" crossval dated.jsonl --field topic --time date --folds 3
    [[ $output == *"3 different times"* ]]
    run -2 "$sikap" crossval dated.jsonl --field topic --repeats 0
    run -2 "$sikap" train dated.jsonl --field topic --time date -o x
    run -2 "$sikap" train dated.jsonl --field topic --near-duplicates maybe -o x
}
