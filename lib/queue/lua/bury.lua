-- SPDX-License-Identifier: MIT
-- Makes a job a dead letter and tells the producer.
-- KEYS p dead receipts stat
-- ARGV prefix worker id token said reason
-- Returns 1, or 0 when fenced off.
--@include now
--@include story
local id, reason = ARGV[3], ARGV[6]
local key = ARGV[1] .. 'j:' .. id
redis.call('HDEL', KEYS[4], '_')
local h = redis.call('HMGET', key, 'st', 'tok', 'n', 'at')
if (h[1] ~= 'P' and h[1] ~= 'D') or h[2] ~= ARGV[4] then
  return 0
end
redis.call('LREM', KEYS[1], 1, id)
local now = now_ms()
local n = (h[3] or 0) + 1
redis.call('HSET', key, 'st', 'X', 'n', n, 'ts', now, 'rep', reason, 'at',
  story_add(h[4], now, ARGV[2], ARGV[5]))
redis.call('HDEL', key, 'own')
redis.call('ZADD', KEYS[2], now, id)
redis.call('RPUSH', KEYS[3], 'X|' .. id .. '|' .. n .. '|' .. now .. '|'
  .. reason)
redis.call('HINCRBY', KEYS[4], 'dead', 1)
return 1
