#!/bin/bash
# Installs what bench:gate runs beside Gatehouse, as Debian packages and only where missing: nginx, which
# is also the site behind, Apache with mod_auth_mellon, and wrk, which asks.
set -euo pipefail

# apache2-bin is Apache without its service, so nothing of it starts by itself.
packages=(nginx apache2-bin libapache2-mod-auth-mellon wrk)

missing=()
for package in "${packages[@]}"; do
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
