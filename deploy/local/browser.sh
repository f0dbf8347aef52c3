# A browser without a window, for the tests of the pages alone: the
# distribution's Chromium, or, where that is a snap, one from npm.

# browser_ready returns 0 if a Chromium is there. Ubuntu's program of that name
# only says that a snap is wanted.
browser_ready() {
	[ -x "$(cache_folder browser)/chromium" ] && return 0
	local program
	for program in chromium chromium-browser google-chrome; do
		program=$(command -v "$program") && ! grep -qsi 'snap install' "$program" && return 0
	done
	return 1
}

# browser_setup installs one. The tests of the pages are skipped without, so to
# lack it ends nothing.
browser_setup() {
	if [ -e /etc/debian_version ] && ! grep -qs '^ID=ubuntu' /etc/os-release; then
		may_install && apt_install "Chromium, for the tests of the pages" chromium && browser_ready && return
	elif [ "$(uname -m)" = x86_64 ] && command -v npm >/dev/null; then
		step "fetching Chromium, for the tests of the pages (some 70 MB)" bash "$here/fetch-browser.sh" "$(cache_folder browser)" && return
	fi
	say "there is no browser, and the tests of the pages will be skipped; install Chromium or Google Chrome to run them"
}
