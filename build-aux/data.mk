# SPDX-License-Identifier: MIT
# What the programs read at run time, and what only travels in the tarball.

localesdir = $(pkgdatadir)/locale
dist_locales_DATA = locale/en.json locale/fr.json

EXTRA_DIST += autogen.sh build-aux/check-layers.sh lib/RANKS
