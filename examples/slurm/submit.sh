#!/bin/bash
# Runs `diffusion sample` or `diffusion evaluate` as a Slurm array of shards; a job that waits for all of them merges them:
#
#   examples/slurm/submit.sh 8 evaluate --run runs/paper -n 50000
#
# DIFFUSION: the program (default: npx diffusion), a file or words of bash: "node '/my programs/main.js'". SHARDS_FOLDER: a folder that all nodes can write, one for each set of images
# (default: output/shards). CPUS: threads of each shard (default: 1). MERGE: options of diffusion merge,
# as words of bash.
# The same line again computes only the shards that are missing.
set -euo pipefail
if [ $# -lt 2 ] || ! [[ $1 =~ ^[1-9][0-9]*$ ]]; then
  echo "usage: $0 SHARDS sample|evaluate [OPTIONS]" >&2
  exit 2
fi
export SHARDS=$1
command=$2
shift 2
case $command in
  sample) into=--out ;;
  evaluate) into=--statistics ;;
  *)
    echo "$0: shards are of sample or evaluate, not of $command" >&2
    exit 2
    ;;
esac
here=$(cd "$(dirname "$0")" && pwd)
folder=${SHARDS_FOLDER:-output/shards}
export DIFFUSION=${DIFFUSION:-npx diffusion}
array=$(sbatch --parsable --array="1-$SHARDS" --cpus-per-task="${CPUS:-1}" "$here/shard.sbatch" "$command" "$@" "$into" "$folder")
eval "merge_options=(${MERGE:-})"
# Without the last option the merge would wait for ever for a shard that has failed.
merge=$(sbatch --parsable --dependency="afterok:$array" --kill-on-invalid-dep=yes "$here/merge.sbatch" "$folder" ${merge_options[@]+"${merge_options[@]}"})
echo "shards: job $array, merge: job $merge"
