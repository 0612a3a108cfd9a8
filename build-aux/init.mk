# SPDX-License-Identifier: MIT
# What starts the daemons: init scripts, units, and what goes with them.
# All of it names directories, so it is made here and not shipped.

init_units = \
	init/systemd/maild.service init/systemd/maild@.service \
	init/systemd/reservoir-booking.service \
	init/systemd/reservoir-booking@.service \
	init/systemd/reservoir-booking.socket \
	init/systemd/reservoir-guard@.service
init_guard = init/systemd/reservoir-guard
init_filled = $(init_units) $(init_guard) init/systemd/reservoir.sysusers \
	init/systemd/reservoir.tmpfiles init/openrc/maild \
	init/openrc/reservoir-booking init/runit/maild/run \
	init/runit/maild/finish init/runit/reservoir-booking/run \
	init/runit/reservoir-booking/finish init/logrotate
init_sysv = init/sysv/maild init/sysv/reservoir-booking
init_names = maild reservoir-booking
# Of a program that is not built everywhere.
if WITH_RABBITMQ
init_units += init/systemd/maild-amqp.service init/systemd/maild-amqp@.service
init_filled += init/systemd/reservoir-amqp.sysusers init/openrc/maild-amqp \
	init/runit/maild-amqp/run init/runit/maild-amqp/finish \
	init/logrotate-amqp
init_sysv += init/sysv/maild-amqp
init_names += maild-amqp
endif

EXTRA_DIST += init/sysv/maild.head init/sysv/reservoir-booking.head \
	init/sysv/common.sh init/default init/runit/log-run \
	init/systemd/maild.service.in init/systemd/maild@.service.in \
	init/systemd/reservoir-booking.service.in \
	init/systemd/reservoir-booking@.service.in \
	init/systemd/reservoir-booking.socket.in \
	init/systemd/reservoir-guard@.service.in \
	init/systemd/reservoir-guard.in init/systemd/sandbox.in \
	init/systemd/reservoir.sysusers.in init/systemd/reservoir.tmpfiles.in \
	init/openrc/maild.in init/openrc/reservoir-booking.in \
	init/runit/maild/run.in init/runit/maild/finish.in \
	init/runit/reservoir-booking/run.in \
	init/runit/reservoir-booking/finish.in init/logrotate.in \
	init/sysv/maild-amqp.head init/systemd/maild-amqp.service.in \
	init/systemd/maild-amqp@.service.in \
	init/systemd/reservoir-amqp.sysusers.in init/openrc/maild-amqp.in \
	init/runit/maild-amqp/run.in init/runit/maild-amqp/finish.in \
	init/logrotate-amqp.in
CLEANFILES += $(init_filled) $(init_sysv)

# The brackets keep config.status from filling these in.
init_directories = -e 's|@sbindir[@]|$(sbindir)|g' \
	-e 's|@libexecdir[@]|$(libexecdir)|g' \
	-e 's|@sysconfdir[@]|$(sysconfdir)|g' \
	-e 's|@runstatedir[@]|$(runstatedir)|g' \
	-e 's|@localstatedir[@]|$(localstatedir)|g' \
	-e 's|@pkgdatadir[@]|$(pkgdatadir)|g' \
	-e 's|@webgroup[@]|$(webgroup)|g'
# What all services share is in one file, with a licence line of its own.
init_fill = $(SED) -e '/^@sandbox[@]$$/{' \
	-e 'r $(srcdir)/init/systemd/sandbox.in' -e d -e '}' "$$in" | \
	$(SED) -e '2,$${' -e '/^. SPDX/d' -e '}' $(init_directories)

# Manuals and examples are written with a distribution's directories, so that
# they can be read as they are; installed, they name those of this installation.
# By way of marks, since one directory may look like another one's name.
place_fill = $(SED) -e 's|/etc/reservoir|@''sysconfdir@/reservoir|g' \
	-e 's|/run/reservoir|@''runstatedir@/reservoir|g' \
	-e 's|/var/\(lib\)/reservoir|@''localstatedir@/\1/reservoir|g' \
	-e 's|/var/\(log\)/reservoir|@''localstatedir@/\1/reservoir|g' \
	-e 's|/usr/share/reservoir|@''pkgdatadir@|g' $(init_directories)

