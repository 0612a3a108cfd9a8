-- SPDX-License-Identifier: MIT
-- Throws the unreadable envelopes away.
-- KEYS malformed
-- Returns how many there were.
local count = redis.call('LLEN', KEYS[1])
redis.call('DEL', KEYS[1])
return count
