#!/bin/sh
# Apache Kafka for tests and measurements, one node, from Maven's artifacts.
#
#   kafka-test.sh fetch                                  the jars, into the cache
#   kafka-test.sh run FOLDER PORT CONTROLLER [SEEN]      in the foreground, on loopback
#
# Needs Java 17 and Maven. FOLDER keeps the log over restarts. CONTROLLER is a
# second free port; SEEN is the port that clients are told, PORT if not given.
# The jars lie in FRONTDESK_CACHE, or .cache/frontdesk in the home folder.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n 's:.*<version>\(4\.[0-9.]*\)</version>.*:\1:p' "$here/kafka/pom.xml")
jars=${FRONTDESK_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/frontdesk}/kafka-$version

fetch() {
	[ -e "$jars/complete" ] && return
	mkdir -p "$jars"
	mvn -q -B -f "$here/kafka/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$jars" >&2
	touch "$jars/complete"
}

run() {
	folder=$1 port=$2 controller=$3 seen=${4:-$2}
	mkdir -p "$folder"
	cat >"$folder/server.properties" <<-PROPERTIES
		process.roles=broker,controller
		node.id=1
		controller.quorum.voters=1@127.0.0.1:$controller
		listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$controller
		advertised.listeners=PLAINTEXT://127.0.0.1:$seen
		controller.listener.names=CONTROLLER
		inter.broker.listener.name=PLAINTEXT
		log.dirs=$folder/log
		num.partitions=1
		default.replication.factor=1
		offsets.topic.num.partitions=4
		offsets.topic.replication.factor=1
		transaction.state.log.replication.factor=1
		transaction.state.log.min.isr=1
		group.initial.rebalance.delay.ms=0
		auto.create.topics.enable=false
	PROPERTIES
	if [ ! -e "$folder/log/meta.properties" ]; then
		java -cp "$jars/*" kafka.tools.StorageTool format -t frontdesk-test-kafka-A -c "$folder/server.properties" >&2
	fi
	exec java -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$jars/*" kafka.Kafka "$folder/server.properties"
}

case ${1:-} in
fetch) fetch ;;
run)
	[ $# -ge 4 ] || { sed -n '2,9p' "$0" >&2; exit 2; }
	shift
	fetch
	run "$@"
	;;
*)
	sed -n '2,9p' "$0" >&2
	exit 2
	;;
esac
