-- SPDX-License-Identifier: MIT
-- Records that the relay took the mail, and if asked to claims and begins the
-- next job in its place, in one round trip.
-- A 250 is a fact: it is absorbed whatever the record says by now.
-- KEYS p
-- ARGV prefix worker epoch share id token ttl_s relay reply said take(0|1)
-- Returns {"NONE"} or what claim returns.
--@include now
--@include story
--@include begin_job
--@include take_next
local prefix, worker, id, token = ARGV[1], ARGV[2], ARGV[5], ARGV[6]
local reply, key, stat = ARGV[9], prefix .. 'j:' .. id, prefix .. 'stat'
-- As a rule it is the only one there, and this costs half as much as LREM.
local last = redis.call('RPOP', KEYS[1])
if last and last ~= id then
  redis.call('RPUSH', KEYS[1], last)
  redis.call('LREM', KEYS[1], 1, id)
end
local h = redis.call('HMGET', key, 'st', 'tok', 'n', 'k', 'at')
local st, now, epoch = h[1], now_text(), ARGV[3]
if st ~= 'S' then
  local n = tostring((h[3] or 0) + 1)
  if st == 'R' then
    redis.call('ZREM', prefix .. 'retry', id)
  elseif st == 'X' then
    redis.call('ZREM', prefix .. 'dead', id)
  elseif st == 'D' and h[2] == token then
    -- Our own record of this attempt: these are the data in which it began, and
    -- then the epoch was looked at.
    epoch = ''
  end
  -- If it had been reclaimed meanwhile, or is held, its next begin finds S and
  -- skips.
  -- What a report said of an earlier, uncertain send; then there is a story.
  local fate = h[5] and redis.call('HGET', key, 'ft')
  -- A hash that once held the body never shrinks: delete and rebuild.
  redis.call('DEL', key)
  redis.call('HSET', key, 'st', 'S', 'stok', token, 'n', n, 'ts', now,
    'rep', reply, 'own', worker, 'rl', ARGV[8], 'k', h[4] or '')
  if h[5] then
    redis.call('HSET', key, 'at', story_add(h[5], now, worker, ARGV[10]))
  end
  if fate then
    redis.call('HSET', key, 'ft', fate)
  end
  redis.call('EXPIRE', key, ARGV[7])
  redis.call('RPUSH', prefix .. 'receipts',
    'S|' .. id .. '|' .. n .. '|' .. now .. '|' .. reply)
  redis.call('HINCRBY', stat, 'sent', 1)
elseif redis.call('HGET', key, 'stok') ~= token then
  redis.call('HINCRBY', stat, 'sent_twice', 1)
end
if ARGV[11] ~= '1' then
  return {'NONE'}
end
return take_next({prefix = prefix, list = KEYS[1], worker = worker, now = now,
  share = ARGV[4]}, epoch)
