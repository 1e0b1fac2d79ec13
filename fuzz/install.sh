#!/bin/sh
# What fuzz/oracle.c is built with, on Debian or Ubuntu: installed only when it is missing.
set -eu

if command -v cc >/dev/null && command -v pkg-config >/dev/null &&
  pkg-config --exists libxml-2.0 xmlsec1-openssl; then
  exit 0
fi
as_root=$([ "$(id -u)" = 0 ] || echo sudo)
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
$as_root apt-get install -qq --yes --no-install-recommends \
  gcc libc6-dev pkg-config libxml2-dev libxmlsec1-dev >/dev/null
