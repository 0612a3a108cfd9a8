# SPDX-License-Identifier: MIT
# Unit tests, run by "make check": cmocka programs, and one for the manuals.
if HAVE_CMOCKA
check_PROGRAMS += \
	tests/unit/t_alert tests/unit/t_answer tests/unit/t_answer_files \
	tests/unit/t_journal tests/unit/t_rconn tests/unit/t_logger \
	tests/unit/t_logsink tests/unit/t_slots \
	tests/unit/t_address tests/unit/t_backoff tests/unit/t_booking \
	tests/unit/t_bearer \
	tests/unit/t_metrics tests/unit/t_feed tests/unit/t_organise \
	tests/unit/t_origin tests/unit/t_outage tests/unit/t_overdue \
	tests/unit/t_compose tests/unit/t_composer tests/unit/t_conf \
	tests/unit/t_csv tests/unit/t_openings tests/unit/t_ctl_text \
	tests/unit/t_dial tests/unit/t_lookup \
	tests/unit/t_envelope tests/unit/t_form tests/unit/t_ics \
	tests/unit/t_jsonread tests/unit/t_jsontext \
	tests/unit/t_lang tests/unit/t_lang_files \
	tests/unit/t_mailstate \
	tests/unit/t_mailtemplate tests/unit/t_mime \
	tests/unit/t_mustache tests/unit/t_notification tests/unit/t_outcome \
	tests/unit/t_queue tests/unit/t_relay_limits tests/unit/t_storm \
	tests/unit/t_relay_step tests/unit/t_request tests/unit/t_routes \
	tests/unit/t_page_templates tests/unit/t_texts \
	tests/unit/t_compose_faults tests/unit/t_digest tests/unit/t_plural \
	tests/unit/t_stages \
	tests/unit/t_sqlsplit tests/unit/t_str tests/unit/t_talk \
	tests/unit/t_service_form tests/unit/t_slot_form \
	tests/unit/t_title tests/unit/t_token \
	tests/unit/t_utext tests/unit/t_zone
