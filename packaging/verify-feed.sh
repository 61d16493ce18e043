#!/bin/sh
# verify-feed.sh FEED SIGNERS SIGNER: checks a feed of updates without a network and without `runbook`. It checks the
# signature FEED.sig, and every installer beside the feed against its size and SHA-512. Exits with 0 when all of it holds.
#   FEED     a feed that `runbook feed write --sign` wrote, such as latest.yml
#   SIGNERS  file of allowed signers, as ssh-keygen defines it
#   SIGNER   the name in it whose signature must be on the feed
# It prints the version: an older feed has a good signature too.
set -eu

fail() {
  printf 'verify-feed: %s\n' "$1" >&2
  exit 1
}

if [ $# -ne 3 ]; then
  printf 'usage: verify-feed.sh FEED SIGNERS SIGNER\n' >&2
  exit 2
fi
feed=$1 signers=$2 signer=$3
for tool in ssh-keygen openssl; do
  command -v "$tool" >/dev/null 2>&1 || fail "$tool is needed"
done
for file in "$feed" "$feed.sig" "$signers"; do
  [ -r "$file" ] || fail "$file cannot be read"
done

# All that follows reads this copy: the feed may change between the check and the reading.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cp -- "$feed" "$work/feed"
ssh-keygen -Y verify -f "$signers" -I "$signer" -n feed@runbook -s "$feed.sig" <"$work/feed" >/dev/null 2>&1 ||
  fail "$feed is not signed by $signer"

# The value of a line of the feed, without the quotes that YAML may put around it.
unquoted() {
  printf '%s\n' "$1" | sed "s/^['\"]//; s/['\"]\$//"
}

awk '
  /^files:/ { inside = 1; next }
  /^[^ ]/ { inside = 0 }
  inside && /^  - url: / { sub(/^  - url: /, ""); url = $0 }
  inside && /^    sha512: / { digest = $2 }
  inside && /^    size: / { print digest " " $2 " " url }
' "$work/feed" >"$work/files"
[ -s "$work/files" ] || fail "$feed names no file"
while read -r digest size url; do
  name=$(unquoted "$url")
  case $name in
    */* | '' | .*) fail "$feed names $name, which is not a file beside it" ;;
  esac
  installer=$(dirname "$feed")/$name
  [ -r "$installer" ] || fail "$installer cannot be read"
  [ "$(wc -c <"$installer" | tr -d ' ')" = "$size" ] || fail "$installer does not have the size of the feed"
  [ "$(openssl dgst -sha512 -binary <"$installer" | openssl base64 -A)" = "$(unquoted "$digest")" ] ||
    fail "$installer does not have the digest of the feed"
  printf 'verify-feed: %s holds\n' "$name"
done <"$work/files"
printf 'verify-feed: version %s, signed by %s\n' "$(sed -n 's/^version: //p' "$work/feed")" "$signer"
