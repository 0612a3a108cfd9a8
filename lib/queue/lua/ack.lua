-- SPDX-License-Identifier: MIT
-- Records that the relay took the mail, and if asked to claims and begins the
-- next job in its place, in one round trip.
-- A 250 is a fact: it is absorbed whatever the record says by now.
-- KEYS p stat ready ready:bulk paused heldkinds epoch receipts retry dead
-- ARGV prefix worker epoch share id token ttl_s said take(0|1)
-- Returns {"NONE"} or what claim returns.
--@include now
--@include story
--@include begin_job
--@include take_next
local prefix, id, token = ARGV[1], ARGV[5], ARGV[6]
local relay, reply = string.match(ARGV[8],
  '^[^|]*|([^|]*)|[^|]*|[^|]*|(.*)$')
local key = prefix .. 'j:' .. id
redis.call('LREM', KEYS[1], 1, id)
local h = redis.call('HMGET', key, 'st', 'stok', 'n', 'k', 'at')
local now = now_ms()
if h[1] ~= 'S' then
  local n = (h[3] or 0) + 1
  if h[1] == 'R' then
    redis.call('ZREM', KEYS[9], id)
  elseif h[1] == 'X' then
    redis.call('ZREM', KEYS[10], id)
  end
  -- If it had been reclaimed meanwhile, or is held, its next begin finds S and
  -- skips.
  -- What a report said of an earlier, uncertain send; then there is a story.
  local fate = h[5] and redis.call('HGET', key, 'ft')
  -- A hash that once held the body never shrinks: delete and rebuild.
  redis.call('DEL', key)
  redis.call('HSET', key, 'st', 'S', 'stok', token, 'n', n, 'ts', now,
    'rep', reply, 'own', ARGV[2], 'rl', relay, 'k', h[4] or '')
  if h[5] then
    redis.call('HSET', key, 'at', story_add(h[5], now, ARGV[2], ARGV[8]))
  end
  if fate then
    redis.call('HSET', key, 'ft', fate)
  end
  redis.call('EXPIRE', key, ARGV[7])
  redis.call('RPUSH', KEYS[8], 'S|' .. id .. '|' .. n .. '|' .. now .. '|'
    .. reply)
  redis.call('HINCRBY', KEYS[2], 'sent', 1)
elseif h[2] ~= token then
  redis.call('HINCRBY', KEYS[2], 'sent_twice', 1)
end
if ARGV[9] ~= '1' then
  return {'NONE'}
end
return take_next({prefix = prefix, list = KEYS[1], worker = ARGV[2],
  now = now, stat = KEYS[2], ready = KEYS[3], bulk = KEYS[4],
  pausedkey = KEYS[5], heldkinds = KEYS[6], share = ARGV[4]},
  KEYS[7], ARGV[3])
