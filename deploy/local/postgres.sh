# PostgreSQL 15 or newer with pgvector 0.8 or newer. Only the programs are
# wanted: frontdesk runs a server of its own, and the package's is not made.

# postgres_ready returns 0 if some PostgreSQL here will do.
postgres_ready() {
	local programs
	for programs in /usr/lib/postgresql/*/bin; do
		[ -x "$programs/initdb" ] && postgres_has_vector "$(basename "$(dirname "$programs")")" && return 0
	done
	return 1
}

# postgres_has_vector MAJOR returns 0 if pgvector is there for that version.
postgres_has_vector() {
	local control=/usr/share/postgresql/$1/extension/vector.control have
	[ "$1" -ge 15 ] 2>/dev/null && [ -r "$control" ] || return 1
	have=$(sed -n "s/^default_version = '\(.*\)'/\1/p" "$control")
	version_at_least "$have" 0.8
}

# postgres_setup installs what is missing.
postgres_setup() {
	local major='' distribution
	# shellcheck source=/dev/null
	distribution=$(. /etc/os-release && echo "$ID $VERSION_ID")
	case $distribution in
	"debian 12") major=15 ;;
	"debian 13") major=17 ;;
	"ubuntu 24.04") major=16 ;;
	*)
		lacks PostgreSQL "this is $distribution and not Debian 12 or 13 or Ubuntu 24.04; install PostgreSQL 15 or newer with pgvector 0.8 or newer by hand, or name a server in FRONTDESK_POSTGRES_URL"
		return
		;;
	esac
	if ! may_install; then
		lacks PostgreSQL "it is to be installed and neither root nor sudo is at hand; run sudo $here/setup.sh once, or name a server in FRONTDESK_POSTGRES_URL"
		return
	fi
	if [ ! -x /usr/lib/postgresql/$major/bin/initdb ]; then
		postgres_no_cluster
		if ! apt_install "PostgreSQL $major" "postgresql-$major"; then
			lacks PostgreSQL "the package postgresql-$major could not be installed; see above, then run make setup again, or name a server in FRONTDESK_POSTGRES_URL"
			return
		fi
	fi
	postgres_has_vector $major || pgvector_setup $major
}

# postgres_no_cluster keeps the package from making and starting a server.
postgres_no_cluster() {
	[ -e /etc/postgresql-common/createcluster.conf ] && return
	as_root mkdir -p /etc/postgresql-common
	echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
}

# pgvector_setup MAJOR installs pgvector's package if it is new enough, else
# builds the sources of a later release of the distribution.
pgvector_setup() {
	local major=$1 package=postgresql-$1-pgvector offered
	offered=$(apt_version "$package")
	if [ -z "$offered" ]; then
		apt_update
		offered=$(apt_version "$package")
	fi
	if [ -n "$offered" ] && version_at_least "$offered" 0.8 && apt_install pgvector "$package" && postgres_has_vector "$major"; then
		return
	fi
	if ! apt_install "a C compiler for pgvector" gcc make libc6-dev; then
		lacks pgvector "no C compiler could be installed to build it with; see above, or name a PostgreSQL that has pgvector 0.8 in FRONTDESK_POSTGRES_URL"
		return
	fi
	if ! step "building pgvector" bash "$here/build-pgvector.sh" "$major" || ! postgres_has_vector "$major"; then
		lacks pgvector "its sources could not be fetched and built; see above, or install pgvector 0.8 for PostgreSQL $major by hand (github.com/pgvector/pgvector)"
	fi
}
