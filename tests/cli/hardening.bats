#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the compiler and linker are asked to defend, looked up in the finished program; and that model
# bytes depend neither on the locale nor on the kernels of a BLAS.

bats_require_minimum_version 1.5.0

setup() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    sikap=${SIKAP:?the program under test}
    cd "$BATS_TEST_TMPDIR" || return 1
}

@test "the program is position-independent, its tables are read-only and its stack is no code" {
    command -v readelf >/dev/null || skip "readelf is missing"
    readelf -hW "$sikap" | grep -qE 'Type: +DYN'
    readelf -dW "$sikap" | grep -qE 'FLAGS_1.* PIE'
    readelf -dW "$sikap" | grep -qE 'BIND_NOW|FLAGS_1.* NOW'
    readelf -lW "$sikap" | grep -q GNU_RELRO
    readelf -lW "$sikap" | grep -qE 'GNU_STACK.* RW +0x'
}

# train NAME [OPTION...]
train() {
    "$sikap" train corpus.jsonl --field topic --ngrams 1 --folds 2 --quiet "${@:2}" -o "$1"
}

@test "no BLAS is loaded: model bytes cannot hang on its kernels" {
    run ldd "$sikap"
    [ "$status" -eq 0 ]
    [[ $output == *libdeflate* ]]
    [[ $output != *blas* ]]
}

@test "model bytes are the same in every locale" {
    head -n 60 "$root/datasets/ir-demo/train.jsonl" >corpus.jsonl
    LC_ALL=C train expected
    missing=
    for locale in tr_TR.UTF-8 de_DE.UTF-8; do
        LC_ALL=$locale train other
        cmp expected other
        locale -a | grep -qiE "^${locale%.*}\.utf-?8$" || missing+=" $locale"
    done
    [ -z "$missing" ] || skip "equal, but the system lacks$missing"
}
