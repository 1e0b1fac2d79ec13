#!/bin/sh
# Installs what the live tests run beside Gatehouse, as Debian packages and only where missing:
# SimpleSAMLphp, Lasso, xmlsec1, faketime to put an identity provider's clock wrong, and the
# applications of apps/ with their clients.
#
# SimpleSAMLphp asks for a PHP and for a web server, and would get Apache for both, started at once.
# php-cgi and mini-httpd satisfy it and start nothing; the tests serve it with PHP's own server.
exec "$(dirname "$0")/../../scripts/debian.sh" \
  php-cli php-cgi mini-httpd php-xml php-mbstring php-sqlite3 simplesamlphp \
  python3-lasso xmlsec1 faketime \
  apache2 curl python3-django jupyter-notebook radicale python3-caldav \
  cockpit-ws cockpit-bridge cockpit-system novnc websockify tigervnc-standalone-server
