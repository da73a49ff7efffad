#!/bin/sh
# Runs one test for kirk: `one.sh SUITE TEST`. The exit codes are LTP's, which has one for a test that does not apply
# to the target.
suite=$1
test=$2
base=${LTP_AUTOTEST_RESULTS:-/tmp/autotest-results}
printed=$(AUTOTEST_RESULTS=$base "$suite" --exact "$test" --format tap)
code=$?
printf '%s\n' "$printed"
case $code,$printed in
0,*"
ok 1 "*" # SKIP"*) exit 32 ;;
0,*) exit 0 ;;
101,*) exit 1 ;;
# The test could not run: wrong usage, or results that cannot be written.
*) exit 2 ;;
esac
