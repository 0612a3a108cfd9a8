-- SPDX-License-Identifier: MIT
-- Sets a job aside until later.
-- KEYS p retry stat
-- ARGV prefix worker id token said delay_ms charge(none|attempt|uncertain)
-- Returns 1, or 0 when fenced off: a stale verdict never moves a job.
--@include now
--@include story
local id, said = ARGV[3], ARGV[5]
local key = ARGV[1] .. 'j:' .. id
redis.call('HDEL', KEYS[3], '_')
local h = redis.call('HMGET', key, 'st', 'tok', 'at')
if (h[1] ~= 'P' and h[1] ~= 'D') or h[2] ~= ARGV[4] then
  return 0
end
redis.call('LREM', KEYS[1], 1, id)
local now = now_ms()
redis.call('HSET', key, 'st', 'R', 'at', story_add(h[3], now, ARGV[2], said))
-- What an attempt said is worth more than why none was made.
redis.call(was_attempt(said) and 'HSET' or 'HSETNX', key, 'err',
  said_text(said))
redis.call('HDEL', key, 'own')
if ARGV[7] ~= 'none' then
  redis.call('HINCRBY', key, 'n', 1)
end
if ARGV[7] == 'uncertain' then
  redis.call('HINCRBY', key, 'u', 1)
end
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[6]), id)
redis.call('HINCRBY', KEYS[3], 'deferred', 1)
return 1
