#!/usr/bin/env bash
# Makes this machine ready for frontdesk: PostgreSQL 15 or newer with pgvector
# 0.8 or newer, and the ClickHouse engine. With --test also a browser for the
# tests. For Debian 12 and 13 and Ubuntu 24.04, with Go and npm; uses root or
# sudo where something is to be installed. What is there already is left alone:
# a second run only looks.
#
# A part that cannot be had gets one sentence, the others are set up still, and
# the exit status is 1; only a browser may be missing. FRONTDESK_POSTGRES_URL and
# FRONTDESK_CLICKHOUSE_URL name servers of one's own; their parts are then left
# out, but for --test.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
for part in steps apt postgres clickhouse browser; do
	# shellcheck source=/dev/null
	. "$here/$part.sh"
done

testing=false
case ${1-} in
--test) testing=true ;;
'') ;;
*)
	echo "usage: setup.sh [--test]" >&2
	exit 2
	;;
esac

if ! command -v go >/dev/null; then
	lacks "Go" "Go 1.26 or newer is not in the PATH: install it from https://go.dev/dl"
fi
if $testing || [ -z "${FRONTDESK_POSTGRES_URL-}" ]; then
	postgres_ready || postgres_setup
fi
if $testing || [ -z "${FRONTDESK_CLICKHOUSE_URL-}" ]; then
	clickhouse_ready || clickhouse_setup
fi
if $testing; then
	browser_ready || browser_setup
fi
finish
