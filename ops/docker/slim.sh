#!/bin/sh
# Removes from the packages of the image what a server never reads. `slim.sh FOLDER`, where FOLDER is a `node_modules`
# that `npm ci --omit=dev` has installed. A test starts the server from the result (backend/test/deploy/image).
set -eu
packages=$1

# The image has its own Node.
rm -rf "$packages"/node-linux-* "$packages"/node-win-* "$packages"/.bin/node
# Packages for development that npm keeps because a production package names them as optional: the compiler for
# @nestjs/swagger, for example. npm notes this in the lock file of the folder.
node -e '
  const { readFileSync, rmSync } = require("node:fs");
  const { packages } = JSON.parse(readFileSync(`${process.argv[1]}/.package-lock.json`, "utf8"));
  for (const [path, { dev, devOptional }] of Object.entries(packages)) {
    if (dev || devOptional) rmSync(`${process.argv[1]}/../${path}`, { recursive: true, force: true });
  }
' "$packages"
find "$packages" -xtype l -delete

# The sources of SQLite, and its builds for other systems than this one.
rm -rf "$packages"/better-sqlite3/deps "$packages"/better-sqlite3/src
case $(uname -m) in
  x86_64) machine=x64 ;;
  aarch64) machine=arm64 ;;
  *) machine=$(uname -m) ;;
esac
find "$packages"/better-sqlite3/prebuilds -mindepth 1 -maxdepth 1 ! -name "linux-$machine.node" -exec rm -rf {} +
# TypeScript and its declarations, source maps, documents. The source maps of Lockstep itself are in `dist`, and stay.
# Licences stay, as they demand.
find "$packages" -type f \( -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.map' -o -name '*.tsbuildinfo' \) \
  -delete
find "$packages" -type f \( -name '*.md' -o -name '*.markdown' \) ! -iname 'licen[cs]e*' ! -iname 'notice*' -delete
find "$packages" -type d -empty -delete
