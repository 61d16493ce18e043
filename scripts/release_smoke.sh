#!/usr/bin/env bash
# release_smoke.sh [ENVIRONMENT] [flags of scripts/smoke.ts]; environments are in content/environments.yaml, the default is local
set -euo pipefail
environment=local
if [[ $# -gt 0 && $1 != -* ]]; then
  environment=$1
  shift
fi
exec "$(dirname "${BASH_SOURCE[0]}")/lib/with-node.sh" scripts/smoke.ts --environment "$environment" "$@"
