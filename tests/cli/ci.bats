#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Gates, baselines and the reports that CI reads.

bats_require_minimum_version 1.5.0

setup_file() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export root data=$root/datasets/ir-demo sikap=${SIKAP:?the program under test}
    export work=$BATS_FILE_TMPDIR
    "$sikap" train "$data/train.jsonl" --field topic --field stance --quiet -o "$work/good.sikap"
    head -n 150 "$data/train.jsonl" >"$work/few.jsonl"
    "$sikap" train "$work/few.jsonl" --field topic --field stance --quiet -o "$work/bad.sikap"
    "$sikap" eval "$work/good.sikap" "$data/test.jsonl" --quiet --json "$work/good.json" >/dev/null
    "$sikap" predict -m "$work/good.sikap" "$data/test.jsonl" --quiet >"$work/good.jsonl"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

@test "a worse model fails against figures, labels and the better model, and says how it was told" {
    for baseline in good.json good.jsonl good.sikap; do
        run -1 --separate-stderr "$sikap" eval "$work/bad.sikap" "$data/test.jsonl" \
            --bootstrap 500 --baseline "$work/$baseline" --max-drop 0.01
        [ "$(grep -c '^sikap eval: baseline' <<<"$stderr")" -eq 4 ]
        if [ $baseline = good.json ]; then
            [[ $stderr == *"topic.micro.f1"*"significant"*"from the two intervals"* ]]
            [[ $stderr == *"topic.macro.f1"*"not tested (rare-labels)"* ]]
        else
            [ "$(grep -c 'failed.*paired over 177 documents' <<<"$stderr")" -eq 4 ]
        fi
    done
}

@test "the same and the better model pass against each kind of baseline" {
    for baseline in good.json good.jsonl good.sikap; do
        "$sikap" eval "$work/good.sikap" "$data/test.jsonl" --bootstrap 0 --quiet \
            --baseline "$work/$baseline" --strict-drop >/dev/null
    done
    "$sikap" eval "$work/good.sikap" "$data/test.jsonl" --bootstrap 0 --quiet \
        --baseline "$work/bad.sikap" >/dev/null
}

@test "a drop that is not significant passes, and fails with --strict-drop" {
    # One document of the better labels is spoilt.
    jq -c 'if .id == $id then .topic = [] else . end' --arg id "$(jq -r 'select(.topic != []) | .id' "$work/good.jsonl" | head -n 1)" \
        "$work/good.jsonl" >spoilt.jsonl
    set -- --predictions spoilt.jsonl --gold "$data/test.jsonl" --field topic:multi --bootstrap 0 \
        --baseline "$work/good.jsonl"
    run -0 --separate-stderr "$sikap" eval "$@"
    [[ $stderr == *"topic.micro.f1"*"worse by more than 0; not significant, p "* ]]
    run -1 "$sikap" eval "$@" --strict-drop
    run -0 "$sikap" eval "$@" --strict-drop --max-drop 0.05
}

@test "JUnit and Markdown are written, well-formed, also when a gate fails" {
    run -1 "$sikap" eval "$work/good.sikap" "$data/test.jsonl" --bootstrap 200 --quiet \
        --gate 'topic.micro.f1>=0.01' --gate 'stance.labels["sanctions-criticism"].f1>=1.1' \
        --junit junit.xml --markdown summary.md
    python3 - <<'PYTHON'
import xml.etree.ElementTree as tree
suite = tree.parse("junit.xml").getroot().find("testsuite")
assert suite.get("tests") == "2" and suite.get("failures") == "1"
names = [case.get("name") for case in suite]
assert names == ["topic.micro.f1>=0.01", 'stance.labels["sanctions-criticism"].f1>=1.1'], names
assert [case.find("failure") is not None for case in suite] == [False, True]
PYTHON
    grep -q '1 of 2 checks failed' summary.md
    grep -q '^### topic: multi, 177 documents' summary.md
    [ "$(grep -c '^Lowest labels' summary.md)" -eq 2 ]
    # To standard output in place of the table.
    "$sikap" eval "$work/good.sikap" "$data/test.jsonl" --bootstrap 0 --quiet --markdown - >out
    head -n 1 out | grep -q '^## Sikap'
}

