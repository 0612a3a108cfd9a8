# SPDX-License-Identifier: MIT
# What the programs read at run time, and what only travels in the tarball.

mailtemplatesdir = $(pkgdatadir)/templates/mail
dist_mailtemplates_DATA = templates/mail/sample.json
mailfrdir = $(pkgdatadir)/templates/mail/fr
dist_mailfr_DATA = \
	templates/mail/fr/booking.confirmed.html \
	templates/mail/fr/booking.confirmed.txt \
	templates/mail/fr/notice.html templates/mail/fr/notice.txt
mailendir = $(pkgdatadir)/templates/mail/en
dist_mailen_DATA = \
	templates/mail/en/booking.confirmed.html \
	templates/mail/en/booking.confirmed.txt \
	templates/mail/en/notice.html templates/mail/en/notice.txt

localesdir = $(pkgdatadir)/locale
dist_locales_DATA = locale/en.json locale/fr.json

EXTRA_DIST += autogen.sh build-aux/check-layers.sh lib/RANKS maild/RANKS
