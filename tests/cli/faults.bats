#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Every call of the system that a command makes fails once (tests/fault/fault.c): the command goes on
# where it may (an interrupted or short read or write) with the same result, or ends with exit code 5
# and a message; files that it writes are as they were, and nothing is left beside them.

bats_require_minimum_version 1.5.0

setup_file() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export root sikap=${SIKAP:?the program under test} fault=${FAULT:?the library that makes calls fail}
    export ASAN_OPTIONS=verify_asan_link_order=0:${ASAN_OPTIONS:-}
    export work=$BATS_FILE_TMPDIR
    cd "$work" || return 1
    head -n 24 "$root/datasets/ir-demo/train.jsonl" >a.jsonl
    gzip -c a.jsonl >a.jsonl.gz
    mkdir texts
    for i in 1 2 3; do echo "sanksi $i" >texts/$i.txt; done
    # Two lines of a label file with the ids of a.jsonl.
    train=(--field topic --ngrams 1 --folds 2 --threads 1 --quiet)
    "$sikap" train a.jsonl "${train[@]}" -o model.sikap
    "$sikap" predict -m model.sikap a.jsonl --quiet >labels.jsonl
}

setup() {
    cd "$work" || return 1
    train=(--field topic --ngrams 1 --folds 2 --threads 1 --quiet)
    predict=(predict -m model.sikap a.jsonl a.jsonl.gz texts --threads 2 --quiet)
    # Some builds (clang's sanitizers) bind these calls inside the program.
    SIKAP_FAULT=open:1:EACCES SIKAP_FAULT_MARK=struck LD_PRELOAD=$fault \
        "$sikap" predict -m model.sikap a.jsonl >/dev/null 2>&1 || true
    [ -e struck ] || skip "calls cannot be made to fail in this build"
    rm -f struck
}

# strike FAULT COMMAND...: runs it with standard output in `out`, messages in `err`, its status in
# `status`; false when there was no such call.
strike() {
    rm -f struck
    status=0
    SIKAP_FAULT=$1 SIKAP_FAULT_MARK=$work/struck LD_PRELOAD=$fault "${@:2}" >out 2>err || status=$?
    [ -e struck ]
}

complain() {
    echo "$1: exit $status: $(cat err)"
    return 1
}

# each TARGET FAULTS COMMAND...: each of the first three calls (all, with FAULT_MOST=1000) fails once with
# each fault; TARGET is the file that the command writes, or -.
each() {
    local target=$1 faults=$2 n fault_at files
    shift 2
    "$@" >expected
    rm -f whole
    [ "$target" = - ] || mv "$target" whole
    touch out err
    for what in $faults; do
        for ((n = 1; n <= ${FAULT_MOST:-3}; n++)); do
            fault_at=${what%:*}:$n:${what#*:}
            [ "$target" = - ] || echo old >"$target"
            files=$(ls)
            strike "$fault_at" "$@" || break
            rm struck
            if [ $status -eq 0 ]; then
                cmp -s out expected || complain "$fault_at: another result"
                [ "$target" = - ] || cmp -s "$target" whole || complain "$fault_at: another file"
            else
                [ $status -eq 5 ] && [ -s err ] || complain "$fault_at"
                case $what in
                *:EINTR | *:short) complain "$fault_at is no reason to give up" ;;
                fsync:* | close:*) ;; # of the folder: the file is complete then
                esac
                [ "$target" = - ] || [ "$(cat "$target")" = old ] || cmp -s "$target" whole ||
                    complain "$fault_at: the old file is gone"
            fi
            [ "$(ls)" = "$files" ] || complain "$fault_at: left $(ls)"
        done
        [ $n -gt 1 ] || complain "$what: no such call"
    done
}

reading="open:EACCES read:EIO read:EINTR"
writing="write:ENOSPC write:short"

@test "train: every call fails once" {
    each m.sikap "$reading $writing fsync:EIO rename:EACCES close:EIO" \
        "$sikap" train a.jsonl "${train[@]}" -o m.sikap
}

@test "predict: every call fails once" {
    each - "$reading read:short $writing write:EINTR pread:EIO pread:short opendir:EACCES thread:EAGAIN" \
        "$sikap" "${predict[@]}"
}

@test "eval: every call fails once" {
    each e.json "$writing fsync:EIO rename:EACCES" \
        "$sikap" eval model.sikap a.jsonl --bootstrap 10 --quiet --json e.json
    each - "open:EACCES read:EIO" \
        "$sikap" eval --predictions labels.jsonl --gold a.jsonl --field topic --bootstrap 0 --quiet
}

@test "crossval and vectorize: every call fails once" {
    each - "read:EIO write:ENOSPC" "$sikap" crossval a.jsonl "${train[@]}" --folds 3
    each v.svm "write:ENOSPC fsync:EIO rename:EACCES" \
        "$sikap" vectorize a.jsonl --field topic --ngrams 1 --threads 1 --quiet -o v.svm
}

