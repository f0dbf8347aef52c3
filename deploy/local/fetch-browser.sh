#!/usr/bin/env bash
# fetch-browser.sh FOLDER fetches a Chromium without a window from its npm
# package, for distributions whose own is a snap. FOLDER/chromium starts it.
set -euo pipefail
folder=$1 version=153.0.0

mkdir -p "$folder"
work=$(mktemp -d "$folder/fetch-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent --loglevel=error "@sparticuz/chromium@$version"
tar -xzf ./*.tgz --strip-components 2 package/bin
for file in chromium al2023.tar; do
	node -e 'const fs = require("fs"); process.stdout.write(require("zlib").brotliDecompressSync(fs.readFileSync(process.argv[1])))' "$file.br" >"$file"
done
tar -xf al2023.tar lib
rm -rf "$folder/lib" "$folder/chromium"
mv chromium "$folder/headless-chromium"
mv lib "$folder/lib"
chmod +x "$folder/headless-chromium"
cat >"$work/chromium" <<START
#!/bin/sh
LD_LIBRARY_PATH="$folder/lib" exec "$folder/headless-chromium" --headless "\$@"
START
chmod +x "$work/chromium"
mv "$work/chromium" "$folder/chromium"
