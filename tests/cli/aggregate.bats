#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# sikap aggregate from the outside: CSV, joins, charts, wrong use.

bats_require_minimum_version 1.5.0

setup_file() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export data=$root/datasets/ir-demo sikap=${SIKAP:?the program under test}
    cd "$BATS_FILE_TMPDIR" || return 1
    head -n 250 "$data/train.jsonl" >train.jsonl
    # Documents with a date and an outlet, labelled; the last sixty are the checked sample.
    tail -n +251 "$data/train.jsonl" | jq -c '. + {date: "2024-0\(.id|explode|add % 3 + 1)-05",
        outlet: (if .lang == "id" then "A, Jakarta" else "B" end)}' >news.jsonl
    tail -n 60 news.jsonl >checked.jsonl
    "$sikap" train train.jsonl --field topic --quiet -o m.sikap
    "$sikap" predict -m m.sikap --scores news.jsonl >labels.jsonl
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
}

@test "counts agree with jq's, and shares lie between 0 and 1" {
    "$sikap" aggregate labels.jsonl --by month --corpus news.jsonl --field topic --gold checked.jsonl >shares.csv
    [ "$(head -n 1 shares.csv)" = month,field,label,n,raw,adjusted,low,high ]
    jq -r 'select(.date[0:7] == "2024-02") | .id' news.jsonl | sort >ids
    n=$(wc -l <ids)
    given=$(jq -r 'select(.topic | index("security")) | .id' labels.jsonl | sort | comm -12 - ids | wc -l)
    grep "^2024-02,topic,security,$n,$(jq -n "$given / $n * 10000 | round / 10000")" shares.csv
    awk -F, 'NR > 1 && ($6 < 0 || $6 > 1 || ($7 != "" && ($7 > $6 || $8 < $6))) { bad = 1 } END { exit bad }' shares.csv
}

@test "from a pipe, by two keys; quoted where it must be; the same for any threads and locale" {
    "$sikap" predict -m m.sikap --scores news.jsonl | "$sikap" aggregate --by quarter,outlet \
        --corpus news.jsonl --field topic --gold checked.jsonl --calibration labels.jsonl --threads 1 >one
    LC_ALL=de_DE.UTF-8 "$sikap" aggregate labels.jsonl --by quarter,outlet --corpus news.jsonl \
        --field topic --gold checked.jsonl --threads 2 >two
    cmp one two
    grep -q '^2024-Q1,"A, Jakarta",topic,security,' one
}

@test "JSON has every estimate, the probabilistic ones where scores are complete" {
    "$sikap" aggregate labels.jsonl --by year --corpus news.jsonl --field topic --gold checked.jsonl \
        --json - >all.json
    jq -e '.shares[0] | .raw.share >= 0 and .adjusted.share >= 0 and .adjusted_probability.share >= 0' all.json
    "$sikap" aggregate labels.jsonl --by year --corpus news.jsonl --field topic --gold checked.jsonl \
        --method probability >probability.csv
    [ "$(jq -r '.shares[0].adjusted_probability.share * 10000 | round' all.json)" -eq \
        "$(sed -n 2p probability.csv | awk -F, '{ printf "%.0f", $6 * 10000 }')" ]
    "$sikap" predict -m m.sikap news.jsonl >some.jsonl
    run -3 "$sikap" aggregate some.jsonl --by year --corpus news.jsonl --field topic \
        --gold checked.jsonl --method probability
    [[ $output == *--scores* ]]
}

@test "out-of-fold labels serve as the known ones" {
    "$sikap" crossval train.jsonl --field topic --folds 3 --quiet --predictions folds.jsonl >/dev/null
    "$sikap" aggregate labels.jsonl --by year --corpus news.jsonl --field topic --gold train.jsonl \
        --calibration folds.jsonl --method probability --json - >folds.json
    jq -e '.fields.topic.n_known == 250' folds.json
    jq -e '[.scores.topic[] | . >= 0 and . <= 1] | all and length > 1' folds.jsonl >/dev/null
}

@test "without gold the counts stand, and that is said" {
    run -0 --separate-stderr "$sikap" aggregate labels.jsonl --by month --corpus news.jsonl --field topic
    [[ $stderr == *--gold* ]]
    [[ ${lines[1]} == *,,, ]]
}

@test "a chart" {
    "$sikap" aggregate labels.jsonl --by month --corpus news.jsonl --field topic --gold checked.jsonl \
        --svg chart.svg --label security --label topic:health >/dev/null
    grep -q '<svg' chart.svg && grep -q security chart.svg && grep -q health chart.svg
    ! grep -q technology chart.svg
    run -2 "$sikap" aggregate labels.jsonl --by outlet --corpus news.jsonl --field topic --svg x.svg --quiet
    [[ $output == *period* ]] && [ ! -e x.svg ]
    run -2 "$sikap" aggregate labels.jsonl --by month --corpus news.jsonl --field topic --svg x.svg \
        --label nothing --quiet
    [[ $output == *nothing* ]]
}

@test "wrong use says what is expected" {
    run -2 "$sikap" aggregate labels.jsonl --field topic
    [[ $output == *--by* ]]
    run -2 "$sikap" aggregate labels.jsonl --by month --field topic
    [[ $output == *--corpus* ]]
    run -2 "$sikap" aggregate labels.jsonl --by month
    [[ $output == *topic* ]]
    run -2 "$sikap" aggregate labels.jsonl --by month --corpus news.jsonl --field topic --method guess
    run -5 "$sikap" aggregate nothing.jsonl --by month --field topic
    : >empty.jsonl
    run -3 "$sikap" aggregate empty.jsonl --by month --field topic:multi --corpus news.jsonl
}