@test "kill -9 at any call of train: the old model or the new one, never half of one" {
    "$sikap" train a.jsonl "${train[@]}" --cost 2 -o new.sikap
    for call in open read write fsync rename close; do
        for ((n = 1; n <= ${FAULT_MOST:-3}; n++)); do
            cp model.sikap m.sikap
            strike $call:$n:kill "$sikap" train a.jsonl "${train[@]}" --cost 2 -o m.sikap || break
            [ $status -eq 137 ]
            cmp -s m.sikap model.sikap || cmp -s m.sikap new.sikap || complain "$call:$n: half a model"
            for left in m.sikap.*; do # nothing takes what is left for a model of that name
                [[ ! -e $left || $left == m.sikap.tmp-* ]] || complain "$call:$n: left $left"
            done
            rm -f m.sikap.tmp-*
        done
        [ $n -gt 1 ]
    done
}

# Allocations of the libraries too. All of them with FAULT_STEP=1; here a few, spread over the run.
# Five in a row are simdjson's when it looks at the CPU: those would end the process (src/base/json.cc
# sees to it that there is room).
@test "allocations of program and libraries fail: exit 5 and a message" {
    strike malloc:1:ENOMEM "$sikap" predict -m model.sikap a.jsonl || skip "a sanitizer allocates itself"
    "$sikap" predict -m model.sikap a.jsonl texts --threads 1 >expected
    ended=0
    for ((n = 1; ; n += ${FAULT_STEP:-61})); do
        strike malloc:$n:ENOMEM "$sikap" predict -m model.sikap a.jsonl texts --threads 1 || break
        if [ $status -eq 134 ] && grep -q '^terminate called' err && [ $((ended += 1)) -le 5 ]; then
            continue
        fi
        [ $status -eq 5 ] && [ -s err ] || { [ $status -eq 0 ] && cmp -s out expected; } ||
            complain "predict, malloc:$n"
    done
    [ "$n" -gt 100 ]
    for ((n = 1; ; n += ${FAULT_STEP:-499})); do
        echo old >m.sikap
        strike malloc:$n:ENOMEM "$sikap" train a.jsonl "${train[@]}" -o m.sikap || break
        if [ $status -eq 134 ] && grep -q '^terminate called' err && [ $((ended += 1)) -le 10 ]; then
            continue
        fi
        if [ $status -eq 5 ]; then
            [ -s err ] && [ "$(cat m.sikap)" = old ] || complain "train, malloc:$n"
        else
            [ $status -eq 0 ] && cmp -s m.sikap model.sikap || complain "train, malloc:$n"
        fi
    done
    [ "$n" -gt 100 ]
}

@test "a full disk and a reader that leaves" {
    status=0
    "$sikap" predict -m model.sikap a.jsonl --quiet >/dev/full 2>err || status=$?
    [ $status -eq 5 ] && [ -s err ]
    for _ in $(seq 400); do cat a.jsonl; done >many.jsonl
    "$sikap" predict -m model.sikap many.jsonl --quiet 2>err | head -n 1 >first
    [ -s first ] && [ ! -s err ]
    rm many.jsonl
}

# interrupt SIGNAL COMMAND...: after a moment; within a second, on a machine that is not busy.
interrupt() {
    local pid begin took status=0
    cp model.sikap m.sikap
    env --default-signal=INT,HUP "${@:2}" >out 2>err &
    pid=$!
    sleep 0.3
    begin=$(date +%s%N)
    kill -"$1" $pid
    wait $pid || status=$?
    took=$((($(date +%s%N) - begin) / 1000000))
    [ $status -eq $((128 + $(kill -l "$1"))) ] || { echo "$*: exit $status after $took ms: $(cat err)" && return 1; }
    [ $took -lt 3000 ] || { echo "$*: $took ms" && return 1; }
    cmp m.sikap model.sikap
    rm -f m.sikap.tmp-*
}

@test "Ctrl-C ends every command that may run long, whatever it is at, and leaves the old model" {
    sed -E 's/"id": "[^"]*", //' a.jsonl >no-ids.jsonl # the same id twice would be passed over
    for _ in $(seq 400); do cat no-ids.jsonl; done >many.jsonl
    for signal in INT TERM HUP; do
        interrupt $signal "$sikap" train many.jsonl --field topic --quiet -o m.sikap
    done
    interrupt INT "$sikap" train many.jsonl --field topic --tune quick --quiet -o m.sikap
    interrupt INT "$sikap" crossval many.jsonl --field topic --quiet
    mkfifo endless
    yes "$(head -n 1 a.jsonl)" >endless &
    interrupt INT "$sikap" predict -m model.sikap --input jsonl --quiet endless
    wait $! || true
    sleep 30 >endless & # nothing to read, and no end
    local writer=$!
    interrupt INT "$sikap" predict -m model.sikap --input jsonl --quiet endless
    kill $writer
    rm many.jsonl endless
}
