#!/bin/bash
# A suite that takes longer than a job may: two minutes before its time is over, the job ends its tests and requeues
# itself, as often as necessary.
#
#   sbatch long.sh ./bvt [FLAGS]
#
#SBATCH --job-name=autotest
#SBATCH --time=01:00:00
#SBATCH --signal=B:USR1@120
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=autotest-%j.out

suite=$1
shift
"$suite" --results "results/$SLURM_JOB_ID" "$@" &
pid=$!

# The time is over soon.
trap 'requeue=yes; kill -TERM "$pid"' USR1
# Somebody cancels the job: it ends, and stays ended.
trap 'cancelled=yes; kill -TERM "$pid"' TERM

wait "$pid"
code=$?
# A signal ends `wait`, too.
if [ -n "$requeue$cancelled" ]; then
    wait "$pid"
    code=$?
fi
if [ "$code" = 143 ] && [ -n "$requeue" ] && [ -z "$cancelled" ]; then
    exec scontrol requeue "$SLURM_JOB_ID"
fi
exit "$code"
