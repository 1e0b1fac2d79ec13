#!/bin/bash
# Installs what the live tests run beside Gatehouse, as Debian packages and only where missing:
# SimpleSAMLphp, Lasso, xmlsec1, and faketime to put an identity provider's clock wrong.
set -euo pipefail

# SimpleSAMLphp asks for a PHP and for a web server, and would get Apache for both, started at once.
# These two satisfy it and start nothing; the tests serve it with PHP's own server.
packages=(php-cli php-cgi mini-httpd php-xml php-mbstring php-sqlite3 simplesamlphp)
packages+=(python3-lasso xmlsec1 faketime)

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
export DEBIAN_FRONTEND=noninteractive

install() {
  "${as_root[@]}" apt-get -qq update &&
    "${as_root[@]}" apt-get -qq -y --no-install-recommends -o Dpkg::Use-Pty=0 install "${missing[@]}"
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
