#!/bin/sh
# Installs `runbook` into ~/.local/bin: downloads the file for this system, checks its digest and, with RUNBOOK_SIGNERS,
# the signature of the list of digests. It asks for no other rights. To remove the program, delete that file.
#   RUNBOOK_FROM     address of a folder with the files of a release (required)
#   RUNBOOK_SIGNERS  file of allowed signers; without it the digest alone is checked, and that is said
#   RUNBOOK_BIN      where to put the program (default ~/.local/bin)
set -eu

fail() {
  printf 'install: %s\n' "$1" >&2
  exit 1
}

from=${RUNBOOK_FROM:-}
from=${from%/}
[ -n "$from" ] || fail 'set RUNBOOK_FROM to the address of a release'
bin=${RUNBOOK_BIN:-${HOME:?}/.local/bin}

case $(uname -s) in
  Linux) os=linux ;;
  Darwin) os=darwin ;;
  *) fail "$(uname -s) is not supported; on Windows use WSL 2" ;;
esac
case $(uname -m) in
  x86_64 | amd64) arch=x64 ;;
  aarch64 | arm64) arch=arm64 ;;
  *) fail "$(uname -m) is not supported" ;;
esac
if [ "$os" = linux ] && ls /lib/ld-musl-* >/dev/null 2>&1 && ! ls /lib*/ld-linux-* >/dev/null 2>&1; then
  fail 'the program needs glibc, and this system has musl; install the npm package instead'
fi

[ ! -d "$bin/runbook" ] || fail "$bin/runbook is a folder; set RUNBOOK_BIN to another place"
{ mkdir -p "$bin" && [ -w "$bin" ]; } 2>/dev/null || fail "$bin cannot be written; set RUNBOOK_BIN to another place"

work=$(mktemp -d)
trap 'rm -rf "$work" "$bin/.runbook.$$"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
file=runbook-$os-$arch

# Of a long download a terminal shows how much is done, and a machine of CI that it began.
bar=s
get() {
  if command -v curl >/dev/null 2>&1; then
    curl "-fSL$bar" --proto-default https -o "$work/$1" "$from/$1" || fail "$from/$1 could not be downloaded"
  elif command -v wget >/dev/null 2>&1; then
    # By itself it tries twenty times, for minutes.
    wget -q -t 2 -O "$work/$1" "$from/$1" || fail "$from/$1 could not be downloaded"
  else
    fail 'curl or wget is needed'
  fi
}

get SHA256SUMS
if [ -n "${RUNBOOK_SIGNERS:-}" ]; then
  command -v ssh-keygen >/dev/null 2>&1 || fail 'ssh-keygen is needed to check the signature'
  get SHA256SUMS.sig
  signer=$(ssh-keygen -Y find-principals -f "$RUNBOOK_SIGNERS" -s "$work/SHA256SUMS.sig" 2>/dev/null | head -n 1) ||
    fail 'the list of digests is signed by a key that is not allowed'
  [ -n "$signer" ] || fail 'the list of digests is signed by a key that is not allowed'
  ssh-keygen -Y verify -f "$RUNBOOK_SIGNERS" -I "$signer" -n runbook-release@v1 -s "$work/SHA256SUMS.sig" \
    <"$work/SHA256SUMS" >/dev/null 2>&1 || fail 'the signature of the list of digests does not hold'
  printf 'install: signed by %s\n' "$signer" >&2
else
  printf 'install: the signature is not checked: RUNBOOK_SIGNERS is not set\n' >&2
fi
[ ! -t 2 ] || bar='#'
if [ -t 2 ] || [ -n "${CI:-}" ]; then printf 'install: downloads %s\n' "$file" >&2; fi
get "$file"

wanted=$(awk -v name="$file" '$2 == name || $2 == "*" name { print $1 }' "$work/SHA256SUMS")
[ -n "$wanted" ] || fail "$file is not in the list of digests"
if command -v sha256sum >/dev/null 2>&1; then
  sum=$(sha256sum "$work/$file")
else
  sum=$(shasum -a 256 "$work/$file")
fi
[ "${sum%% *}" = "$wanted" ] || fail "$file does not have the digest of the list"

chmod 755 "$work/$file"
"$work/$file" --version >/dev/null || fail "$file does not run on this system"
before=$("$bin/runbook" --version 2>/dev/null) || before=
cp "$work/$file" "$bin/.runbook.$$" || fail "$bin cannot be written"
mv "$bin/.runbook.$$" "$bin/runbook"
printf 'install: %s is %s%s\n' "$bin/runbook" "$("$bin/runbook" --version)" "${before:+; it was $before}" >&2
case :$PATH: in
  *:"$bin":*)
    found=$(command -v runbook) || found=
    [ "$found" = "$bin/runbook" ] || printf 'install: PATH finds %s first\n' "$found" >&2
    ;;
  *) printf 'install: add %s to PATH: export PATH="%s:$PATH"\n' "$bin" "$bin" >&2 ;;
esac
