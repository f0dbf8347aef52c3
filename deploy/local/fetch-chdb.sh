#!/usr/bin/env bash
# fetch-chdb.sh PACKAGE@VERSION FOLDER fetches libchdb.so into FOLDER. It is
# unpacked beside its place and moved there last: what is there is whole.
set -euo pipefail
package=$1 folder=$2

mkdir -p "$folder"
work=$(mktemp -d "$folder/fetch-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent --loglevel=error "$package"
tar -xzf ./*.tgz --strip-components 1 package/libchdb.so
rm -f "$folder/version"
mv -f libchdb.so "$folder/libchdb.so"
echo "$package" >"$folder/version"
