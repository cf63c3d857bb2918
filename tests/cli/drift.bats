#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# sikap drift: texts of the same kind pass, texts of another kind do not, and the reason is told.

bats_require_minimum_version 1.5.0

setup_file() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export data=$root/datasets/ir-demo sikap=${SIKAP:?the program under test}
    export model=$BATS_FILE_TMPDIR/m.sikap
    "$sikap" train "$data/train.jsonl" --field topic --field stance --ngrams 1-2 --quiet -o "$model"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

@test "held-out texts of the same kind have not drifted" {
    "$sikap" drift "$model" "$data/test.jsonl" --fail-below 0.05 --json drift.json >table
    grep -q '^No change worth acting on.$' table
    jq -e '.n_before == 438 and .n_after == 177 and .p == 1 and (.unknown.changed | not)' drift.json
    [ "$(LC_ALL=C.UTF-8 wc -L <table)" -le 90 ]
    [ "$(grep -c '  *[01]\.[0-9]* *[01]\.[0-9]* *[-+]' table)" -ge 10 ]
}

@test "reversed words, cut texts and a single subject are told apart" {
    jq -c '.text |= (explode | reverse | implode)' "$data/test.jsonl" >strange.jsonl
    run -1 --separate-stderr "$sikap" drift "$model" strange.jsonl --fail-below 0.01
    [[ $output == *"More of the texts is new to the model"* ]]
    [[ $stderr == *"the smallest corrected p"*" is below 0.01"* ]]
    jq -c 'del(.title) | .text |= .[:60]' "$data/test.jsonl" | "$sikap" drift "$model" - --json short.json >/dev/null
    jq -e '.words.changed and .words.effect < -0.8' short.json
    jq -c 'select(.topic | index("sanctions"))' "$data/train.jsonl" >one.jsonl
    "$sikap" drift "$model" one.jsonl --json one.json | grep -q 'Labels are given more often'
    jq -e '.fields.topic.labels.sanctions | .changed and .after > 0.9 and .before < 0.2' one.json
    # The figure behind it is the share that predict gives.
    n=$("$sikap" predict -m "$model" one.jsonl --quiet | jq -s 'map(select(.topic | index("sanctions"))) | length')
    jq -e --argjson n "$n" --slurpfile all one.jsonl \
        '(.fields.topic.labels.sanctions.after - $n / ($all | length)) | fabs < 1e-9' one.json
}

@test "against other texts, and with a model that keeps nothing" {
    "$sikap" train "$data/train.jsonl" --field topic --ngrams 1-2 --threshold 0 --quiet -o plain.sikap
    run -2 --separate-stderr "$sikap" drift plain.sikap "$data/test.jsonl"
    [[ $stderr == *"--against"* ]]
    "$sikap" drift plain.sikap "$data/test.jsonl" --against "$data/test.jsonl" --json same.json >/dev/null
    jq -e '.n_before == 177 and .p == 1 and .unknown.before == .unknown.after and .unknown.effect == 0
        and all(.fields.topic.labels[]; .before == .after)' same.json
}

@test "the same figures for any number of threads, from a pipe, and by a model saved compactly" {
    "$sikap" drift "$model" "$data/test.jsonl" --threads 1 --json one.json >/dev/null
    "$sikap" drift "$model" - --threads 2 --json two.json <"$data/test.jsonl" >/dev/null
    cmp one.json two.json
    "$sikap" train "$data/train.jsonl" --field topic --field stance --ngrams 1-2 --compact --quiet -o c.sikap
    "$sikap" drift c.sikap "$data/test.jsonl" --json - | cmp one.json -
}

@test "wrong uses" {
    : >empty.jsonl
    run -3 "$sikap" drift "$model" empty.jsonl
    run -2 "$sikap" drift "$model"
    run -2 "$sikap" drift "$model" "$data/test.jsonl" --fail-below 2
    run -4 "$sikap" drift "$data/test.jsonl" "$data/test.jsonl"
    run -5 "$sikap" drift "$model" missing.jsonl
}

@test "documents of one group count for what they are worth" {
    # A moderate change: half of the documents are of one subject. Three copies of each say no more.
    { jq -c 'select(.topic | index("sanctions"))' "$data/test.jsonl" | head -n 12
        jq -c 'select(.topic | index("sanctions") | not)' "$data/test.jsonl" | head -n 12; } |
        jq -c 'del(.group)' >once.jsonl
    jq -c '.speech = .id | (., (.id += "-2"), (.id += "-3"))' once.jsonl >thrice.jsonl
    for run in "once" "thrice" "thrice --group speech"; do
        read -r name more <<<"$run"
        # shellcheck disable=SC2086 # the options are words
        "$sikap" drift "$model" "$name.jsonl" $more --json - | jq -c '[.n_after, .n_groups,
            .fields.topic.labels.sanctions.p, .fields.topic.labels.sanctions.effect]'
    done | jq -s . >all.json
    jq -e '.[0][:2] == [24, 24] and .[1][:2] == [72, 72] and .[2][:2] == [72, 24]' all.json
    jq -e '.[0][3] > 0.2 and .[1][3] == .[0][3] and .[2][3] == .[0][3]' all.json
    jq -e '.[1][2] < .[0][2] / 10 and .[2][2] > .[0][2] / 4 and .[2][2] < 10 * .[0][2]' all.json
    run -3 "$sikap" drift "$model" once.jsonl --group nowhere
    [[ $output == *"no document has the key 'nowhere'"* ]]
    "$sikap" drift "$model" thrice.jsonl --group speech | grep -q '^72 new documents in 24 groups against '
}
