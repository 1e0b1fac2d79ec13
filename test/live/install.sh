#!/bin/sh
# Installs what the live tests run beside Gatehouse, only where missing: from Debian SimpleSAMLphp,
# Lasso, xmlsec1, faketime to put an identity provider's clock wrong, applications of apps/ with their
# clients, the web servers of origins/, ClickHouse for the queries of docs/monitoring.md, and a
# Chromium that binds sessions to devices; from npm the packages of apps/npm.
set -eu
here="$(cd "$(dirname "$0")" && pwd)"

# SimpleSAMLphp asks for a PHP and for a web server, and would get Apache for both, started at once.
# php-cgi and mini-httpd satisfy it and start nothing; the tests serve it with PHP's own server.
"$here/../../scripts/debian.sh" \
  php-cli php-cgi mini-httpd php-xml php-mbstring php-sqlite3 simplesamlphp \
  python3-lasso xmlsec1 faketime \
  apache2 nginx gunicorn caddy curl python3-django jupyter-notebook radicale python3-caldav \
  cockpit-ws cockpit-bridge cockpit-system novnc websockify tigervnc-standalone-server \
  ruby-rails puma wordpress wordpress-theme-twentytwentythree php-mysql mariadb-server-core \
  clickhouse-server chromium skopeo docker-registry python3-pip

cd "$here/apps/npm"
# npm ci begins with an empty node_modules, so this copy says that it came to its end.
if cmp -s package-lock.json node_modules/.installed-lock.json; then exit 0; fi
echo 'Installing the packages of test/live/apps/npm …'
# No package of these needs its scripts.
install() { npm ci --ignore-scripts --no-audit --no-fund --loglevel=error; }
# Registries have bad moments.
install || { sleep 10; install; }
cp package-lock.json node_modules/.installed-lock.json
