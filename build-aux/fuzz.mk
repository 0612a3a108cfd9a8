# SPDX-License-Identifier: MIT
# Fuzz targets: with --enable-fuzzing programs of libFuzzer's ("./dev fuzz"),
# else plain tests over their corpus, run by "make check".
fuzz_programs = \
	tests/fuzz/f_address \
	tests/fuzz/f_alert \
	tests/fuzz/f_answer \
	tests/fuzz/f_answers \
	tests/fuzz/f_booking \
	tests/fuzz/f_bounce \
	tests/fuzz/f_calendar \
	tests/fuzz/f_client \
	tests/fuzz/f_conf \
	tests/fuzz/f_csv \
	tests/fuzz/f_envelope \
	tests/fuzz/f_form \
	tests/fuzz/f_header \
	tests/fuzz/f_json \
	tests/fuzz/f_language \
	tests/fuzz/f_multipart \
	tests/fuzz/f_openings \
	tests/fuzz/f_origin \
	tests/fuzz/f_posted \
	tests/fuzz/f_redis \
	tests/fuzz/f_reply \
	tests/fuzz/f_request \
	tests/fuzz/f_slot \
	tests/fuzz/f_scoreboard \
	tests/fuzz/f_sqlsplit \
	tests/fuzz/f_talk \
	tests/fuzz/f_template \
	tests/fuzz/f_token \
	tests/fuzz/f_tokenanswer
check_PROGRAMS += $(fuzz_programs)
check_LIBRARIES = tests/fuzz/libfuzz.a
# libFuzzer has a main() of its own, then replay.o stays in its archive; unit
# tests have theirs.
tests_fuzz_libfuzz_a_SOURCES = \
	tests/fuzz/formcheck.c \
	tests/fuzz/formcheck.h \
	tests/fuzz/fuzz.c \
	tests/fuzz/fuzz.h \
	tests/fuzz/replay.c
tests_fuzz_f_redis_CPPFLAGS = $(AM_CPPFLAGS) $(HIREDIS_CFLAGS)
EXTRA_DIST += tests/fuzz/corpus tests/fuzz/dict tests/fuzz/found

fuzzers: $(BUILT_SOURCES)
	$(MAKE) $(AM_MAKEFLAGS) $(fuzz_programs)
.PHONY: fuzzers
