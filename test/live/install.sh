#!/bin/sh
# Installs what the live tests run beside Gatehouse, as Debian packages and only where missing:
# SimpleSAMLphp, Lasso, xmlsec1, and faketime to put an identity provider's clock wrong.
#
# SimpleSAMLphp asks for a PHP and for a web server, and would get Apache for both, started at once.
# php-cgi and mini-httpd satisfy it and start nothing; the tests serve it with PHP's own server.
exec "$(dirname "$0")/../../scripts/debian.sh" \
  php-cli php-cgi mini-httpd php-xml php-mbstring php-sqlite3 simplesamlphp \
  python3-lasso xmlsec1 faketime
