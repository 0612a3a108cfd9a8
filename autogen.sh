#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes configure from configure.ac; run ./configure afterwards.
set -eu
cd "$(dirname "$0")"
exec autoreconf --force --install
