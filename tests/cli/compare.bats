#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# sikap compare from the outside: models and label files, pipes, wrong use.

bats_require_minimum_version 1.5.0

setup_file() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export root data=$root/datasets/ir-demo sikap=${SIKAP:?the program under test}
    export few=$BATS_FILE_TMPDIR/few.sikap all=$BATS_FILE_TMPDIR/all.sikap
    # Evaluated on texts of the training file that neither model has seen.
    head -n 60 "$data/train.jsonl" >"$BATS_FILE_TMPDIR/few.jsonl"
    head -n 300 "$data/train.jsonl" >"$BATS_FILE_TMPDIR/all.jsonl"
    export gold=$BATS_FILE_TMPDIR/gold.jsonl
    tail -n +301 "$data/train.jsonl" >"$gold"
    for name in few all; do
        "$sikap" train "$BATS_FILE_TMPDIR/$name.jsonl" --field topic --field stance --quiet \
            -o "$BATS_FILE_TMPDIR/$name.sikap"
        "$sikap" predict -m "$BATS_FILE_TMPDIR/$name.sikap" "$gold" >"$BATS_FILE_TMPDIR/$name.labels"
    done
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

@test "the better of two models is found, either way round, in words and as JSON" {
    "$sikap" compare "$few" "$all" --gold "$gold" --json c.json >text
    grep -q 'In micro F1 B is better by' text
    "$sikap" compare "$all" "$few" --gold "$gold" >text
    grep -q 'In micro F1 A is better by' text
    [ "$(jq -r .fields.topic.micro_f1.better c.json)" = b ]
    jq -e '.fields.topic.micro_f1 | .interval.low > 0 and .difference > .interval.low' c.json
    [ "$(wc -L <text)" -le 80 ]
}

@test "figures are those of eval" {
    "$sikap" compare "$few" "$all" --gold "$gold" --bootstrap 50 --json - >c.json
    "$sikap" eval "$all" "$gold" --bootstrap 0 --json - >e.json
    for field in topic stance; do
        diff <(jq ".fields.$field | .micro_f1.b, .macro_f1.b, .subset_accuracy.b" c.json) \
            <(jq ".fields.$field | .micro.f1, .macro.f1, .subset_accuracy" e.json)
    done
}

@test "a label file stands for the model it came from, also from a pipe" {
    "$sikap" compare "$few" "$all" --gold "$gold" --bootstrap 50 --json - | jq -S .fields >models
    "$sikap" compare "$few" "$BATS_FILE_TMPDIR/all.labels" --gold "$gold" --bootstrap 50 --json - |
        jq -S .fields >mixed
    cmp models mixed
    "$sikap" compare - "$all" --gold "$gold" --bootstrap 50 --json - <"$BATS_FILE_TMPDIR/few.labels" |
        jq -cS .fields.stance.micro_f1 >pipe
    cmp pipe <(jq -cS .stance.micro_f1 models)
    "$sikap" compare "$BATS_FILE_TMPDIR/few.labels" "$BATS_FILE_TMPDIR/all.labels" --gold "$gold" \
        --field topic --field stance --bootstrap 50 --json - | jq -cS .fields.topic.micro_f1 >files
    cmp files <(jq -cS .topic.micro_f1 models)
}

@test "a system against itself: no difference, no lines" {
    "$sikap" compare "$all" "$BATS_FILE_TMPDIR/all.labels" --gold "$gold" --differences d.jsonl >text
    grep -q 'A and B label every document alike' text
    [ -f d.jsonl ] && [ ! -s d.jsonl ]
}

@test "the documents that differ, one line each" {
    "$sikap" compare "$few" "$all" --gold "$gold" --field stance --bootstrap 20 --json c.json \
        --differences d.jsonl >/dev/null
    [ "$(wc -l <d.jsonl)" -eq "$(jq .fields.stance.differing.n_documents c.json)" ]
    [ "$(jq -r .field d.jsonl | sort -u)" = stance ]
    jq -e 'has("id") and (.a != .b) and has("gold")' d.jsonl >/dev/null
    [ "$(jq -r 'select(.nearer == "b") | .id' d.jsonl | wc -l)" -eq \
        "$(jq .fields.stance.differing.b_nearer c.json)" ]
}

@test "the same bytes for any number of threads and locale" {
    "$sikap" compare "$few" "$all" --gold "$gold" --bootstrap 100 --group kind --threads 1 >one
    LC_ALL=de_DE.UTF-8 "$sikap" compare "$few" "$all" --gold "$gold" --bootstrap 100 --group kind \
        --threads 2 >two
    cmp one two
    grep -q 'groups' one
}

@test "wrong use says what is expected" {
    run -2 "$sikap" compare "$few" "$all"
    [[ $output == *--gold* ]]
    run -2 "$sikap" compare "$few" --gold "$gold"
    run -2 "$sikap" compare "$few" "$all" --gold - <"$gold"
    [[ $output == *"not a pipe"* ]]
    run -2 "$sikap" compare - - --gold "$gold"
    run -2 "$sikap" compare "$few" "$all" --gold "$gold" --bootstrap 0
    [[ $output == *--bootstrap* ]]
    run -3 "$sikap" compare "$few" "$all" --gold "$gold" --field nothing
    run -5 "$sikap" compare nothing.sikap "$all" --gold "$gold"
    head -c 3000 "$all" >cut.sikap
    run -4 "$sikap" compare cut.sikap "$all" --gold "$gold"
    : >empty
    run -3 "$sikap" compare "$all" "$few" --gold empty
}
