-- SPDX-License-Identifier: MIT
-- Gives a job back to the front of its lane; nothing is charged.
-- KEYS p ready ready:bulk stat
-- ARGV prefix worker id token said
-- Returns 1, or 0 when fenced off.
--@include now
--@include story
local id, said = ARGV[3], ARGV[5]
local key = ARGV[1] .. 'j:' .. id
redis.call('HDEL', KEYS[4], '_')
local h = redis.call('HMGET', key, 'st', 'tok', 'at', 'l')
if h[1] ~= 'P' and h[1] ~= 'D' or h[2] ~= ARGV[4] then
  return 0
end
redis.call('LREM', KEYS[1], 1, id)
redis.call('HSET', key, 'st', 'Q', 'err', said_text(said), 'at',
  story_add(h[3], now_ms(), ARGV[2], said))
redis.call('HDEL', key, 'own')
redis.call('RPUSH', h[4] == 'b' and KEYS[3] or KEYS[2], id)
redis.call('HINCRBY', KEYS[4], 'released', 1)
return 1
