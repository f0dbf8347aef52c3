# ClickHouse's engine, libchdb.so, from its npm package. It is kept in the
# user's cache, for all checkouts, or in this one where the user has no home.

chdb_version=26.5.3

# chdb_folder prints where the engine is kept; frontdesk looks there too.
chdb_folder() { cache_folder chdb; }

# chdb_package prints the engine's npm package for this machine, or nothing.
chdb_package() {
	case "$(uname -s) $(uname -m)" in
	"Linux x86_64") echo @chdb/lib-linux-x64-gnu ;;
	"Linux aarch64") echo @chdb/lib-linux-arm64-gnu ;;
	esac
}

# clickhouse_ready returns 0 if the engine is there, in the version wanted.
clickhouse_ready() {
	[ -n "${FRONTDESK_CHDB_LIB-}" ] && return 0
	local folder package
	folder=$(chdb_folder)
	package=$(chdb_package)
	[ -r "$folder/libchdb.so" ] && [ "$(cat "$folder/version" 2>/dev/null)" = "$package@$chdb_version" ]
}

# clickhouse_setup fetches the engine.
clickhouse_setup() {
	local package
	package=$(chdb_package)
	if [ -z "$package" ]; then
		lacks "ClickHouse's engine" "there is none for $(uname -s) on $(uname -m); name a ClickHouse server in FRONTDESK_CLICKHOUSE_URL"
		return
	fi
	if ! command -v npm >/dev/null; then
		lacks "ClickHouse's engine" "it comes from npm, which is missing; install Node.js with npm, or name a ClickHouse server in FRONTDESK_CLICKHOUSE_URL"
		return
	fi
	step "fetching ClickHouse's engine ($package $chdb_version, some 160 MB)" bash "$here/fetch-chdb.sh" "$package@$chdb_version" "$(chdb_folder)" ||
		lacks "ClickHouse's engine" "the npm package $package $chdb_version could not be fetched; see above, then run make setup again, or name a ClickHouse server in FRONTDESK_CLICKHOUSE_URL"
}
