#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# train --max-memory: what it leaves out, what it says, and that it keeps its word.

bats_require_minimum_version 1.5.0

setup_file() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export root shared=$root/../shared data=$root/datasets/ir-demo
    export sikap=${SIKAP:?the program under test}
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

train() {
    "$sikap" train "$data/train.jsonl" --field topic:multi --field stance:multi --threshold 0 "$@"
}

@test "a limit that is wide enough leaves no trace" {
    train --quiet -o without
    train --quiet --max-memory 2G --threads 2 -o with
    cmp without with
}

@test "a raised --min-df is told, is exact, and the same for 1 and 2 threads" {
    train --max-memory 72M --threads 1 -o one 2>err
    [[ $(cat err) =~ "--max-memory: terms in fewer than "([0-9]+)" documents are left out" ]]
    least=${BASH_REMATCH[1]}
    [ "$least" -gt 1 ]
    train --quiet --max-memory 72M --threads 2 -o two
    cmp one two
    train --quiet --min-df "$least" -o given
    "$sikap" inspect one | grep -x "min-df: $least, raised by --max-memory"
    "$sikap" predict -m one --scores "$data/test.jsonl" >out-one
    "$sikap" predict -m given --scores "$data/test.jsonl" >out-given
    cmp out-one out-given
}

@test "a limit that cannot be kept is refused with the least that can" {
    run --separate-stderr -5 train --max-memory 10M -o none
    [[ $stderr =~ ^"sikap train: --max-memory: this corpus takes about "[0-9]+" MB even without" ]]
    [ ! -e none ]
}

@test "standard input cannot be read twice" {
    run --separate-stderr -2 "$sikap" train - --field topic --max-memory 1G -o none <"$data/train.jsonl"
    [[ $stderr == *"reads the corpus twice: give files, not standard input"* ]]
    mkfifo pipe
    run -2 --separate-stderr timeout 20 "$sikap" train pipe --field topic --max-memory 300M -o none
    [[ $stderr == *"reads the corpus twice: give files, not a pipe"* ]]
}

@test "a bad record is told once" {
    cp "$data/train.jsonl" bad.jsonl
    echo '{"id":"bad", broken' >>bad.jsonl
    "$sikap" train bad.jsonl --field topic:multi --threshold 0 --max-memory 2G -o m 2>err
    [ "$(grep -c 'bad.jsonl:' err)" -eq 1 ]
}

@test "the peak stays below the limit on reuters-r90" {
    corpus=$shared/corpora/reuters-r90/train.jsonl.gz
    [ -e "$corpus" ] || skip "../shared/corpora/reuters-r90 is missing"
    [ -x /usr/bin/time ] || skip "/usr/bin/time is missing"
    ! grep -q __asan_init "$sikap" || skip "sanitizers take memory of their own"
    for limit in 120 200; do
        /usr/bin/time -f %M -o peak "$sikap" train "$corpus" --field topics --ngrams 1-2 --threshold 0 \
            --solver block --quiet --max-memory ${limit}M -o m
        [ "$(tail -1 peak)" -le $((limit * 1024)) ]
    done
}
