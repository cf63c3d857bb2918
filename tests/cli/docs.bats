#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Every command that the documents and `sikap help` print is run. A new example may need a file in
# setup_file.

bats_require_minimum_version 1.5.0

setup_file() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export root data=$root/datasets/ir-demo sikap=${SIKAP:?the program under test}
    export files=$BATS_FILE_TMPDIR/files bin=$BATS_FILE_TMPDIR/bin
    mkdir "$files" "$bin"
    ln -s "$sikap" "$bin/sikap"
    # The files that examples name: part of the demo corpus, with more keys than it has. Each name
    # means the same in every example.
    cd "$files" || return 1
    keys='.labels = .topic | .outlet = "outlet-\(input_line_number % 25)" |
          .date = "2024-0\(1 + input_line_number % 9)-15"'
    awk 'NR % 3 == 0' "$data/train.jsonl" | jq -c "$keys" >train.jsonl
    awk 'NR % 2 == 0' "$data/test.jsonl" | jq -c "$keys" >test.jsonl
    jq -c 'del(.topic, .stance, .labels)' test.jsonl >pool.jsonl
    cp "$data/sample-id.txt" article.txt
    "$sikap" train train.jsonl --field labels --field topic --field stance --quiet -o news.sikap
    for name in old new a b; do cp news.sikap $name.sikap; done
    for name in old new a b labels; do jq -c '{id, labels, topic, stance}' test.jsonl >$name.jsonl; done
    jq -c '{id, labels, topic, stance}' train.jsonl >out-of-fold.jsonl
    jq -rs '["id","text","topic","stance"], (.[] | [.id, .text, (.topic | join("|")), .stance[0] // "none"]) | @csv' \
        test.jsonl >labels.csv
}

# The example lines of a command's help.
examples() {
    "$sikap" help "$1" | awk '/^Examples:/ { on = 1; next } on && /^$/ { exit } on { sub(/^ +/, ""); print }'
}

# A file that an example reads and setup_file did not foresee is one of its kind.
provide() {
    local word
    for word in $1; do
        [ ! -e "work/$word" ] || continue
        case $word in
        */* | -* | *[\*\$\(\<\>]*) ;;
        *.sikap) cp work/news.sikap "work/$word" ;;
        *.jsonl) cp work/test.jsonl "work/$word" ;;
        *.jsonl.gz) gzip -c work/test.jsonl >"work/$word" ;;
        *.csv) cp work/labels.csv "work/$word" ;;
        *.txt) cp work/article.txt "work/$word" ;;
        esac
    done
}

run_example() {
    rm -rf work
    cp -r "$files" work
    provide "$1"
    (cd work && PATH=$bin:$PATH SIKAP_MODEL=$root/models/ir.sikap \
        bash -euo pipefail -c "$1" >../out 2>../err </dev/null) && return
    echo "failed: $1"
    tail -n 5 err
    return 1
}

@test "the examples of every command's help run" {
    cd "$BATS_TEST_TMPDIR" || return 1
    commands=$("$sikap" --help | awk '/^Commands:/ { on = 1; next } on && /^$/ { exit } on && /^  [a-z]/ { print $1 }')
    [ "$(wc -w <<<"$commands")" -ge 8 ]
    failed=0
    for command in $commands; do
        examples "$command" >list
        [ -s list ] || { echo "$command has no example"; failed=1; }
        while IFS= read -r line; do
            if [[ $line == *"| man "* ]] && ! command -v man >/dev/null; then continue; fi
            run_example "$line" || failed=1
        done <list
    done
    return $failed
}

@test "the commands in README.md run and print what is shown" {
    "$root/scripts/check-docs" "$root/README.md"
}

@test "the commands in docs run and print what is shown" {
    "$root/scripts/check-docs" "$root"/docs/*.md
}

@test "the steps of the workflow run" {
    "$root/scripts/check-docs" "$root"/docs/examples/*.yml
}

@test "the commands in all other documents run and print what is shown" {
    "$root/scripts/check-docs" "$root"/*.md "$root"/models/*.md "$root"/datasets/*.md \
        "$root"/datasets/*/*.md "$root"/src/*/README.md
}

@test "a document that is wrong is found" {
    cd "$BATS_TEST_TMPDIR" || return 1
    expect() { # LINES-OF-MARKDOWN EXIT TEXT [OPTION]
        printf '%b' "$1" >one.md
        run "-$2" "$root/scripts/check-docs" $4 one.md
        [[ $output == *"$3"* ]]
    }
    expect '```sh\ntrue\nfalse\ntrue\n```\n' 1 'exit 1'
    expect '```sh\nsikap nonsense\n```\n' 1 'unknown command'
    expect '```\n$ sikap predict\n```\n' 1 'without `sh`' --exact
    expect '```\nsikap predict\n```\n' 1 'without `sh`' --exact
    expect '```text\nsikap predict\n```\n' 0 '0 problems'
    expect '```console\n$ echo a b\na b\n```\n' 0 '1 commands'
    expect '```console\n$ echo a b\na c\n```\n' 1 'the output of'
    expect '```console\n$ echo a 1.5\na 1.4\n```\n' 0 'figures have moved'
    expect '```console\n$ echo a b\na…\n```\n' 0 '0 problems'
    expect '```console\n$ printf "a\\\\nb\\\\nc\\\\n"\na\n…\n```\n' 0 '0 problems'
    expect '```console\n$ echo a\n\n$ false; echo $?\n1\n```\n' 0 '2 commands'
    expect '```console\n$ false\n```\n' 1 'exit 1'
    expect '<!-- sh: echo x >y -->\n```console\n$ cat y\nx\n```\n' 0 '2 commands'
    printf '```console\n$ echo a 1.5\na 1.4\n\n$ echo b; echo c\nb\nd\n```\n' >one.md
    "$root/scripts/check-docs" --update one.md
    "$root/scripts/check-docs" --exact one.md
    run -1 "$root/scripts/check-docs" --exact <(printf '```console\n$ echo a 1.5\na 1.4\n```\n')
    diff one.md <(printf '```console\n$ echo a 1.5\na 1.5\n\n$ echo b; echo c\nb\nc\n```\n')
}
