#!/bin/sh
# Writes a runtest file for kirk with every test of a suite:
#
#   each.sh /opt/bvt/bvt > "$LTPROOT/runtest/bvt" && kirk --run-suite bvt
#
# `one.sh` must be in $LTPROOT/testcases/bin.
set -eu
suite=$1
"$suite" --list --format terse | sed -n 's/: test$//p' | while IFS= read -r test; do
    printf '%s one.sh %s %s\n' "$(printf '%s' "$test" | sed 's/::/./g')" "$suite" "$test"
done
