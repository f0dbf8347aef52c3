# What every part of the set-up uses: telling what goes on, and root's rights.

failed=()

# say tells what goes on.
say() { echo "setup: $*"; }

# lacks notes a part that cannot be had, in one sentence: its name, what is
# wrong and what to do.
lacks() {
	failed+=("$1")
	echo "setup: $1 cannot be set up: $2." >&2
}

# finish ends the set-up.
finish() {
	[ ${#failed[@]} -eq 0 ] || exit 1
	exit 0
}

# step WHAT COMMAND… runs a command that may take long: tells WHAT, then every
# 15 seconds that it goes on, and shows the end of the output if it fails.
step() {
	local what=$1 output pid status began=$SECONDS told=$SECONDS
	shift
	output=$(mktemp) || return 1
	say "$what …"
	"$@" >"$output" 2>&1 </dev/null &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		if [ $((SECONDS - told)) -ge 15 ]; then
			told=$SECONDS
			say "  still at it after $((SECONDS - began)) s"
		fi
		sleep 0.2
	done
	wait "$pid"
	status=$?
	if [ "$status" -ne 0 ]; then
		tail -n 12 "$output" | sed 's/^/setup:   /' >&2
	fi
	rm -f "$output"
	return "$status"
}

# may_install returns 0 if we are root or can become so, asking for sudo's
# password where somebody is there to give it.
may_install() {
	[ "$(id -u)" -eq 0 ] && return 0
	command -v sudo >/dev/null || return 1
	sudo -n true 2>/dev/null && return 0
	[ -t 0 ] && [ -z "${CI-}" ] && sudo -v
}

# as_root COMMAND… runs a command with root's rights; see may_install.
as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo -n -- "$@"
	fi
}

# version_at_least HAVE WANT compares two versions.
version_at_least() {
	[ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

# cache_folder NAME prints a folder for what is fetched: in the user's cache, for
# all checkouts, or in this one where the user has no home.
cache_folder() {
	if [ -n "${XDG_CACHE_HOME-}" ]; then
		echo "$XDG_CACHE_HOME/frontdesk/$1"
	elif [ -n "${HOME-}" ]; then
		echo "$HOME/.cache/frontdesk/$1"
	else
		echo "$root/.cache/$1"
	fi
}
