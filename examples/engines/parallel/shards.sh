#!/bin/sh
# A suite in several processes of GNU parallel at once:
#
#   shards.sh COUNT RESULTS ./bvt [FLAGS]
#
# The exit code is parallel's: the number of parts that failed. RESULTS/joblog has the exit code of each part.
set -eu
count=$1
results=$2
shift 2
mkdir -p "$results"
# SIGTERM ends a part with the cleanups of its tests; it gets ten seconds for them.
seq "$count" | AUTOTEST_SHARDS=$count parallel --will-cite --quote --jobs "$count" --joblog "$results/joblog" \
    --termseq TERM,10000,KILL,25 "$@" --results "$results/{}"