$(init_filled): Makefile init/systemd/sandbox.in
	$(AM_V_GEN)$(MKDIR_P) $(@D) && in="$(srcdir)/$@.in" && \
	$(init_fill) >"$@.tmp" && mv "$@.tmp" "$@"
init/systemd/maild.service: init/systemd/maild.service.in
init/systemd/maild@.service: init/systemd/maild@.service.in
init/systemd/reservoir-booking.service: init/systemd/reservoir-booking.service.in
init/systemd/reservoir-booking@.service: init/systemd/reservoir-booking@.service.in
init/systemd/reservoir-booking.socket: init/systemd/reservoir-booking.socket.in
init/systemd/reservoir-guard@.service: init/systemd/reservoir-guard@.service.in
init/systemd/reservoir-guard: init/systemd/reservoir-guard.in
init/systemd/reservoir.sysusers: init/systemd/reservoir.sysusers.in
init/systemd/reservoir.tmpfiles: init/systemd/reservoir.tmpfiles.in
init/openrc/maild: init/openrc/maild.in
init/openrc/reservoir-booking: init/openrc/reservoir-booking.in
init/runit/maild/run: init/runit/maild/run.in
init/runit/maild/finish: init/runit/maild/finish.in
init/runit/reservoir-booking/run: init/runit/reservoir-booking/run.in
init/runit/reservoir-booking/finish: init/runit/reservoir-booking/finish.in
init/logrotate: init/logrotate.in
init/systemd/maild-amqp.service: init/systemd/maild-amqp.service.in
init/systemd/maild-amqp@.service: init/systemd/maild-amqp@.service.in
init/systemd/reservoir-amqp.sysusers: init/systemd/reservoir-amqp.sysusers.in
init/openrc/maild-amqp: init/openrc/maild-amqp.in
init/runit/maild-amqp/run: init/runit/maild-amqp/run.in
init/runit/maild-amqp/finish: init/runit/maild-amqp/finish.in
init/logrotate-amqp: init/logrotate-amqp.in

$(init_sysv): Makefile init/sysv/common.sh init/sysv/maild.head \
		init/sysv/maild-amqp.head init/sysv/reservoir-booking.head
	$(AM_V_GEN)$(MKDIR_P) init/sysv && \
	cat "$(srcdir)/$@.head" "$(srcdir)/init/sysv/common.sh" | \
		$(SED) $(init_directories) >"$@.tmp" && chmod 755 "$@.tmp" && mv "$@.tmp" "$@"

all-local: $(init_filled) $(init_sysv)

if WITH_SYSTEMDSYSTEMUNITDIR
nodist_systemdsystemunit_DATA = $(init_units)
nodist_libexec_SCRIPTS = $(init_guard)
endif
if WITH_INITDDIR
nodist_initd_SCRIPTS = $(init_sysv)
endif
runitexamplesdir = $(docdir)/examples/runit

# A program of its own, so that maild itself speaks no HTTP.
token_script = maild/token/reservoir-token
nodist_bin_SCRIPTS = $(token_script)
EXTRA_DIST += maild/token/reservoir-token.py
CLEANFILES += $(token_script)
$(token_script): Makefile maild/token/reservoir-token.py
	$(AM_V_GEN)$(MKDIR_P) $(@D) && \
		$(place_fill) "$(srcdir)/$@.py" >"$@.tmp" && \
		chmod +x "$@.tmp" && mv "$@.tmp" "$@"

