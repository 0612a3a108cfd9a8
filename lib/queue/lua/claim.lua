-- SPDX-License-Identifier: MIT
-- Claims and begins the next job, if there is one.
-- KEYS p
-- ARGV prefix worker epoch share
-- Returns what begin returns, or {"NONE"}.
--@include now
--@include begin_job
--@include take_next
redis.call('HDEL', ARGV[1] .. 'stat', '_')
return take_next({prefix = ARGV[1], list = KEYS[1], worker = ARGV[2],
  now = now_text(), share = ARGV[4]}, ARGV[3])
