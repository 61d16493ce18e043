#!/usr/bin/env bash
# build_windows_release.sh --version X.Y.Z [flags of build_msi.sh]: the job of CI for Windows, on Linux or macOS
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/../installer/windows/build_msi.sh" "$@"
