#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Nasty inputs through the program, nothing lost: for every document in, a line out or the end with a
# message that names file and line. Two tables: kinds of broken UTF-8 times formats, and bad-input.table
# with a row for each other input, its cells parted by TAB:
# COMMAND NAME FILE OPTIONS BYTES EXIT LINES ERRORS MESSAGE, '-' for none and, of a count, for any.
# BYTES is a printf format or, behind !, a command that writes the file; LINES are those of the output,
# ERRORS those of them with an error; MESSAGE is an extended regular expression for standard error.
# COMMAND is predict, train, eval, or model: predict with FILE for the model.

bats_require_minimum_version 1.5.0

setup_file() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export root sikap=${SIKAP:?the program under test}
    cd "$BATS_FILE_TMPDIR" || return 1
    head -n 24 "$root/datasets/ir-demo/train.jsonl" >train.jsonl
    "$sikap" train train.jsonl --field topic --ngrams 1 --threshold 0 --calibrate no --quiet -o m.sikap
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
    failed=0
}

# check NAME EXIT LINES ERRORS MESSAGE COMMAND...
check() {
    local name=$1 expected=$2 lines=$3 errors=$4 message=$5 status=0 n_lines=0 n_errors=0 line
    timeout 20 "${@:6}" >out 2>err </dev/null || status=$?
    while read -r line; do
        n_lines=$((n_lines + 1))
        [[ $line != *'"error":'* ]] || n_errors=$((n_errors + 1))
    done <out
    [ "$lines" != - ] || lines=$n_lines
    [ "$errors" != - ] || errors=$n_errors
    if [ $status -ne "$expected" ] || [ $n_lines -ne "$lines" ] || [ $n_errors -ne "$errors" ] ||
        { [ "$message" != - ] && ! grep -qE -- "$message" err; }; then
        echo "$name: exit $status, $n_lines lines, $n_errors errors; expected $expected, $lines, $errors, $message"
        head -c 300 err
        failed=1
    fi
    [[ " $* " != *" predict "* || ! -s out ]] || jq -e . out >/dev/null || {
        echo "$name: no JSON"
        failed=1
    }
}

@test "broken UTF-8 of every kind, in every format, is repaired and counted; fatal with --strict" {
    kinds='\x80 \xbf\xbf \xc0\xaf \xc1\xbf \xc3 \xe2\x82 \xe0\x80\xaf \xed\xa0\x80 \xf0\x9f\x98 \xf0\x80\x80\xaf \xf4\x90\x80\x80 \xf8\x88\x80\x80\x80 \xfe \xff'
    printf '{"text":"a"}\n' >u.jsonl
    printf 'text\na\n' >u.csv
    printf 'id\ttext\n1\ta\n' >u.tsv
    printf 'a\n' >u.lines
    printf '__label__l a\n' >u.ft
    mkdir u
    n=0
    for kind in $kinds; do
        printf '{"text":"x'$kind'y"}\n' >>u.jsonl
        printf 'x'$kind'y\n' >>u.csv
        printf '2\tx'$kind'y\n' >>u.tsv
        printf 'x'$kind'y\n' >>u.lines
        printf '__label__l x'$kind'y\n' >>u.ft
        printf 'x'$kind'y' >u/$((n += 1)).txt
    done
    [ $n -eq 14 ]
    for file in u.jsonl u.csv u.tsv u.lines u.ft u; do
        options=
        [ $file != u.lines ] || options='--input lines'
        lines=15
        [ -f $file ] || lines=14
        check $file 0 $lines 0 'broken UTF-8: 14' "$sikap" predict -m m.sikap --threads 1 $options $file
        first=$file:2:
        case $file in
        u.csv | u.tsv) first=$file:3: ;;
        u) first=u/1.txt: ;;
        esac
        check "$file, strict" 3 $((lines - 14)) 0 "$first 1 broken" "$sikap" predict -m m.sikap --threads 1 --strict $options $file
    done
    [ $failed -eq 0 ]
}

# run_row COMMAND NAME FILE OPTIONS BYTES EXIT LINES ERRORS MESSAGE
run_row() {
    local file=$3 options=$4 bytes=$5
    [ "$options" != - ] || options=
    [[ $file == /* ]] || rm -rf -- "$file"
    if [[ $bytes == !* ]]; then
        (eval "${bytes#!}")
    else
        # shellcheck disable=SC2059
        printf -- "$bytes" >"$file"
    fi
    local predict=("$sikap" predict -m m.sikap --threads 1)
    local train=("$sikap" train --ngrams 1 --threshold 0 --calibrate no --threads 1 -o out.sikap)
    [[ $options == *--field* ]] || train+=(--field topic)
    # shellcheck disable=SC2086
    case $1 in
    predict) check "$2" "${@:6:4}" "${predict[@]}" $options "$file" ;;
    train) check "$2" "${@:6:4}" "${train[@]}" $options "$file" ;;
    eval) check "$2" "${@:6:4}" "$sikap" eval m.sikap --bootstrap 0 --threads 1 $options "$file" ;;
    model) check "$2" "${@:6:4}" "$sikap" predict -m "$file" train.jsonl ;;
    *) echo "$2: $1 is no command" && failed=1 ;;
    esac
}

@test "the table of bad inputs" {
    n=0
    while IFS=$'\t' read -r -a row; do
        [[ ${row[0]} != \#* ]] || continue
        [ ${#row[@]} -eq 9 ] || { echo "${row[1]}: ${#row[@]} cells" && failed=1; }
        run_row "${row[@]}"
        n=$((n + 1))
    done <"$BATS_TEST_DIRNAME/bad-input.table"
    echo "$n rows"
    [ $failed -eq 0 ] && [ $n -ge 150 ]
}

@test "a file without permission is refused" {
    [ "$(id -u)" -ne 0 ] || skip "root may read everything"
    echo '{"text":"x"}' >closed.jsonl
    chmod 0 closed.jsonl
    check closed 5 0 0 'closed\.jsonl: cannot open: Permission' "$sikap" predict -m m.sikap closed.jsonl
    [ $failed -eq 0 ]
}

@test "a file that grows while it is read gives a line for each document read" {
    yes '{"text":"x"}' | head -n 2000 >grows.jsonl
    (for _ in 1 2 3 4 5 6 7 8 9; do yes '{"text":"y"}' | head -n 200 >>grows.jsonl; done) &
    "$sikap" predict -m m.sikap grows.jsonl >out 2>err
    wait $!
    n=$(wc -l <out)
    [ "$n" -ge 2000 ] && [ "$n" -le 3800 ]
    jq -e 'has("topic") or has("error")' out >/dev/null
}

@test "what strangers write does not command a terminal: no control characters, no turned direction" {
    hostile='\\u001b[31m\\u009b31m\\u202e\\u2066\\u2028x'
    printf '{"id":"'$hostile'","text":"a","topic":["'$hostile'"]}\n{"id":"'$hostile'","text":5}\n' >hostile.jsonl
    "$sikap" predict -m m.sikap --format text hostile.jsonl >out 2>err
    "$sikap" eval m.sikap hostile.jsonl --bootstrap 0 >>out 2>>err
    run -2 "$sikap" predict -m m.sikap --format $'\033[31m\xc2\x9b31m\xe2\x80\xae\xff' hostile.jsonl
    echo "$output" >>err
    [ -s out ] && grep -q "is not one of jsonl" err && grep -q "is not known to the model" err
    run ! env LC_ALL=C grep -P '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xa9]' out err
}
