-- SPDX-License-Identifier: MIT
-- Records that the relay took the mail, and if asked to begins the oldest ready
-- job in its place: what claim and begin would do next, in one round trip.
-- A 250 is a fact: it is absorbed whatever the record says by now.
-- KEYS p receipts retry dead stat ready
-- ARGV prefix id token ttl_s reply take(0|1) worker
-- Returns {"NONE"} or what begin returns.
--@include begin_job
local prefix, id, token, reply = ARGV[1], ARGV[2], ARGV[3], ARGV[5]
local key = prefix .. 'j:' .. id
redis.call('LREM', KEYS[1], 1, id)
local h = redis.call('HMGET', key, 'st', 'stok', 'n')
local now = now_ms()
if h[1] ~= 'S' then
  local n = (h[3] or 0) + 1
  if h[1] == 'R' then
    redis.call('ZREM', KEYS[3], id)
  elseif h[1] == 'X' then
    redis.call('ZREM', KEYS[4], id)
  end
  -- If it had been reclaimed meanwhile, its next begin finds S and skips.
  -- A hash that once held the body never shrinks: delete and rebuild.
  redis.call('DEL', key)
  redis.call('HSET', key, 'st', 'S', 'stok', token, 'n', n, 'ts', now,
    'rep', reply)
  redis.call('EXPIRE', key, ARGV[4])
  redis.call('RPUSH', KEYS[2], 'S|' .. id .. '|' .. n .. '|' .. now .. '|'
    .. reply)
  redis.call('HINCRBY', KEYS[5], 'sent', 1)
elseif h[2] ~= token then
  redis.call('HINCRBY', KEYS[5], 'sent_twice', 1)
end
if ARGV[6] ~= '1' then
  return {'NONE'}
end
local next_id = redis.call('RPOPLPUSH', KEYS[6], KEYS[1])
if not next_id then
  return {'NONE'}
end
return begin_job(prefix, KEYS[1], next_id, ARGV[7], now)
