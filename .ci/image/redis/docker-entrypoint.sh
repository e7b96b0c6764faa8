#!/bin/sh
# Like the official image's: Redis as its own user, and reachable from its network.
set -eu
if [ "$1" = redis-server ]; then
  cd /data
  set -- "$@" --protected-mode no --bind '* -::*'
fi
if [ "$(id -u)" = 0 ]; then
  exec setpriv --reuid=redis --regid=redis --init-groups "$@"
fi
exec "$@"
