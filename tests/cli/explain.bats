#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Why a text has its labels: on a terminal and as a page.

bats_require_minimum_version 1.5.0

setup_file() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export root data=$root/datasets/ir-demo sample=$root/datasets/ir-demo/sample-id.txt
    export sikap=${SIKAP:?the program under test} page=$root/tests/cli/page.py
    export model=$BATS_FILE_TMPDIR/demo.sikap passages=$BATS_FILE_TMPDIR/passages.sikap
    "$sikap" train "$data/train.jsonl" --field topic --field stance --quiet -o "$model"
    "$sikap" train "$data/train.jsonl" --field topic --field kind:single --passages --chars 3-4 \
        --quiet -o "$passages"
    export long=$BATS_FILE_TMPDIR/long.txt
    head -n 12 "$data/test.jsonl" | jq -r .text >"$long"
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

@test "contributions add up to the score, in the terminal's text and on the page" {
    "$sikap" explain -m "$model" "$sample" --html e.html >e.txt
    python3 "$page" safe e.html
    python3 "$page" sums e.html
    python3 "$page" marked e.html
    python3 - e.txt <<'PYTHON'
import re, sys
labels = re.split(r"\n(?=  \S)", open(sys.argv[1]).read())[1:]
assert len(labels) > 5
for label in labels:
    score = float(re.search(r"^  \S+  ([-+]\d\.\d+)  (?:not )?given", label, re.M).group(1))
    lines = re.sub(r"\n {13,}", " ", label).split("\n")
    parts = [float(v) for l in lines if re.match("    (for|against|and) ", l)
             for v in re.findall(r"[-+]\d+\.\d+", l)]
    assert abs(sum(parts) - score) < 0.0005 * (len(parts) + 1), (label, sum(parts))
PYTHON
}

@test "labels are those that predict gives, also where passages carry them" {
    for m in "$model" "$passages"; do
        "$sikap" predict -m "$m" --input text "$long" | jq -r '[.topic, .stance, .kind] | flatten[] | values' |
            sort >predicted
        "$sikap" explain -m "$m" "$long" --near 0 | awk '/^  [^ ]/ && $3 == "given" { print $1 }' |
            sort >explained
        [ -s predicted ] && diff predicted explained
    done
    "$sikap" explain -m "$passages" "$long" --html e.html >e.txt
    grep -q 'read in  the passage that begins' e.txt
    python3 "$page" sums e.html
}

@test "lines end before column 80, and the terminal's width is used" {
    "$sikap" explain -m "$passages" "$long" --top 30 --passages 5 >e.txt
    run ! grep -nE '^.{81,}$' e.txt
    grep -qE '^.{74,}$' e.txt
}

@test "colour on a terminal only, and not with NO_COLOR" {
    command -v script >/dev/null || skip "the program script is missing"
    escape=$'\033'
    at_terminal() { TERM=xterm script -qec "'$sikap' explain -m '$model' '$sample' $1" /dev/null </dev/null; }
    at_terminal "" >tty
    grep -q "$escape\[1;32m" tty
    export NO_COLOR=1
    at_terminal "" >tty
    run ! grep -q "$escape" tty
    at_terminal "--color always" >tty
    grep -q "$escape\[1;32m" tty
    unset NO_COLOR
    "$sikap" explain -m "$model" "$sample" >pipe
    run ! grep -q "$escape" pipe
}

@test "what a hostile text holds neither moves the cursor nor becomes markup" {
    printf '<script>alert(1)</script> Sanksi \033[2J sepihak \xe2\x80\xae dewan\xff keamanan & "PBB" \r\a' >bad.txt
    cp bad.txt '<b>&.txt'
    "$sikap" explain -m "$model" '<b>&.txt' --html e.html --label sanctions-criticism >e.txt
    run ! grep -qP '\033|\a|\r|\xe2\x80\xae' e.txt
    python3 "$page" safe e.html
    python3 "$page" sums e.html
    : >empty.txt
    "$sikap" explain -m "$model" empty.txt --html e.html >e.txt
    python3 "$page" safe e.html
}

@test "--html - takes the place of the text; a label that does not exist is a usage error" {
    "$sikap" explain -m "$model" --html - <"$sample" >e.html
    python3 "$page" safe e.html
    run --separate-stderr -2 "$sikap" explain -m "$model" "$sample" --label nonsense
    [[ $stderr == *"no label 'nonsense'"* ]]
}
