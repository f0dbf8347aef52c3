# A browser without a window, for the tests of the pages alone.

# browser_ready returns 0 if a Chromium is there. Ubuntu's package of that name
# is an empty one that calls for snap, so the program is asked.
browser_ready() {
	local program
	for program in chromium chromium-browser google-chrome google-chrome-stable chrome headless-shell; do
		program=$(command -v "$program") || continue
		# Ubuntu's stand-in is a script that mentions snap; a real start takes a second.
		if [ "$(head -c 2 "$(readlink -f "$program")" 2>/dev/null)" = '#!' ] && grep -qi 'snap install' "$program" 2>/dev/null; then
			continue
		fi
		return 0
	done
	return 1
}

# browser_setup installs Chromium.
browser_setup() {
	if ! may_install; then
		lacks "a browser" "it is to be installed for the tests and neither root nor sudo is at hand; run sudo $here/setup.sh --test once, or install Chromium by hand"
		return
	fi
	if ! apt_install "Chromium, for the tests of the pages" chromium || ! browser_ready; then
		lacks "a browser" "the package chromium does not bring one here; install Google Chrome or Chromium by hand"
	fi
}
