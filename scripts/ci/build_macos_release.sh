#!/usr/bin/env bash
# build_macos_release.sh --version X.Y.Z [flags of build_dmg.sh]: the job of CI for macOS
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/../installer/macos/build_dmg.sh" "$@"