@test "crossval holds its figures against those of an earlier run, never against a model" {
    set -- "$data/test.jsonl" --field topic --folds 3 --threshold -0.7 --calibrate no --quiet
    "$sikap" crossval "$@" --json old.json --predictions old.jsonl >/dev/null
    "$sikap" crossval "$@" --baseline old.json --strict-drop >/dev/null
    "$sikap" crossval "$@" --baseline old.jsonl --strict-drop >/dev/null
    run -2 "$sikap" crossval "$@" --baseline "$work/good.sikap"
    [[ $output == *"--predictions"* ]]
    jq -c '.fields.topic.micro.f1 += 0.001' old.json >better.json
    run -1 "$sikap" crossval "$@" --baseline better.json --strict-drop
}

@test "options that do not fit are refused before the work begins" {
    run -2 "$sikap" eval nothing nothing --max-drop 0.1
    [[ $output == *"--baseline"* ]]
    run -2 "$sikap" eval nothing nothing --strict-drop
    run -2 "$sikap" eval nothing nothing --baseline-figure topic.micro.f1
    run -2 "$sikap" eval nothing nothing --junit x.xml
    run -2 "$sikap" eval nothing nothing --json - --markdown -
    run -2 "$sikap" eval nothing nothing --baseline x --max-drop 2
    [[ $output == *"from 0 to 1"* ]]
    run -2 "$sikap" eval "$work/good.sikap" "$data/test.jsonl" --bootstrap 9999999
    [[ $output == *"from 0 to 1000000"* ]]
    run -5 "$sikap" eval "$work/good.sikap" "$data/test.jsonl" --bootstrap 0 --baseline nothing.json
    run -3 "$sikap" eval "$work/good.sikap" "$data/test.jsonl" --bootstrap 0 --baseline /dev/null
}

@test "where nothing is annotated, the keys that could be meant are told" {
    jq -c '{id, text, tema: .topic, sikap: .stance}' "$data/test.jsonl" >other.jsonl
    run -3 "$sikap" eval "$work/good.sikap" other.jsonl
    [[ $output == *"'topic', 'stance'; keys seen: tema, sikap"* ]]
    run -3 "$sikap" eval --predictions "$work/good.jsonl" --gold other.jsonl --field topic:multi
    [[ $output == *"keys seen: tema, sikap"* ]]
    # Standard input cannot be read again.
    run -3 "$sikap" eval "$work/good.sikap" - <other.jsonl
    [[ $output != *"keys seen"* ]]
}

@test "bench times every stage, judges, and takes gates on both" {
    "$sikap" bench "$data/train.jsonl" --field topic --test "$data/test.jsonl" --runs 2 --threads 1 \
        --quiet --json bench.json --gate 'throughput.predict.mb_per_second>0' \
        --gate 'topic.micro.f1>=0.3' >out
    [ "$(grep -cE '^(read|extract|train|predict) ' out)" -eq 4 ]
    jq -e '.throughput | .threads == 1 and .runs == 2 and .n_documents == 438 and
           ([.read, .extract, .train, .predict] | all(.fastest > 0 and .fastest <= .seconds and
            .seconds <= .slowest and .mb_per_second > 0 and .documents_per_second > 0))' bench.json
    # The figures are those of eval with a model trained so.
    "$sikap" train "$data/train.jsonl" --field topic --quiet -o m.sikap
    "$sikap" eval m.sikap "$data/test.jsonl" --json eval.json >/dev/null
    diff <(jq -S .fields bench.json) <(jq -S .fields eval.json)
    run -1 "$sikap" bench "$data/test.jsonl" -m m.sikap --runs 1 --throughput-only --quiet \
        --gate 'throughput.load.seconds<0'
    [[ $output == *"gate failed: throughput.load.seconds<0"* ]]
    run -2 "$sikap" bench "$data/test.jsonl" -m m.sikap --runs 1 --gate 'throughput.fly.seconds<0'
    run -2 "$sikap" bench "$data/test.jsonl" -m m.sikap --ngrams 3
    [[ $output == *"--ngrams"*"trained already"* ]]
    run -2 "$sikap" bench -
    run -5 "$sikap" bench nothing.jsonl --field topic
}
