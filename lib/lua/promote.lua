-- SPDX-License-Identifier: MIT
-- Moves retries that are due to ready.
-- KEYS retry ready stat
-- ARGV prefix max
redis.call('HDEL', KEYS[3], '_')	-- frees memory first: works when full
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now,
  'LIMIT', 0, tonumber(ARGV[2]))
for i = 1, #ids do
  redis.call('ZREM', KEYS[1], ids[i])
  local key = ARGV[1] .. 'j:' .. ids[i]
  if redis.call('HGET', key, 'st') == 'R' then
    redis.call('HSET', key, 'st', 'Q')
    redis.call('LPUSH', KEYS[2], ids[i])
  end
end
return #ids
