# SPDX-License-Identifier: MIT
# Fuzz targets: with --enable-fuzzing programs of libFuzzer's ("./dev fuzz"),
# else plain tests over their corpus, run by "make check".
fuzz_programs = \
	tests/fuzz/f_address tests/fuzz/f_alert tests/fuzz/f_answer \
	tests/fuzz/f_booking tests/fuzz/f_calendar \
	tests/fuzz/f_client tests/fuzz/f_conf tests/fuzz/f_csv \
	tests/fuzz/f_envelope tests/fuzz/f_form tests/fuzz/f_header \
	tests/fuzz/f_json tests/fuzz/f_language tests/fuzz/f_multipart \
	tests/fuzz/f_openings tests/fuzz/f_origin tests/fuzz/f_posted \
	tests/fuzz/f_redis tests/fuzz/f_request tests/fuzz/f_slot \
	tests/fuzz/f_slots tests/fuzz/f_sqlsplit tests/fuzz/f_talk \
	tests/fuzz/f_template tests/fuzz/f_token
check_PROGRAMS += $(fuzz_programs)
check_LIBRARIES = tests/fuzz/libfuzz.a
# libFuzzer has a main() of its own, then replay.o stays in its archive.
tests_fuzz_libfuzz_a_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_libfuzz_a_SOURCES = \
	tests/fuzz/formcheck.c tests/fuzz/formcheck.h tests/fuzz/fuzz.c \
	tests/fuzz/fuzz.h tests/fuzz/replay.c
FUZZ_LIBS = tests/fuzz/libfuzz.a $(TEST_LIBS)
FUZZ_PROGRAM_LDFLAGS = $(AM_LDFLAGS) $(FUZZ_LDFLAGS)
tests_fuzz_f_address_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_address_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_address_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_answer_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_answer_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_answer_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_alert_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_alert_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_alert_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_booking_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_booking_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_booking_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_calendar_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_calendar_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_calendar_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_client_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_client_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_client_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_conf_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_conf_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_conf_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_csv_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_csv_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_csv_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_envelope_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_envelope_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_envelope_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_form_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_form_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_form_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_header_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_header_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_header_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_json_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_json_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_json_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_language_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_language_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_language_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_multipart_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_multipart_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_multipart_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_openings_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_openings_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_openings_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_origin_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_origin_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_origin_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_posted_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_posted_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_posted_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_redis_CPPFLAGS = $(TEST_CPPFLAGS) $(HIREDIS_CFLAGS)
tests_fuzz_f_redis_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_redis_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_request_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_request_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_request_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_slot_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_slot_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_slot_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_slots_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_slots_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_slots_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_sqlsplit_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_sqlsplit_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_sqlsplit_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_talk_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_talk_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_talk_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_template_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_template_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_template_LDADD = $(FUZZ_LIBS)
tests_fuzz_f_token_CPPFLAGS = $(TEST_CPPFLAGS)
tests_fuzz_f_token_LDFLAGS = $(FUZZ_PROGRAM_LDFLAGS)
tests_fuzz_f_token_LDADD = $(FUZZ_LIBS)
EXTRA_DIST += tests/fuzz/corpus tests/fuzz/dict

fuzzers: $(BUILT_SOURCES)
	$(MAKE) $(AM_MAKEFLAGS) $(fuzz_programs)
.PHONY: fuzzers