tests_unit_t_alert_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_alert_LDADD = $(TEST_LIBS)
tests_unit_t_answer_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_answer_LDADD = $(TEST_LIBS)
tests_unit_t_answer_files_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_answer_files_LDADD = $(TEST_LIBS)
tests_unit_t_journal_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_journal_LDADD = $(TEST_LIBS)
tests_unit_t_rconn_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_rconn_LDADD = $(TEST_LIBS)
tests_unit_t_address_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_address_LDADD = $(TEST_LIBS)
tests_unit_t_backoff_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_backoff_LDADD = $(TEST_LIBS)
tests_unit_t_bearer_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_bearer_LDADD = $(TEST_LIBS)
tests_unit_t_booking_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_booking_LDADD = $(TEST_LIBS)
tests_unit_t_compose_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_compose_LDADD = $(TEST_LIBS)
tests_unit_t_compose_faults_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_compose_faults_LDADD = $(TEST_LIBS)
tests_unit_t_composer_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_composer_LDADD = $(TEST_LIBS)
tests_unit_t_conf_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_conf_LDADD = $(TEST_LIBS)
tests_unit_t_openings_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_openings_LDADD = $(TEST_LIBS)
tests_unit_t_csv_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_csv_LDADD = $(TEST_LIBS)
tests_unit_t_ctl_text_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_ctl_text_LDADD = $(TEST_LIBS)
tests_unit_t_lookup_SOURCES = tests/unit/t_lookup.c tests/unit/addresses.h
tests_unit_t_lookup_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_lookup_LDADD = $(TEST_LIBS)
tests_unit_t_dial_SOURCES = tests/unit/t_dial.c tests/unit/addresses.h
tests_unit_t_dial_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_dial_LDADD = $(TEST_LIBS)
tests_unit_t_digest_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_digest_LDADD = $(TEST_LIBS)
tests_unit_t_envelope_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_envelope_LDADD = $(TEST_LIBS)
tests_unit_t_form_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_form_LDADD = $(TEST_LIBS)
tests_unit_t_ics_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_ics_LDADD = $(TEST_LIBS)
tests_unit_t_jsonread_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_jsonread_LDADD = $(TEST_LIBS)
tests_unit_t_jsontext_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_jsontext_LDADD = $(TEST_LIBS)
tests_unit_t_lang_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_lang_LDADD = $(TEST_LIBS)
tests_unit_t_lang_files_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_lang_files_LDADD = $(TEST_LIBS)
tests_unit_t_mailstate_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_mailstate_LDADD = $(TEST_LIBS)
tests_unit_t_mailtemplate_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_mailtemplate_LDADD = $(TEST_LIBS)
tests_unit_t_mime_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_mime_LDADD = $(TEST_LIBS)
tests_unit_t_mustache_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_mustache_LDADD = $(TEST_LIBS)
tests_unit_t_notification_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_notification_LDADD = $(TEST_LIBS)
tests_unit_t_outcome_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_outcome_LDADD = $(TEST_LIBS)
tests_unit_t_metrics_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_metrics_LDADD = $(TEST_LIBS)
tests_unit_t_feed_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_feed_LDADD = $(TEST_LIBS)
tests_unit_t_organise_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_organise_LDADD = $(TEST_LIBS)
tests_unit_t_logger_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_logger_LDADD = $(TEST_LIBS)
tests_unit_t_logsink_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_logsink_LDADD = $(TEST_LIBS)
tests_unit_t_slots_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_slots_LDADD = $(TEST_LIBS)
tests_unit_t_outage_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_outage_LDADD = $(TEST_LIBS)
tests_unit_t_origin_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_origin_LDADD = $(TEST_LIBS)
tests_unit_t_page_templates_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_page_templates_LDADD = $(TEST_LIBS)
tests_unit_t_plural_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_plural_LDADD = $(TEST_LIBS)
tests_unit_t_overdue_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_overdue_LDADD = $(TEST_LIBS)
tests_unit_t_queue_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_queue_LDADD = $(TEST_LIBS)
tests_unit_t_relay_limits_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_relay_limits_LDADD = $(TEST_LIBS)
tests_unit_t_storm_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_storm_LDADD = $(TEST_LIBS)
tests_unit_t_relay_step_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_relay_step_LDADD = $(TEST_LIBS)
tests_unit_t_request_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_request_LDADD = $(TEST_LIBS)
tests_unit_t_routes_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_routes_LDADD = $(TEST_LIBS)
tests_unit_t_service_form_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_service_form_LDADD = $(TEST_LIBS)
tests_unit_t_slot_form_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_slot_form_LDADD = $(TEST_LIBS)
tests_unit_t_stages_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_stages_LDADD = $(TEST_LIBS)
tests_unit_t_sqlsplit_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_sqlsplit_LDADD = $(TEST_LIBS)
tests_unit_t_str_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_str_LDADD = $(TEST_LIBS)
tests_unit_t_talk_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_talk_LDADD = $(TEST_LIBS)
tests_unit_t_texts_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_texts_LDADD = $(TEST_LIBS)
tests_unit_t_title_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_title_LDADD = $(TEST_LIBS)
tests_unit_t_token_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_token_LDADD = $(TEST_LIBS)
tests_unit_t_utext_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_utext_LDADD = $(TEST_LIBS)
tests_unit_t_zone_CPPFLAGS = $(TEST_CPPFLAGS)
tests_unit_t_zone_LDADD = $(TEST_LIBS)
endif
TEST_CPPFLAGS = $(AM_CPPFLAGS) -I$(srcdir)/fcgi-app -I$(srcdir)/maild \
	-DTEST_SRCDIR='"$(abs_srcdir)"' $(CMOCKA_CFLAGS) $(JSONC_CFLAGS) \
	$(GMIME_CFLAGS)
TEST_LIBS = fcgi-app/libbooking.a maild/libmaild.a $(COMMON_LIBS) \
	$(FCGI_LIBS) $(MYSQL_LIBS) $(IDN2_LIBS) $(CRYPTO_LIBS) \
	$(ESMTP_LIBS) $(GMIME_LIBS) $(SSL_LIBS) $(CRYPTO_LIBS) $(CMOCKA_LIBS)
TESTS = $(check_PROGRAMS) tests/unit/check-man-settings.sh
EXTRA_DIST += tests/unit/check-man-settings.sh tests/unit/answers.tsv \
	tests/unit/answers-more.tsv tests/unit/answers-third.tsv
AM_TESTS_ENVIRONMENT = top_srcdir='$(abs_top_srcdir)'; export top_srcdir;

# What integration tests build when they need it.
EXTRA_PROGRAMS = tests/tools/queuecall tests/tools/zonecall
tests_tools_queuecall_SOURCES = \
	tests/tools/queuecall.c tests/tools/queuecall.h \
	tests/tools/queuecall_admin.c tests/tools/queuecall_worker.c
tests_tools_queuecall_CPPFLAGS = $(AM_CPPFLAGS)
tests_tools_queuecall_LDADD = $(COMMON_LIBS)
tests_tools_zonecall_SOURCES = tests/tools/zonecall.c
tests_tools_zonecall_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/fcgi-app
tests_tools_zonecall_LDADD = fcgi-app/libbooking.a $(COMMON_LIBS)
CLEANFILES += $(EXTRA_PROGRAMS)