# Names that one directory cannot hold twice, and files that change on the way.
install-data-hook:
	place() { \
		$(place_fill) "$$1" >placed.tmp && \
			$(INSTALL_DATA) placed.tmp "$(DESTDIR)$$2" && \
			rm placed.tmp; \
	}; \
	for file in $(dist_man_MANS); do \
		place "$(srcdir)/$$file" \
			"$(mandir)/man$${file##*.}/$${file##*/}" || exit 1; \
	done; \
	for file in $(dist_examples_DATA); do \
		place "$(srcdir)/$$file" "$(examplesdir)/$${file##*/}" || \
			exit 1; \
	done; \
	for file in $(dist_snippets_DATA); do \
		place "$(srcdir)/$$file" "$(snippetsdir)/$${file##*/}" || \
			exit 1; \
	done
if WITH_SYSUSERSDIR
	$(MKDIR_P) "$(DESTDIR)$(sysusersdir)"
	$(INSTALL_DATA) init/systemd/reservoir.sysusers \
		"$(DESTDIR)$(sysusersdir)/reservoir.conf"
if WITH_RABBITMQ
	$(INSTALL_DATA) init/systemd/reservoir-amqp.sysusers \
		"$(DESTDIR)$(sysusersdir)/reservoir-amqp.conf"
endif
endif
if WITH_TMPFILESDIR
	$(MKDIR_P) "$(DESTDIR)$(tmpfilesdir)"
	$(INSTALL_DATA) init/systemd/reservoir.tmpfiles \
		"$(DESTDIR)$(tmpfilesdir)/reservoir.conf"
endif
if WITH_LOGROTATEDIR
	$(MKDIR_P) "$(DESTDIR)$(logrotatedir)"
	$(INSTALL_DATA) init/logrotate "$(DESTDIR)$(logrotatedir)/reservoir"
if WITH_RABBITMQ
	$(INSTALL_DATA) init/logrotate-amqp \
		"$(DESTDIR)$(logrotatedir)/reservoir-amqp"
endif
endif
if WITH_DEFAULTDIR
	$(MKDIR_P) "$(DESTDIR)$(defaultdir)"
	for name in $(init_names); do \
		$(place_fill) "$(srcdir)/init/default/$$name" >placed.tmp && \
			$(INSTALL_DATA) placed.tmp \
				"$(DESTDIR)$(defaultdir)/$$name" && \
			rm placed.tmp || exit 1; \
	done
endif
	$(MKDIR_P) "$(DESTDIR)$(docdir)/examples/openrc"
	for name in $(init_names); do \
		$(INSTALL_SCRIPT) "init/openrc/$$name" \
			"$(DESTDIR)$(docdir)/examples/openrc/$$name" && \
		$(MKDIR_P) "$(DESTDIR)$(runitexamplesdir)/$$name/log" && \
		$(INSTALL_SCRIPT) "init/runit/$$name/run" \
			"init/runit/$$name/finish" \
			"$(DESTDIR)$(runitexamplesdir)/$$name" && \
		$(INSTALL_SCRIPT) "$(srcdir)/init/runit/log-run" \
			"$(DESTDIR)$(runitexamplesdir)/$$name/log/run" || \
			exit 1; \
	done

uninstall-hook:
	rm -rf "$(DESTDIR)$(docdir)/examples/openrc" \
		"$(DESTDIR)$(runitexamplesdir)"
if WITH_SYSUSERSDIR
	rm -f "$(DESTDIR)$(sysusersdir)/reservoir.conf" \
		"$(DESTDIR)$(sysusersdir)/reservoir-amqp.conf"
endif
if WITH_TMPFILESDIR
	rm -f "$(DESTDIR)$(tmpfilesdir)/reservoir.conf"
endif
if WITH_LOGROTATEDIR
	rm -f "$(DESTDIR)$(logrotatedir)/reservoir" \
		"$(DESTDIR)$(logrotatedir)/reservoir-amqp"
endif
if WITH_DEFAULTDIR
	for name in $(init_names); do \
		rm -f "$(DESTDIR)$(defaultdir)/$$name" || exit 1; \
	done
endif
