#!/bin/bash
# Starts the shards, waits until all are finished, and starts the merge; ends with an error as soon as the job of the shards has failed.
# The same line again goes on waiting.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
job=job/diffusion-shards
kubectl apply -f "$here/shards.yaml"
# kubectl wait takes one condition: it would wait for a job that has failed until its time is over.
while true; do
  conditions=$(kubectl get "$job" -o 'jsonpath={.status.conditions[?(@.status=="True")].type}')
  case " $conditions " in
    *' Complete '*) break ;;
    *' Failed '*)
      echo "$job has failed: see kubectl describe $job and kubectl logs $job. After kubectl delete $job, this script computes what is missing." >&2
      exit 1
      ;;
  esac
  sleep "${SECONDS_BETWEEN:-10}"
done
kubectl apply -f "$here/merge.yaml"
