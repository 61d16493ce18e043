#!/usr/bin/env bash
# deploy-blue-green.sh VERSION [STRATEGY] [flags of runbook exec]: runs the runbook blue-green; the default strategy is canary-10
set -euo pipefail
run=("$(dirname "${BASH_SOURCE[0]}")/../lib/with-node.sh" runner/main.mjs exec blue-green)
# Options alone, such as --help, are for the command itself.
[[ ${1:-} != -* ]] || exec "${run[@]}" "$@"
version=${1:?"Give the version, such as 1.4.0."}
shift
strategy=canary-10
if [[ $# -gt 0 && $1 != -* ]]; then
  strategy=$1
  shift
fi
exec "${run[@]}" -i "version=${version#v}" -i "strategy=$strategy" "$@"
