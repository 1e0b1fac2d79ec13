#!/bin/bash
# `scripts/debian.sh <package> …` installs Debian packages, only those that are missing, and starts
# nothing of them.
set -euo pipefail

missing=()
for package in "$@"; do
  [[ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" == installed ]] ||
    missing+=("$package")
done
if [[ ${#missing[@]} -eq 0 ]]; then
  echo 'Nothing to install.'
  exit 0
fi

as_root=()
[[ $EUID -eq 0 ]] || as_root=(sudo)

# invoke-rc.d(8) starts no service outside the usual run levels: port 80 stays whose it is.
install() {
  "${as_root[@]}" apt-get -qq update &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq -y \
      --no-install-recommends -o Dpkg::Use-Pty=0 install "${missing[@]}"
}

echo "Installing ${missing[*]} …"
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
# Mirrors have bad moments.
install >"$log" 2>&1 || { sleep 10; install >"$log" 2>&1; } || {
  cat "$log"
  echo 'The packages could not be installed.' >&2
  exit 1
}
