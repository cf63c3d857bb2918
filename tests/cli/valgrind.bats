#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A small run from end to end under valgrind: no read of what was never written, no access beyond a
# block, no leak.

bats_require_minimum_version 1.5.0

setup_file() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export sikap=${SIKAP:?the program under test} work=$BATS_FILE_TMPDIR
    head -n 24 "$root/datasets/ir-demo/train.jsonl" >"$work/a.jsonl"
}

setup() {
    cd "$work" || return 1
    command -v valgrind >/dev/null || skip "valgrind is missing"
    valgrind -q "$sikap" --version >/dev/null 2>&1 || skip "valgrind cannot run this build"
}

check() {
    run -0 valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,possible "$sikap" "$@"
}

learning=(--field topic --ngrams 1 --folds 2 --threads 2 --quiet)

@test "train, predict, eval, explain and crossval are clean under valgrind" {
    check train a.jsonl "${learning[@]}" -o m.sikap
    check predict -m m.sikap a.jsonl --scores --threads 2 --quiet
    check eval m.sikap a.jsonl --bootstrap 10 --threads 2 --quiet
    check explain -m m.sikap a.jsonl
    check crossval a.jsonl "${learning[@]}" --folds 3 --json -
}

@test "the block solver, latent features, targets and a damaged model are clean under valgrind" {
    check train a.jsonl "${learning[@]}" --solver block-lr --lsa 3 --target kind --passages -o b.sikap
    check predict -m b.sikap a.jsonl --passages --threads 2 --quiet
    head -c 3000 b.sikap >cut.sikap
    run -4 valgrind -q --error-exitcode=99 --leak-check=full "$sikap" predict -m cut.sikap a.jsonl
}
