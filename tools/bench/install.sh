#!/bin/sh
# Installs what bench:gate runs beside Gatehouse, as Debian packages and only where missing: nginx, which
# is also the site behind, Apache with mod_auth_mellon, and wrk, which asks. apache2-bin is Apache without
# its service.
exec "$(dirname "$0")/../../scripts/debian.sh" nginx apache2-bin libapache2-mod-auth-mellon wrk
