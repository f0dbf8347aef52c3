#!/usr/bin/env bash
# build-pgvector.sh MAJOR builds pgvector for PostgreSQL MAJOR from the sources
# of a later release of this distribution, and installs it.
#
# The sources are fetched with lists of their own, so that the machine's stay as
# they are. The server's headers are taken out of their package: to install it
# would bring in half a gigabyte of LLVM, which is left out of the build too.
set -euo pipefail
major=$1
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for part in steps apt; do
	# shellcheck source=/dev/null
	. "$here/$part.sh"
done
# shellcheck source=/dev/null
. /etc/os-release

case $ID in
debian) suites=trixie components=main standard=http://deb.debian.org/debian ;;
ubuntu) suites="resolute questing plucky" components="main universe" standard=http://archive.ubuntu.com/ubuntu ;;
*) echo "no later release is known of $ID" >&2 && exit 1 ;;
esac

umask 022 # what is installed is for all
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"
mkdir -p lists/partial cache/archives/partial source headers
ours=(-q -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/lists"
	-o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root -o Acquire::Retries=2 -o Acquire::http::Timeout=30)

# fetch SUITE MIRROR downloads pgvector 0.8 or newer; apt checks its signature.
fetch() {
	local version
	echo "deb-src [signed-by=/usr/share/keyrings/$ID-archive-keyring.gpg] $2 $1 $components" >sources.list
	apt-get "${ours[@]}" update || return 1
	version=$(apt-cache "${ours[@]}" showsrc pgvector | sed -n 's/^Version: //p' | sort -V | tail -n 1)
	[ -n "$version" ] && version_at_least "$version" 0.8 && apt-get "${ours[@]}" --download-only source pgvector
}

# fetch_any tries the machine's own mirror before the standard one.
fetch_any() {
	local suite mirror
	for suite in $suites; do
		for mirror in $(apt_mirror) "$standard"; do
			fetch "$suite" "$mirror" && return 0
		done
	done
	return 1
}

fetch_any
apt-get -q -o APT::Sandbox::User=root download "postgresql-server-dev-$major"
dpkg-deb -x postgresql-server-dev-"$major"_*.deb headers
tar -xf pgvector_*.orig.tar.* -C source --strip-components 1

# OPTFLAGS is emptied as it would build for this very processor.
build=(make -C source "PG_CONFIG=/usr/lib/postgresql/$major/bin/pg_config" with_llvm=no OPTFLAGS=
	"includedir_server=$work/headers/usr/include/postgresql/$major/server"
	"includedir_internal=$work/headers/usr/include/postgresql/internal")
"${build[@]}" -j2
as_root "${build[@]}" install
