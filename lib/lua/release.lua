-- SPDX-License-Identifier: MIT
-- Gives a job back to the front of ready; nothing is charged.
-- KEYS p ready stat
-- ARGV prefix id token
-- Returns 1, or 0 when fenced off.
local id = ARGV[2]
local key = ARGV[1] .. 'j:' .. id
redis.call('HDEL', KEYS[3], '_')
local h = redis.call('HMGET', key, 'st', 'tok')
if h[1] ~= 'P' and h[1] ~= 'D' or h[2] ~= ARGV[3] then
  return 0
end
redis.call('LREM', KEYS[1], 1, id)
redis.call('HSET', key, 'st', 'Q')
redis.call('HDEL', key, 'own')
redis.call('RPUSH', KEYS[2], id)
redis.call('HINCRBY', KEYS[3], 'released', 1)
return 1
