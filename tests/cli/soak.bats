#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A few runs of scripts/soak, so that what runs for hours elsewhere is known to work here.

bats_require_minimum_version 1.5.0

setup() {
    soak=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)/scripts/soak
    export SIKAP=${SIKAP:?the program under test}
    command -v python3 >/dev/null || skip "python3 is missing"
}

@test "random options on hostile texts: exit codes as they must be, one thread and two alike" {
    run -0 python3 "$soak" 60
    [[ $output == *" runs in "*" seed 1: exit codes as expected, one thread and two equal"* ]]
    [[ $output == *"train exit 0:"* && $output == *"predict exit 4:"* ]]
}

@test "documents in, lines out" {
    run -0 python3 "$soak" --documents 20k
    [[ $output == *"20000 documents in, 20000 lines out"* ]]
}

@test "kill -9 leaves the old model or the new one" {
    run -0 python3 "$soak" --kill 6
    [[ $output == *"6 kills in "*"anything else never"* ]]
}
