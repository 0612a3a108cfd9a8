# SPDX-License-Identifier: MIT
# What the programs read at run time, and what only travels in the tarball.

webtemplatesdir = $(pkgdatadir)/templates/web
dist_webtemplates_DATA = \
	templates/web/admin_booking.html \
	templates/web/admin_ask.html templates/web/admin_choice.html \
	templates/web/admin_embed.html \
	templates/web/admin_errors.html \
	templates/web/admin_fields.html \
	templates/web/admin_export.html \
	templates/web/admin_feeds.html \
	templates/web/admin_line.html \
	templates/web/admin_log.html \
	templates/web/admin_mails.html \
	templates/web/admin_more.html \
	templates/web/admin_plan.html \
	templates/web/admin_question.html \
	templates/web/admin_questions.html \
	templates/web/admin_rows.html \
	templates/web/admin_said.html \
	templates/web/admin_search.html \
	templates/web/admin_service.html \
	templates/web/admin_services.html \
	templates/web/admin_slot.html \
	templates/web/admin_slot_new.html \
	templates/web/admin_slots.html \
	templates/web/admin_template.html \
	templates/web/admin_templates.html \
	templates/web/admin_today.html \
	templates/web/admin_top.html \
	templates/web/admin_wait.html \
	templates/web/appointment.html \
	templates/web/booking.html \
	templates/web/bottom.html \
	templates/web/change.html \
	templates/web/find.html \
	templates/web/foreign.html \
	templates/web/form.html \
	templates/web/held.html \
	templates/web/message.html \
	templates/web/move.html \
	templates/web/privacy.html \
	templates/web/problem.html \
	templates/web/problems.html \
	templates/web/questions.html \
	templates/web/service.html \
	templates/web/services.html \
	templates/web/times.html \
	templates/web/top.html \
	templates/web/wait.html

mailtemplatesdir = $(pkgdatadir)/templates/mail
dist_mailtemplates_DATA = templates/mail/sample.json
mailfrdir = $(pkgdatadir)/templates/mail/fr
dist_mailfr_DATA = \
	templates/mail/fr/_accent.html \
	templates/mail/fr/_bottom.html \
	templates/mail/fr/_brand.html \
	templates/mail/fr/_facts.html \
	templates/mail/fr/_facts.txt \
	templates/mail/fr/_keep.html \
	templates/mail/fr/_next.html \
	templates/mail/fr/_next.txt \
	templates/mail/fr/_top.html \
	templates/mail/fr/booking.cancelled.html \
	templates/mail/fr/booking.cancelled.txt \
	templates/mail/fr/booking.changed.html \
	templates/mail/fr/booking.changed.txt \
	templates/mail/fr/booking.confirm.html \
	templates/mail/fr/booking.confirm.txt \
	templates/mail/fr/booking.confirmed.html \
	templates/mail/fr/booking.confirmed.txt \
	templates/mail/fr/booking.moved.html \
	templates/mail/fr/booking.moved.txt \
	templates/mail/fr/booking.reminder.html \
	templates/mail/fr/booking.reminder.txt \
	templates/mail/fr/notice.html \
	templates/mail/fr/notice.txt \
	templates/mail/fr/operators.digest.html \
	templates/mail/fr/operators.digest.txt \
	templates/mail/fr/organiser.notice.html \
	templates/mail/fr/organiser.notice.txt \
	templates/mail/fr/place.free.html \
	templates/mail/fr/place.free.txt \
	templates/mail/fr/place.removed.html \
	templates/mail/fr/place.removed.txt \
	templates/mail/fr/place.waiting.html \
	templates/mail/fr/place.waiting.txt
mailendir = $(pkgdatadir)/templates/mail/en
dist_mailen_DATA = \
	templates/mail/en/_accent.html \
	templates/mail/en/_bottom.html \
	templates/mail/en/_brand.html \
	templates/mail/en/_facts.html \
	templates/mail/en/_facts.txt \
	templates/mail/en/_keep.html \
	templates/mail/en/_next.html \
	templates/mail/en/_next.txt \
	templates/mail/en/_top.html \
	templates/mail/en/booking.cancelled.html \
	templates/mail/en/booking.cancelled.txt \
	templates/mail/en/booking.changed.html \
	templates/mail/en/booking.changed.txt \
	templates/mail/en/booking.confirm.html \
	templates/mail/en/booking.confirm.txt \
	templates/mail/en/booking.confirmed.html \
	templates/mail/en/booking.confirmed.txt \
	templates/mail/en/booking.moved.html \
	templates/mail/en/booking.moved.txt \
	templates/mail/en/booking.reminder.html \
	templates/mail/en/booking.reminder.txt \
	templates/mail/en/notice.html \
	templates/mail/en/notice.txt \
	templates/mail/en/operators.digest.html \
	templates/mail/en/operators.digest.txt \
	templates/mail/en/organiser.notice.html \
	templates/mail/en/organiser.notice.txt \
	templates/mail/en/place.free.html \
	templates/mail/en/place.free.txt \
	templates/mail/en/place.removed.html \
	templates/mail/en/place.removed.txt \
	templates/mail/en/place.waiting.html \
	templates/mail/en/place.waiting.txt \
	templates/mail/en/sample.json

localesdir = $(pkgdatadir)/locale
dist_locales_DATA = locale/en.json locale/fr.json

