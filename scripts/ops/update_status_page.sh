#!/usr/bin/env bash
# update_status_page.sh --status STATUS [--component ID] [--message TEXT] [--incident-id ID] [--action ACTION] [flags of scripts/status-page.ts]
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/../lib/with-node.sh" scripts/status-page.ts "$@"
