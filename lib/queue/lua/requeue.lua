-- SPDX-License-Identifier: MIT
-- Makes a job that waits or is dead the next one to be taken.
-- KEYS dead retry ready ready:bulk stat
-- ARGV prefix id
-- Returns 1, or 0 if it is in no such state.
--@include now
--@include story
local id = ARGV[2]
local key = ARGV[1] .. 'j:' .. id
redis.call('HDEL', KEYS[5], '_')
local h = redis.call('HMGET', key, 'st', 'l', 'k', 'at')
local st, now = h[1], now_ms()
if st == 'X' then
  redis.call('ZREM', KEYS[1], id)
  redis.call('HDEL', key, 'c', 'u', 'ts', 'rep', 'err', 'ft')
  redis.call('HSET', key, 'n', 0, 'ta', now)
elseif st == 'R' then
  redis.call('ZREM', KEYS[2], id)
elseif st == 'H' then
  redis.call('LREM', ARGV[1] .. 'held:' .. h[3], 1, id)
else
  return 0
end
redis.call('HSET', key, 'st', 'Q', 'at',
  story_add(h[4], now, 'operator', 'requeued||||'))
redis.call('RPUSH', h[2] == 'b' and KEYS[4] or KEYS[3], id)
redis.call('HINCRBY', KEYS[5], 'requeued', 1)
return 1
