#!/bin/sh
# What oracle.c is built with, on Debian or Ubuntu: installed only when it is missing.
set -eu

if command -v cc >/dev/null && command -v pkg-config >/dev/null &&
  pkg-config --exists libxml-2.0 xmlsec1-openssl; then
  exit 0
fi
exec "$(dirname "$0")/../../scripts/debian.sh" \
  gcc libc6-dev pkg-config libxml2-dev libxmlsec1-dev
