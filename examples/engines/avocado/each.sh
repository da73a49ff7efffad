#!/bin/sh
# Tells Avocado of every test of a suite, so that each is one of Avocado's:
#
#   each.sh ./bvt > bvt.json && avocado run --max-parallel-tasks 1 bvt.json
#
set -eu
suite=$1
separator='['
"$suite" --list --format terse | sed -n 's/: test$//p' | while IFS= read -r test; do
    printf '%s\n{"kind": "tap", "uri": "%s", "identifier": "%s", "args": ["--exact", "%s", "--format", "tap"]}' \
        "$separator" "$suite" "$test" "$test"
    separator=,
done
echo ']'
