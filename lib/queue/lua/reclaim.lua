-- SPDX-License-Identifier: MIT
-- Returns what a dead or stopped worker left in its list.
-- KEYS p ready ready:bulk retry dead receipts stat
-- ARGV prefix worker crashed take_dot max_crashes max_uncertain
--      crash_pause_ms uncertain_pause_ms hold_kinds
-- Returns {queued, unsent, uncertain, stale}.
--@include now
--@include story
--@include kinds
redis.call('HDEL', KEYS[7], '_')
local prefix, worker = ARGV[1], ARGV[2]
local crashed, take_dot = ARGV[3] == '1', ARGV[4] == '1'
local result = {0, 0, 0, 0}
local ids = redis.call('LRANGE', KEYS[1], 0, -1)
if #ids == 0 then
  return result
end
local now = now_ms()

local function bury(id, key, n, reason)
  redis.call('HSET', key, 'st', 'X', 'ts', now, 'rep', reason)
  redis.call('ZADD', KEYS[5], now, id)
  redis.call('RPUSH', KEYS[6], 'X|' .. id .. '|' .. n .. '|' .. now .. '|'
    .. reason)
  redis.call('HINCRBY', KEYS[7], 'dead', 1)
end

local function set_aside(id, key, pause_ms, reason)
  redis.call('HSET', key, 'st', 'R', 'err', reason)
  redis.call('ZADD', KEYS[4], now + pause_ms, id)
end

local function requeue(id, key, lane)
  redis.call('HSET', key, 'st', 'Q')
  redis.call('RPUSH', lane == 'b' and KEYS[3] or KEYS[2], id)
end

-- Takes the job from the worker: the new token fences it off (invariant 10).
local function take_away(id, key, story, said)
  redis.call('LREM', KEYS[1], 1, id)
  redis.call('HINCRBY', key, 'tok', 1)
  redis.call('HDEL', key, 'own')
  redis.call('HSET', key, 'at', story_add(story, now, worker, said))
end

-- Certainly not sent (invariant 9).
local function take_unsent(id, key, h)
  if not crashed then
    take_away(id, key, h[5], 'reclaimed||||its worker went away')
    requeue(id, key, h[4])
    return
  end
  take_away(id, key, h[5], 'crashed||||its worker died')
  local c = redis.call('HINCRBY', key, 'c', 1)
  if c >= tonumber(ARGV[5]) then
    bury(id, key, h[3] or 0, 'poison: ' .. c .. ' workers crashed on it')
  elseif c == 1 then
    -- One death is more often the machine's fault than the job's.
    requeue(id, key, h[4])
  else
    set_aside(id, key, tonumber(ARGV[7]) * 2 ^ (c - 2), 'worker crashed')
  end
end

-- Maybe sent.
local function take_uncertain(id, key, h)
  take_away(id, key, h[5], 'uncertain||dot||its worker died after the dot')
  redis.call('HINCRBY', KEYS[7], 'uncertain', 1)
  local n = redis.call('HINCRBY', key, 'n', 1)
  local u = redis.call('HINCRBY', key, 'u', 1)
  if kind_is_in(ARGV[9], h[6] or '') then
    bury(id, key, n, 'uncertain: held, maybe sent')
  elseif u > tonumber(ARGV[6]) then
    bury(id, key, n, 'uncertain: maybe sent ' .. u .. ' times')
  else
    set_aside(id, key, tonumber(ARGV[8]), 'worker died after the dot')
  end
end

for i = 1, #ids do
  local id = ids[i]
  local key = prefix .. 'j:' .. id
  local h = redis.call('HMGET', key, 'st', 'own', 'n', 'l', 'at', 'k')
  local st, mine = h[1], h[2] == worker
  if st == 'Q' then
    redis.call('LREM', KEYS[1], 1, id)
    requeue(id, key, h[4])
    result[1] = result[1] + 1
  elseif st == 'P' and mine then
    take_unsent(id, key, h)
    result[2] = result[2] + 1
  elseif st == 'D' and mine then
    if take_dot then
      take_uncertain(id, key, h)
      result[3] = result[3] + 1
    end
  else
    -- Final, set aside, or another's: this occurrence means nothing.
    redis.call('LREM', KEYS[1], 1, id)
    result[4] = result[4] + 1
  end
end
return result
