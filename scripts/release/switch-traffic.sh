#!/usr/bin/env bash
# switch-traffic.sh COLOR [STRATEGY] [flags of scripts/traffic.ts shift]: the default strategy is instant
set -euo pipefail
run=("$(dirname "${BASH_SOURCE[0]}")/../lib/with-node.sh" scripts/traffic.ts shift)
# Options alone, such as --help, are for the command itself.
[[ ${1:-} != -* ]] || exec "${run[@]}" "$@"
color=${1:?"Give the color that gets the traffic: blue or green."}
shift
strategy=instant
if [[ $# -gt 0 && $1 != -* ]]; then
  strategy=$1
  shift
fi
exec "${run[@]}" --color "$color" --strategy "$strategy" "$@"
