#!/usr/bin/env bash
# release_metrics_gate.sh [ENVIRONMENT] [MINUTES] [flags of scripts/metrics-gate.ts]; the defaults are local and 5
set -euo pipefail
environment=local
minutes=5
if [[ $# -gt 0 && $1 != -* ]]; then
  environment=$1
  shift
fi
if [[ $# -gt 0 && $1 != -* ]]; then
  minutes=$1
  shift
fi
exec "$(dirname "${BASH_SOURCE[0]}")/lib/with-node.sh" scripts/metrics-gate.ts --environment "$environment" --for "${minutes}m" "$@"
