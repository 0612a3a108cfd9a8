-- SPDX-License-Identifier: MIT
-- Begins or ends a pause; maild's scripts look at them.
-- KEYS paused stat
-- ARGV what begin(0|1) reason
-- Returns 1, or 0 if it was so already.
--@include now
redis.call('HDEL', KEYS[2], '_')
if ARGV[2] == '0' then
  return redis.call('HDEL', KEYS[1], ARGV[1])
end
return redis.call('HSETNX', KEYS[1], ARGV[1], now_ms() .. '|' .. ARGV[3])
