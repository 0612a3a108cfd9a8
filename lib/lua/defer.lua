-- SPDX-License-Identifier: MIT
-- Sets a job aside until later.
-- KEYS p retry stat
-- ARGV prefix id token delay_ms reason charge(none|attempt|uncertain)
-- Returns 1, or 0 when fenced off: a stale verdict never moves a job.
local id = ARGV[2]
local key = ARGV[1] .. 'j:' .. id
redis.call('HDEL', KEYS[3], '_')
local h = redis.call('HMGET', key, 'st', 'tok')
if (h[1] ~= 'P' and h[1] ~= 'D') or h[2] ~= ARGV[3] then
  return 0
end
redis.call('LREM', KEYS[1], 1, id)
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
redis.call('HSET', key, 'st', 'R', 'err', ARGV[5])
redis.call('HDEL', key, 'own')
if ARGV[6] ~= 'none' then
  redis.call('HINCRBY', key, 'n', 1)
end
if ARGV[6] == 'uncertain' then
  redis.call('HINCRBY', key, 'u', 1)
end
redis.call('ZADD', KEYS[2], now + tonumber(ARGV[4]), id)
redis.call('HINCRBY', KEYS[3], 'deferred', 1)
return 1
