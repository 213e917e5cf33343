#!/bin/sh
# What comes next of the paper's scale, on a bare machine with a GPU, in one lease: unpacks a bundle,
# trains for some minutes and leaves finished records in RESULTS. Nothing has to be installed there
# but a PJRT plugin (docs/accelerators.md).
#
#     sh tools/gpu/next.sh BUNDLE.tar.xz RESULTS [MINUTES]
#
# 9 minutes by default. Packs that RESULTS has from before count as records; so do those that came
# along in the bundle. Options of `factlab next` follow the minutes.
set -eu

bundle=${1:?a bundle: deno task bundle}
results=${2:?a folder for the results}
minutes=${3:-9}
shift 2
[ $# -eq 0 ] || shift

mkdir -p "$results"
results=$(cd "$results" && pwd -P)
work=$(mktemp -d)
[ -z "${FACTLAB_PJRT:-}" ] || FACTLAB_PJRT=$(realpath "$FACTLAB_PJRT") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
tar xf "$bundle" -C "$work"
# The end of a pipe is that of tee, which always goes well.
# Nor may a Ctrl-C end what packs the records: it reaches the program, which ends in order.
{
  trap : INT TERM
  status=0
  FACTLAB_OUT="$work/out" "$work/factlab/factlab" next "$minutes" "$results" --device gpu "$@" ||
    status=$?
  echo "$status" >"$work/status"
} 2>&1 | tee -i "$results/next.txt"
exit "$(cat "$work/status" 2>/dev/null || echo 143)"
