#!/usr/bin/env bash
# release_frontend_check.sh [ENVIRONMENT] [flags of scripts/frontend-check.ts]; the default is local
set -euo pipefail
environment=local
if [[ $# -gt 0 && $1 != -* ]]; then
  environment=$1
  shift
fi
exec "$(dirname "${BASH_SOURCE[0]}")/lib/with-node.sh" scripts/frontend-check.ts --environment "$environment" "$@"
