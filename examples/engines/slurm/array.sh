#!/bin/bash
# A suite in three parts, which may run on three nodes:
#
#   sbatch array.sh ./bvt [FLAGS]
#
#SBATCH --job-name=autotest
#SBATCH --array=0-2
#SBATCH --time=01:00:00
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=autotest-%A_%a.out

suite=$1
shift
# `exec`, since Slurm sends SIGTERM to the process of this script alone.
exec "$suite" --results "results/$SLURM_ARRAY_JOB_ID/$SLURM_ARRAY_TASK_ID" "$@"
