#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# sikap dedupe from the outside.

bats_require_minimum_version 1.5.0

setup_file() {
    root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export data=$root/datasets/ir-demo sikap=${SIKAP:?the program under test}
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    cat >a.jsonl <<'END'
{"id":"a1","text":"The council met on Monday to discuss the sanctions again","topic":["sanctions"]}
{"id":"a2","text":"A quite different text about trade and fish","topic":["trade"]}
{"id":"a3","text":"THE COUNCIL met, on Monday, to discuss the sanctions again!","topic":["security"]}
{"id":"a4","text":"!!!","topic":[]}
END
    cat >b.jsonl <<'END'
{"id":"a1","text":"The council met on Monday to discuss the sanctions again today","topic":["sanctions"]}
{"id":"b2","text":"Nothing like it anywhere else","topic":["trade"]}
{"id":"b3","text":"!!!","topic":[]}
END
}

@test "clusters, with files, lines and exact similarities" {
    "$sikap" dedupe a.jsonl b.jsonl >out 2>err
    [ "$(wc -l <out)" -eq 1 ]
    # Nine pairs; the longer one has ten, nine of them the same.
    [ "$(jq -c '[.size, (.documents[] | [.id, .file, .line, .similarity])]' out)" = \
        '[3,["a1","a.jsonl",1,1],["a3","a.jsonl",3,1],["a1","b.jsonl",1,0.9]]' ]
    grep -q '2 of 7 documents are duplicates (28.6 %), in 1 clusters' err
    grep -q 'a.jsonl *4 *1 *0$' err
    grep -q 'b.jsonl *3 *1 *1$' err
    grep -q '2 documents without a word' err
}

@test "--similarity moves the bound" {
    "$sikap" dedupe a.jsonl b.jsonl --similarity 0.91 --quiet >out 2>err
    [ "$(jq -c '[.documents[].id]' out)" = '["a1","a3"]' ]
    [ ! -s err ]
    run -2 "$sikap" dedupe a.jsonl --similarity 1.5
    [[ $output == *--similarity* ]]
}

@test "with --field, clusters that disagree are told apart" {
    "$sikap" dedupe a.jsonl b.jsonl --field topic >out 2>err
    [ "$(jq -c .conflicts out)" = '["topic"]' ]
    [ "$(jq -c '.documents[1].topic' out)" = '["security"]' ]
    grep -q '1 clusters disagree about topic' err
    grep -v a3 a.jsonl >agree.jsonl
    "$sikap" dedupe agree.jsonl b.jsonl --field topic --quiet | jq -e 'has("conflicts") | not'
}

@test "--keep writes the records that stay, byte for byte" {
    "$sikap" dedupe a.jsonl b.jsonl --keep kept.jsonl --quiet >out
    [ "$(jq -r .size out)" = 3 ]
    { sed 3d a.jsonl; sed 1d b.jsonl; } | cmp - kept.jsonl
    "$sikap" dedupe a.jsonl b.jsonl --keep - --quiet | cmp - kept.jsonl
    "$sikap" dedupe kept.jsonl --quiet >out
    [ ! -s out ]
}

@test "--keep leaves records that cannot be read, and what has no final newline" {
    printf '{"id":"x","text":"one two three"}\n{broken\n{"id":"y","text":"One two, three"}\n{"id":"z","text":"four"}' >in.jsonl
    "$sikap" dedupe in.jsonl --keep - 2>err >kept.jsonl
    printf '{"id":"x","text":"one two three"}\n{broken\n{"id":"z","text":"four"}\n' | cmp - kept.jsonl
    grep -q 'in.jsonl:2' err
}

@test "--keep of CSV has the header once; what cannot be one file is refused" {
    printf 'id,text,"a ""b"""\r\n1,"one two, three",x\r\n2,ONE TWO THREE,y\r\n' >a.csv
    printf 'id,text,"a ""b"""\r\n3,one two three,z\r\n4,five six,w\r\n' >b.csv
    "$sikap" dedupe a.csv b.csv --keep - --quiet >kept.csv
    printf '"id","text","a ""b"""\n1,"one two, three",x\r\n4,five six,w\r\n' | cmp - kept.csv
    run -2 "$sikap" dedupe a.csv a.jsonl --keep kept
    run -2 "$sikap" dedupe - --keep kept <a.jsonl
    [[ $output == *"standard input"* ]]
    mkdir folder && echo one two three >folder/a.txt && echo one two three >folder/b.txt
    run -2 "$sikap" dedupe folder --keep kept
    [ ! -e kept ]
    [ "$("$sikap" dedupe folder --quiet | jq -c '[.documents[].id | sub(".*/"; "")]')" = '["a.txt","b.txt"]' ]
}

@test "a pipe, an empty file, no file" {
    [ "$(gzip -c a.jsonl | "$sikap" dedupe - --quiet | jq .size)" -eq 2 ]
    : >empty.jsonl
    run -3 "$sikap" dedupe empty.jsonl
    run -5 "$sikap" dedupe nothing.jsonl
    run -2 "$sikap" dedupe
}

@test "the same for any number of threads" {
    "$sikap" dedupe "$data"/*.jsonl --similarity 0.3 --threads 1 --quiet >one
    "$sikap" dedupe "$data"/*.jsonl --similarity 0.3 --threads 3 --quiet >three
    cmp one three
}

@test "a text that is there twenty thousand times" {
    for i in $(seq 20000); do echo '{"id":"'"$i"'","text":"Breaking news from the wire, again and again"}'; done >many.jsonl
    timeout 60 "$sikap" dedupe many.jsonl --quiet >out
    [ "$(jq '[.size, ([.documents[].similarity] | add)] | add' out)" -eq 40000 ]
}

@test "dedupe explains itself in 80 columns" {
    "$sikap" dedupe --help >help
    grep -q -- '--similarity' help
    [ "$(awk '{ if (length($0) > w) w = length($0) } END { print w }' help)" -le 80 ]
}
