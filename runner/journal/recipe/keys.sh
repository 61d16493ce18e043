#!/bin/sh
# keys.sh LIST KEEPERS MINIMUM: whether so many different keepers signed exactly this list (LIST.sigs/<keeper>.sig).
# KEEPERS has the keepers' own keys, in the form of allowed_signers: pin it outside the repository. Exit 0: they did.
set -u
for sig in "$1.sigs"/*.sig; do
  who=$(basename "$sig" .sig)
  said=$(ssh-keygen -Y verify -f "$2" -I "$who" -n runbook-keys@v1 -s "$sig" < "$1" 2> /dev/null) && echo "${said##* }"
done | sort -u | { signed=$(wc -l); [ "$signed" -ge "$3" ]; }