schemadir = $(pkgdatadir)/schema
dist_schema_DATA = \
	schema/0001_init.sql schema/0002_visitors.sql \
	schema/0003_organisers.sql schema/0004_form_keys.sql \
	schema/0005_api_keys.sql schema/0006_slot_zone.sql \
	schema/0007_forget.sql schema/0008_feeds.sql \
	schema/0009_slot_closed.sql schema/0010_lists.sql \
	schema/0011_links.sql \
	schema/0012_fate.sql \
	schema/0013_calendar.sql \
	schema/0014_changes.sql \
	schema/0015_clocks.sql \
	schema/0016_noun.sql \
	schema/0017_questions.sql \
	schema/0018_line.sql \
	schema/0019_texts.sql \
	schema/0020_hold.sql \
	schema/0021_edition.sql \
	schema/0022_namekey.sql \
	schema/grants.sql

# What nginx serves itself, and the site that a sysadmin copies.
staticdir = $(pkgdatadir)/static
dist_static_DATA = \
	nginx/static/admin.css \
	nginx/static/favicon.ico nginx/static/icon.svg \
	nginx/static/reservoir.css nginx/static/robots.txt
errorsdir = $(pkgdatadir)/errors
dist_errors_DATA = \
	nginx/errors/400.html nginx/errors/400.json \
	nginx/errors/401.html nginx/errors/401.json \
	nginx/errors/403.html nginx/errors/403.json \
	nginx/errors/404.html nginx/errors/404.json \
	nginx/errors/414.html nginx/errors/414.json \
	nginx/errors/413.html nginx/errors/413.json nginx/errors/429.html \
	nginx/errors/429.json nginx/errors/503.html nginx/errors/503.json
examplesdir = $(docdir)/examples
dist_examples_DATA = etc/booking.conf.example etc/maild.conf.example \
	etc/redis-users.conf \
	nginx/reservoir.conf nginx/reservoir-cells.conf
snippetsdir = $(docdir)/examples/snippets
dist_snippets_DATA = \
	nginx/snippets/reservoir-app.conf \
	nginx/snippets/reservoir-errors.conf \
	nginx/snippets/reservoir-headers.conf \
	nginx/snippets/reservoir-lists.conf

# The envelope's contract for machines, and programs that keep it.
dist_pkgdata_DATA = doc/envelope.schema.json
prometheusdir = $(docdir)/prometheus
dist_prometheus_DATA = doc/prometheus/alerts.yml
grafanadir = $(docdir)/grafana
dist_grafana_DATA = doc/grafana/reservoir.json
apidocdir = $(pkgdatadir)/api
dist_apidoc_DATA = doc/openapi.json
formkitdir = $(docdir)/form-kit
dist_formkit_DATA = doc/form-kit/README.md doc/form-kit/form.css \
	doc/form-kit/form.js \
	doc/form-kit/plain.html doc/form-kit/plain.fr.html \
	doc/form-kit/script.html doc/form-kit/script.fr.html \
	doc/form-kit/thanks.html doc/form-kit/thanks.fr.html
pushexamplesdir = $(docdir)/examples/push
dist_pushexamples_DATA = doc/examples/amqp.js doc/examples/amqp.php \
	doc/examples/amqp.py doc/examples/push.js doc/examples/push.php \
	doc/examples/push.py doc/examples/push.sh

# Of a program that is not built everywhere.
if WITH_RABBITMQ
dist_examples_DATA += etc/amqp.conf.example
dist_man_MANS = man/amqp.conf.5 man/maild-amqp.8
else
dist_man_MANS =
EXTRA_DIST += etc/amqp.conf.example man/amqp.conf.5 man/maild-amqp.8
endif
EXTRA_DIST += etc/bash-completion/maild-amqp

if WITH_BASH_COMPLETION
bashcompletiondir = $(BASH_COMPLETION_DIR)
dist_bashcompletion_DATA = etc/bash-completion/bookctl \
	etc/bash-completion/maild etc/bash-completion/maildctl
if WITH_RABBITMQ
dist_bashcompletion_DATA += etc/bash-completion/maild-amqp
endif
else
EXTRA_DIST += etc/bash-completion/bookctl etc/bash-completion/maild \
	etc/bash-completion/maildctl
endif

dist_man_MANS += man/bookctl.1 man/booking.conf.5 man/booking.fcgi.8 \
	man/maild.8 man/maild.conf.5 man/maildctl.1 man/reservoir-bounce.8 \
	man/reservoir-envelope.7 man/reservoir-token.1

EXTRA_DIST += autogen.sh dev docker docker-compose.yml .env.example \
	.dockerignore .ci build-aux/dev build-aux/packages.txt \
	build-aux/check-layers.sh build-aux/source-date.sh LAYERS doc \
	tests/conftest.py tests/stack tests/integration tests/browser \
	tests/bench tests/gate tests/crash tests/faults tests/tools/clockstep.c tests/packaging rpm \
	README.md ARCHITECTURE.md CONTRIBUTING.md NEWS LICENSE SECURITY.md

# Leftovers of running the tests do not belong into the tarball, and secrets
# of a trial with containers even less.
dist-hook:
	rm -rf "$(distdir)/docker/secrets"
	find "$(distdir)" -name __pycache__ -prune -exec rm -rf {} +
