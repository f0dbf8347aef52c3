# Packages of the distribution.

# apt waits for another apt, does not wait long for a source that is away, and
# asks nothing.
apt_get() {
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o DPkg::Lock::Timeout=300 -o Acquire::Retries=2 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 \
		-o Dpkg::Options::=--force-confold "$@"
}

apt_updated=false

# apt_update fetches the lists once. A source that fails, as one of a third
# party may, does not matter as long as the packages are found in the others.
apt_update() {
	$apt_updated && return 0
	apt_updated=true
	step "fetching the lists of packages" apt_get update || say "  some sources failed; going on with the others"
}

# apt_version PACKAGE prints the version that would be installed, or nothing.
apt_version() {
	LC_ALL=C apt-cache policy "$1" 2>/dev/null | awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }'
}

# apt_install WHAT PACKAGE… installs packages, with fresh lists if the lists are
# empty or name files that are gone.
apt_install() {
	local what=$1 package
	shift
	for package in "$@"; do
		[ -n "$(apt_version "$package")" ] || apt_update
	done
	step "installing $what" apt_get install --no-install-recommends "$@" && return 0
	$apt_updated && return 1
	apt_update
	step "installing $what, with fresh lists" apt_get install --no-install-recommends "$@"
}

# apt_mirror prints the address of the mirror and of the archive that this
# machine's own sources name for its release.
apt_mirror() {
	apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
		awk -v release="$VERSION_CODENAME" '$1 == release && $2 == "main" { print $3; exit }'
}
