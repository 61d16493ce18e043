# build_msi.ps1 -Version X.Y.Z [-SkipSigning]: the MSI by WiX 3.11, and the setup program by NSIS, on Windows 10 or later.
# On Linux and macOS, build_msi.sh makes the same two. Needs Node 24, candle and light, makensis, and signtool of the Windows SDK.
[CmdletBinding()]
param(
  [Parameter(Mandatory = $true)][string]$Version,
  [switch]$SkipSigning,
  [string]$Repository = '.',
  [string]$Out = 'build',
  [string[]]$Timestamp = @(
    'http://timestamp.digicert.com',
    'http://timestamp.sectigo.com',
    'http://timestamp.globalsign.com/tsa/r6advanced1'
  )
)
$ErrorActionPreference = 'Stop'
Set-StrictMode -Version Latest

$installer = Join-Path $PSScriptRoot '../../installer.ts'
$tools = @('node', 'candle', 'light', 'makensis')
if (-not $SkipSigning) { $tools += 'signtool' }
$missing = @($tools | Where-Object { -not (Get-Command $_ -ErrorAction SilentlyContinue) })
if (-not $SkipSigning) {
  $missing += @('WINDOWS_PFX_PATH', 'WINDOWS_PFX_PASSWORD' | Where-Object { -not [Environment]::GetEnvironmentVariable($_) })
}
if ($missing.Count -gt 0) { throw "Missing, and nothing was made: $($missing -join ', '). Install the programs and set the variables." }

function Invoke-Tool([string]$Name, [string[]]$Arguments) {
  & $Name @Arguments
  if ($LASTEXITCODE -ne 0) { throw "$Name ended with $LASTEXITCODE." }
}

$stage = Join-Path ([IO.Path]::GetTempPath()) "installer-$([Guid]::NewGuid())"
$certificate = $null
try {
  Invoke-Tool 'node' @($installer, 'source', '--version', $Version, '--repository', $Repository, '--out', $stage)
  $names = Get-Content (Join-Path $stage 'names.json') -Raw | ConvertFrom-Json
  Push-Location $stage
  try {
    Invoke-Tool 'candle' @('-nologo', 'product.wxs')
    Invoke-Tool 'light' @('-nologo', '-out', $names.msi, 'product.wixobj')
    Invoke-Tool 'makensis' @('/V1', 'setup.nsi')
  } finally { Pop-Location }

  if (-not $SkipSigning) {
    # By its thumbprint, because every user may read the arguments of a process.
    $password = ConvertTo-SecureString $env:WINDOWS_PFX_PASSWORD -AsPlainText -Force
    $certificate = Import-PfxCertificate -FilePath $env:WINDOWS_PFX_PATH -CertStoreLocation Cert:\CurrentUser\My -Password $password
    foreach ($name in @($names.msi, $names.exe)) {
      $file = Join-Path $stage $name
      $done = $false
      foreach ($authority in $Timestamp) {
        & signtool sign /sha1 $certificate.Thumbprint /fd sha256 /tr $authority /td sha256 $file
        if ($LASTEXITCODE -eq 0) { $done = $true; break }
        Write-Warning "$authority gave no time stamp."
      }
      if (-not $done) { throw "$name was not signed, because no time-stamp authority was of use." }
      Invoke-Tool 'signtool' @('verify', '/pa', '/tw', '/v', $file)
    }
  }

  $folder = Join-Path $Out 'windows'
  New-Item -ItemType Directory -Force $folder | Out-Null
  foreach ($name in @($names.msi, $names.exe)) {
    $digest = (Get-FileHash -Algorithm SHA256 (Join-Path $stage $name)).Hash.ToLowerInvariant()
    Copy-Item (Join-Path $stage $name) (Join-Path $folder $name) -Force
    [IO.File]::WriteAllText((Join-Path (Resolve-Path $folder) "$name.sha256"), "$digest  $name`n")
  }
} finally {
  if ($null -ne $certificate) { Remove-Item "Cert:\CurrentUser\My\$($certificate.Thumbprint)" }
  Remove-Item -Recurse -Force $stage -ErrorAction SilentlyContinue
}
