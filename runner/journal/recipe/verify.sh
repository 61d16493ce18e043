#!/bin/sh
# verify.sh [folder [allowed_signers [revoked_keys]]]
#
# Checks the evidence of one run with sh, coreutils, jq and ssh-keygen alone. Exit 0: every check holds; 7: the run has
# not ended, and what is there holds.
# Without a list of allowed signers the one in the folder is used, which whoever made the folder chose: give your own.
set -u
export LC_ALL=C TZ=UTC
# A check that cannot be made must never pass.
for tool in base64 basename cat comm cut dirname head jq mktemp realpath rm sha256sum sort split ssh-keygen tail tr wc; do
  command -v "$tool" > /dev/null || { echo "This needs $tool, which is not here."; exit 2; }
done
recipe=$(cd "$(dirname "$0")" && pwd)
signers=${2:+$(realpath "$2")}
revoked=${3:+$(realpath "$3")}
cd "${1:-$recipe}" || exit 2
for file in * steps/*; do
  [ ! -f "$file" ] || [ -r "$file" ] || { echo "$file cannot be read. Copy the folder as its owner."; exit 2; }
done
# In memory where there is a place for it: every line is a file for a moment.
t=$(mktemp -d -p /dev/shm 2> /dev/null || mktemp -d) || exit 2
trap 'rm -rf "$t"' EXIT
bad=0
fail() {
  bad=1
  echo "FAILED $1"
}
sha() { sha256sum 2> "$t/none" < "$1" | cut -c1-64; }

# Writes the hash of each line of $1 to $2: a thousand files at a time, one for each line.
line_hashes() {
  split -l 1000 -d -a 5 "$1" "$t/part"
  for part in "$t"/part*; do
    split -l 1 -d -a 3 "$part" "$t/line"
    sha256sum "$t"/line??? | cut -c1-64
    rm "$part" "$t"/line???
  done > "$2"
}

# Whether all of a file is lines in the canonical form: sorted keys, no spaces, whole numbers within 2^53 as digits alone.
# Some versions of jq print a number as it was written (1.0, -0), so each is counted anew; DEL is written in two ways.
exact='(.. | numbers) |= (if . == floor and fabs <= 9007199254740991 then . + 0 else null end)'
canonical() {
  if [ "$(tr -cd '\177' < "$1" | wc -c)" -eq 0 ]; then
    [ "$(jq -cS "$exact" "$1" 2> "$t/none" | sha256sum)" = "$(sha256sum < "$1")" ]
  else
    plain='gsub("\u007f"; "\\u007f")'
    [ "$(jq -cS "$exact" "$1" 2> "$t/none" | jq -Rr "$plain" | sha256sum)" = "$(jq -Rr "$plain" "$1" | sha256sum)" ]
  fi
}
whole() { [ -s "$1" ] && [ -z "$(tail -c1 "$1")" ]; }

# signed TEXT SIGNATURE PRINCIPAL NAMESPACE TIME: whether the signature holds.
signed() {
  [ -s "$2" ] && ssh-keygen -Y verify -f "$signers" -I "$3" -n "$4" -s "$2" \
    -O "verify-time=$5" ${revoked:+-r "$revoked"} < "$1" > "$t/none" 2>&1
}

# hold TEXT SIGNATURE NAMESPACE PERSON: notes whose the key is that made a signature, allowed or not.
hold() {
  [ -f "$2" ] || return 0
  if said=$(ssh-keygen -Y check-novalidate -n "$3" -s "$2" < "$1" 2> "$t/none"); then echo "${said##* } $4" >> "$t/keys"
  else fail "signature: $5 does not sign its text"; fi
}

: > "$t/keys"
: > "$t/people"
# Whoever made the folder chose what lies in it: a link is never followed.
for file in run.jsonl plan.json document.mdx head.json* close.json* allowed_signers revoked_keys heads.jsonl steps steps/* steps/*/* steps/*/*/* steps/*/*/*/*; do
  [ ! -L "$file" ] || fail "outputs: $file is a link"
done
[ $bad -eq 0 ] || { echo 'NOT VERIFIED'; exit 1; }

# A folder below one called runs is of the run it is named after, and its index is two folders up; a bundle has its own.
index=heads.jsonl
run=
here=$(pwd -P)
if [ "$(basename "$(dirname "$here")")" = runs ] && { [ ! -f heads.jsonl ] || [ -f ../../heads.jsonl ]; }; then
  run=$(basename "$here")
  index=../../heads.jsonl
fi
[ -f "$index" ] || index=
[ -n "$index" ] || echo '?      index: there is no index of runs here, so a later state of this run could be hidden'
# A write that a crash cut is not a line; a line that is missing so is missed below.
if [ -n "$index" ] && [ -s "$index" ] && ! whole "$index"; then
  echo '?      index: a write after the last line of heads.jsonl was cut, as by a crash'
  head -n "$(wc -l < "$index")" "$index" > "$t/index"
  index=$t/index
fi
journal=run.jsonl
torn=0
if [ -s run.jsonl ] && ! whole run.jsonl && [ "$(wc -l < run.jsonl)" -gt 0 ]; then
  torn=1
  journal=$t/journal
  head -n "$(wc -l < run.jsonl)" run.jsonl > "$journal"
fi
: > "$t/all"
for file in "$journal" $index head.json close.json; do
  [ -f "$file" ] || continue
  whole "$file" || fail "chain: $file is empty, or its last line is cut"
  cat "$file" >> "$t/all"
done
[ -f run.jsonl ] || fail 'chain: there is no run.jsonl'
canonical "$t/all" || fail 'chain: a line is not in the canonical form of this format'
[ $bad -eq 0 ] || { echo 'NOT VERIFIED'; exit 1; }

: > "$t/indexHashes"
: > "$t/empty"
line_hashes "$journal" "$t/hashes"
[ -z "$index" ] || line_hashes "$index" "$t/indexHashes"
text_of() { [ -f "$1" ] && echo "$1" || echo "$t/empty"; }
plan=plan.json
[ -s plan.json ] || { plan=$t/plan; echo '{}' > "$plan"; }

# Rules over the events, with the digests that are bound to them; then what only hashing and keys can say.
jq -nr --arg run "$run" --rawfile hashes "$t/hashes" --rawfile indexHashes "$t/indexHashes" --slurpfile plan "$plan" \
  --rawfile head "$(text_of head.json)" --rawfile closing "$(text_of close.json)" --rawfile closingSignature "$(text_of close.json.sig)" --rawfile index "${index:-$t/empty}" \
  --arg planSha "$(sha plan.json)" --arg documentSha "$(sha document.mdx)" \
  -f "$recipe/checks.jq" "$journal" > "$t/found" 2> "$t/errors" || fail "events: $(head -n1 "$t/errors")"

if [ -z "$signers" ] && [ -f allowed_signers ]; then
  signers=allowed_signers
  [ ! -f revoked_keys ] || revoked=revoked_keys
fi
plain() { printf %s "$1" | base64 -d; }
: > "$t/sums"
: > "$t/payloads"
signatures=0
open=0
by=
[ ! -f head.json.sig ] && [ ! -f close.json.sig ] || signatures=1
while IFS= read -r line; do
  case $line in
    OPEN) open=1 ;;
    'FILE '*) echo "${line#FILE }" >> "$t/sums" ;;
    'BOUND '*) [ "${line#BOUND }" = "$(sha allowed_signers)" ] ||
      fail 'signers: allowed_signers is not the list the run was started under' ;;
    'PERSON '*) echo "${line#PERSON }" >> "$t/people" ;;
    'KEY '*) echo "${line#KEY }" >> "$t/keys" ;;
    'SIGNED '*)
      set -f; set -- ${line#SIGNED }; set +f
      [ "$1" != head ] || by=$(plain "$2")
      namespace=runbook-head@v1
      [ "$1" = head ] || namespace=runbook-approval@v1
      hold "$1.json" "$1.json.sig" "$namespace" "$4" "$1.json.sig"
      if [ -n "$signers" ] && [ ! -f "$1.json.sig" ] && { [ $open -eq 0 ] || [ "$1" != head ]; }; then
        fail "signature: $1.json is UNSIGNED: $1.json.sig is not there, and the list of keys asks for it"
      else [ -z "$signers" ] || [ ! -f "$1.json.sig" ] || signed "$1.json" "$1.json.sig" "$(plain "$2")" "$namespace" "$3" ||
        fail "signature: $1.json is not signed by a key that was allowed"
      fi ;;
    'DECISION '*)
      set -f; set -- ${line#DECISION }; set +f
      plain "$1" > "$t/payload"
      plain "$2" > "$t/payload.sig"
      cat "$t/payload" >> "$t/payloads"; echo >> "$t/payloads"
      [ "$2" = LQ== ] || signatures=1
      [ "$(plain "$3" | sha256sum | cut -c1-64)" = "$6" ] || fail 'approvals: something else was shown'
      [ "$2" = LQ== ] || hold "$t/payload" "$t/payload.sig" runbook-approval@v1 "$7" 'the signature of an approval'
      [ -z "$signers" ] || signed "$t/payload" "$t/payload.sig" "$(plain "$4")" runbook-approval@v1 "$5" ||
        fail 'signature: an approval is not signed by a key that was allowed' ;;
    'ACT '*)
      set -f; set -- ${line#ACT }; set +f
      plain "$1" > "$t/payload"
      plain "$2" > "$t/payload.sig"
      cat "$t/payload" >> "$t/payloads"; echo >> "$t/payloads"
      signatures=1
      hold "$t/payload" "$t/payload.sig" runbook-presence@v1 "$5" 'the signature of an act'
      [ -z "$signers" ] || signed "$t/payload" "$t/payload.sig" "$(plain "$3")" runbook-presence@v1 "$4" ||
        fail 'presence: an act of the operator is not signed by a key that was allowed' ;;
    *) fail "${line#FAILED }" ;;
  esac
done < "$t/found"
# Only the journal of an open run may end in a write that was cut.
if [ $torn -eq 1 ] && [ $open -eq 1 ]; then echo '?      chain: a write after the last event was cut, as by a crash'
elif [ $torn -eq 1 ]; then fail 'chain: the last line of run.jsonl is cut'; fi
# A key that the list gives to somebody else who ran or decided is theirs too.
listed() {
  [ -n "$signers" ] || return 0
  used=" $(cut -d ' ' -f 1 "$t/keys" | tr '\n' ' ')"
  set -f
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in '#'* | *cert-authority*) continue ;; esac
    patterns= type= key=
    for word in $line; do
      [ -n "$patterns" ] || patterns=$(printf %s "$word" | tr -d '"' | tr A-Z a-z)
      case $word in AAAA*) key=$word; break ;; esac
      type=$word
    done
    [ -n "$key" ] || continue
    echo "$type $key" > "$t/public"
    key=$(ssh-keygen -l -f "$t/public" 2> "$t/none" | cut -d ' ' -f 2)
    case $used in *" ${key:--} "*) ;; *) continue ;; esac
    while read -r name person; do
      ! lists "$patterns" "$(plain "$name")" || echo "$key $person"
    done < "$t/people"
  done < "$signers"
  set +f
}
# lists PATTERNS PERSON: as ssh-keygen matches a list of patterns.
lists() {
  found=1
  old=$IFS
  IFS=,
  for pattern in $1; do
    case $pattern in
      !*) case $2 in ${pattern#!}) found=2 ;; esac ;;
      *) case $2 in $pattern) [ $found -eq 2 ] || found=0 ;; esac ;;
    esac
  done
  IFS=$old
  return $found
}
listed > "$t/listed"
cat "$t/listed" >> "$t/keys"
[ "$(sort -u "$t/keys" | wc -l)" -eq "$(cut -d ' ' -f 1 "$t/keys" | sort -u | wc -l)" ] ||
  fail 'signature: one key signed as two people'
[ ! -s "$t/payloads" ] || canonical "$t/payloads" || fail 'approvals: a payload is not in canonical form'
[ -z "$signers" ] || [ -n "$by" ] || [ $open -eq 1 ] || fail 'signature: there is no head to be signed'
[ -n "$signers" ] || [ $signatures -eq 0 ] || echo '?      signature: there are signatures, and no list of allowed signers to judge them by'

# Files of output: each is the one the journal names, and there is no other.
[ ! -s "$t/sums" ] || sha256sum -c --quiet --strict "$t/sums" > "$t/none" 2>&1 ||
  fail 'outputs: a file of output was changed or is missing'
for file in steps/*.std??? steps/*.cast steps/*/std??? steps/*/*/std??? steps/*/*/*/std??? steps/*/*/*/*/std???; do
  case $file in *[./]stdout | *[./]stderr | *.cast) [ ! -s "$file" ] || echo "$file" ;; esac
done | sort -u > "$t/present"
cut -c67- "$t/sums" | sort -u > "$t/named"
[ $open -eq 1 ] || [ -z "$(comm -23 "$t/present" "$t/named")" ] || fail 'outputs: a file of output is there that the journal does not name'

if [ $bad -ne 0 ]; then
  echo 'NOT VERIFIED'
  exit 1
elif [ $open -eq 1 ]; then
  echo 'NOT ENDED: what is there holds'
  exit 7
elif [ -n "$signers" ]; then
  echo "VERIFIED, signed by $by"
  # From the signed texts alone: the statement beside them is not signed.
  jq -r 'select(.requestedBy and .decision) | [.decision, .step, .by, .requestedBy, .ts] | map(tostring | gsub("[^ -~]"; "?"))
    | "\(.[0]): step \(.[1]), by \(.[2]), for the run of \(.[3]), \(.[4])"' "$t/payloads"
  [ ! -f close.json ] || jq -r '[.by, .ts] | map(tostring | gsub("[^ -~]"; "?")) | "closed: by \(.[0]), \(.[1])"' close.json
else
  echo 'INTACT, UNSIGNED: anybody who could write to this folder could have written all of it'
fi
