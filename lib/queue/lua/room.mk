# SPDX-License-Identifier: MIT
# Order does not matter: each script's index is its place in this list.
lua_files = \
	lib/queue/lua/ack.lua \
	lib/queue/lua/admit.lua \
	lib/queue/lua/ages.lua \
	lib/queue/lua/audit.lua \
	lib/queue/lua/beat.lua \
	lib/queue/lua/begin.lua \
	lib/queue/lua/bury.lua \
	lib/queue/lua/claim.lua \
	lib/queue/lua/claim_oom.lua \
	lib/queue/lua/claimed.lua \
	lib/queue/lua/defer.lua \
	lib/queue/lua/dot.lua \
	lib/queue/lua/end_waiting.lua \
	lib/queue/lua/epoch.lua \
	lib/queue/lua/erase.lua \
	lib/queue/lua/fate.lua \
	lib/queue/lua/forget.lua \
	lib/queue/lua/malformed.lua \
	lib/queue/lua/pause.lua \
	lib/queue/lua/places.lua \
	lib/queue/lua/purge.lua \
	lib/queue/lua/receipts.lua \
	lib/queue/lua/reclaim.lua \
	lib/queue/lua/records.lua \
	lib/queue/lua/release.lua \
	lib/queue/lua/replayed.lua \
	lib/queue/lua/requeue.lua \
	lib/queue/lua/status.lua \
	lib/queue/lua/tally.lua \
	lib/queue/lua/unadmitted.lua
lua_parts = \
	lib/queue/lua/begin_job.inc \
	lib/queue/lua/kinds.inc \
	lib/queue/lua/now.inc \
	lib/queue/lua/story.inc \
	lib/queue/lua/take_next.inc
EXTRA_DIST += $(lua_files) $(lua_parts) build-aux/embed-lua.sh

nodist_lib_libcommon_a_SOURCES = lib/queue/lua_scripts.h
lib/queue/lua_scripts.h: $(lua_files) $(lua_parts) $(srcdir)/build-aux/embed-lua.sh
	$(AM_V_GEN)$(MKDIR_P) lib/queue && \
	cd $(srcdir) && $(SHELL) build-aux/embed-lua.sh $(lua_files) \
		>"$(abs_builddir)/lib/queue/lua_scripts.h.tmp" && \
	mv "$(abs_builddir)/lib/queue/lua_scripts.h.tmp" \
		"$(abs_builddir)/lib/queue/lua_scripts.h"
BUILT_SOURCES += lib/queue/lua_scripts.h
CLEANFILES += lib/queue/lua_scripts.h
