#!/usr/bin/env bash
# rollback.sh VERSION [flags of runbook exec]: runs the runbook rollback back to a version; REASON says why
set -euo pipefail
run=("$(dirname "${BASH_SOURCE[0]}")/../lib/with-node.sh" runner/main.mjs exec rollback)
# Options alone, such as --help, are for the command itself.
[[ ${1:-} != -* ]] || exec "${run[@]}" "$@"
version=${1:?"Give the version to go back to, such as v1.3.0."}
shift
exec "${run[@]}" -i way=full -i "version=${version#v}" -i "reason=${REASON:-rollback.sh $version}" "$@"
