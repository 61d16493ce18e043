# build_windows_release.ps1 -Version X.Y.Z [parameters of build_msi.ps1]: the job of CI for Windows, on Windows.
$ErrorActionPreference = 'Stop'
& (Join-Path $PSScriptRoot '../installer/windows/build_msi.ps1') @args
exit $LASTEXITCODE
