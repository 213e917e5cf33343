#!/bin/sh
# What only a machine with a GPU can tell, in one go: the bench against PyTorch, one run at laptop
# scale, the three phases at the paper's scale. Nothing has to be installed there but a PJRT plugin
# (docs/accelerators.md) and, for the comparison, PyTorch in the active Python.
#
#     sh tools/gpu/measure.sh BUNDLE.tar.xz RESULTS [MINUTES]
#
# Every step has what is left of the minutes (9 by default). RESULTS gets what came out: the bench's
# numbers, records with their logs, what was printed; handed over again, its finished steps and records
# count, and what was cut off begins anew.
set -u

bundle=${1:?a bundle: deno task bundle}
results=${2:?a folder for the results}
end=$(($(date +%s) + 60 * ${3:-9}))

mkdir -p "$results"
results=$(cd "$results" && pwd -P)
work=$(mktemp -d)
[ -z "${FACTLAB_PJRT:-}" ] || FACTLAB_PJRT=$(realpath "$FACTLAB_PJRT") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
tar xf "$bundle" -C "$work" || exit 1
cd "$work/factlab" || exit 1
export FACTLAB_OUT="$work/out" FACTLAB_DEVICE=gpu
[ ! -d "$results/runs" ] || { mkdir -p "$work/out" && cp -r "$results/runs" "$work/out/"; }

# Files that are worth bringing home, after every step: a lease may end at any moment.
keep() {
  [ ! -f bench/results/gpu.json ] || cp bench/results/gpu.json "$results/"
  [ -d "$work/out/runs" ] || return 0
  (cd "$work/out" && find runs -name '*.jsonl') | while read -r file; do
    mkdir -p "$results/${file%/*}" && cp "$work/out/$file" "$results/$file.new" &&
      mv "$results/$file.new" "$results/$file"
  done
}

trap 'keep; rm -rf "$work"' EXIT

step() {
  name=$1
  shift
  [ ! -e "$results/$name.done" ] || { echo "$name: done before"; return 0; }
  left=$((end - $(date +%s)))
  [ "$left" -gt 10 ] || { echo "$name: no time left"; return 1; }
  echo "== $name ($left s left)"
  # The end of a pipe is that of tee, which always goes well.
  {
    # Timeout has a process group of its own, which no Ctrl-C reaches.
    timeout -s INT -k 30 "$left" "$@" &
    pid=$!
    trap 'kill -INT "$pid"' INT TERM
    status=0
    wait "$pid" || status=$?
    while kill -0 "$pid" 2>/dev/null; do
      status=0
      wait "$pid" || status=$?
    done
    [ "$status" -eq 0 ] && : >"$results/$name.done"
    [ "$status" -eq 0 ] || echo "$name: ended with $status" >>"$work/failed"
  } 2>&1 | tee -i "$results/$name.txt"
  keep
}

(nvidia-smi || true) >"$results/machine.txt" 2>&1
step bench ./factlab run bench/bench.ts --device gpu
step laptop ./factlab study three-phases --scale laptop --seeds 1 --fresh --budget 60 --device gpu
step paper ./factlab study three-phases --scale paper --seeds 1 --budget 600 --device gpu
ls -la "$results"
[ ! -s "$work/failed" ] || { cat "$work/failed"; exit 1; }
