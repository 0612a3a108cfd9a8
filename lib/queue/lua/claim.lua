-- SPDX-License-Identifier: MIT
-- Claims and begins the next job, if there is one.
-- KEYS p stat ready ready:bulk paused heldkinds epoch
-- ARGV prefix worker epoch share
-- Returns what begin returns, or {"NONE"}.
--@include now
--@include begin_job
--@include take_next
redis.call('HDEL', KEYS[2], '_')
return take_next({prefix = ARGV[1], list = KEYS[1], worker = ARGV[2],
  now = now_ms(), stat = KEYS[2], ready = KEYS[3], bulk = KEYS[4],
  pausedkey = KEYS[5], heldkinds = KEYS[6], share = ARGV[4]},
  KEYS[7], ARGV[3])
