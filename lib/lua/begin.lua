-- SPDX-License-Identifier: MIT
-- Starts an attempt on the job that was claimed.
-- KEYS p stat
-- ARGV prefix id worker
-- Returns {"GO", id, token, attempts, crashes, uncertain, admitted, now,
-- envelope}, {"LOST"}, {"SKIP"} or {"UNCERTAIN"}.
--@include begin_job
redis.call('HDEL', KEYS[2], '_')
return begin_job(ARGV[1], KEYS[1], ARGV[2], ARGV[3], now_ms())
