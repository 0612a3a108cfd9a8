-- SPDX-License-Identifier: MIT
-- Ends a job that waits as a dead letter and tells the producer: the
-- operator's word.
-- KEYS ready ready:bulk retry dead receipts stat
-- ARGV prefix id reason verdict
-- Returns 1, or 0 if it does not wait.
--@include now
--@include story
local id, reason = ARGV[2], ARGV[3]
local key = ARGV[1] .. 'j:' .. id
redis.call('HDEL', KEYS[6], '_')
local h = redis.call('HMGET', key, 'st', 'l', 'k', 'n', 'at')
if h[1] == 'Q' then
  -- Of a bulk job the id may stand in ready; of a claimed one in a worker's
  -- list, whose begin then finds X and drops it.
  if redis.call('LREM', KEYS[1], -1, id) == 0 then
    redis.call('LREM', KEYS[2], -1, id)
  end
elseif h[1] == 'R' then
  redis.call('ZREM', KEYS[3], id)
elseif h[1] == 'H' then
  redis.call('LREM', ARGV[1] .. 'held:' .. h[3], 1, id)
else
  return 0
end
local now, n = now_ms(), h[4] or 0
redis.call('HSET', key, 'st', 'X', 'ts', now, 'rep', reason, 'at',
  story_add(h[5], now, 'operator', ARGV[4] .. '||||' .. reason))
redis.call('ZADD', KEYS[4], now, id)
redis.call('RPUSH', KEYS[5], 'X|' .. id .. '|' .. n .. '|' .. now .. '|'
  .. reason)
redis.call('HINCRBY', KEYS[6], ARGV[4], 1)
return 1
