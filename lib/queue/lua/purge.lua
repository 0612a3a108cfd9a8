-- SPDX-License-Identifier: MIT
-- Forgets final jobs that ended long ago: dead letters, the oldest first, or,
-- of the ids that are given, those that were sent.
-- KEYS dead stat
-- ARGV prefix older_than_ms max id...
-- Returns how many.
--@include now
local prefix, cutoff, max = ARGV[1], now_ms() - ARGV[2], tonumber(ARGV[3])
local count = 0
redis.call('HDEL', KEYS[2], '_')
if #ARGV == 3 then
  local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', cutoff, 'LIMIT', 0,
    max)
  for i = 1, #ids do
    local key = prefix .. 'j:' .. ids[i]
    redis.call('ZREM', KEYS[1], ids[i])
    if redis.call('HGET', key, 'st') == 'X' then
      redis.call('DEL', key)
    end
    count = count + 1
  end
else
  for i = 4, #ARGV do
    local key = prefix .. 'j:' .. ARGV[i]
    local h = redis.call('HMGET', key, 'st', 'ts')
    if count < max and h[1] == 'S' and tonumber(h[2] or 0) <= cutoff then
      redis.call('DEL', key)
      count = count + 1
    end
  end
end
if count > 0 then
  redis.call('HINCRBY', KEYS[2], 'purged', count)
end
return count
