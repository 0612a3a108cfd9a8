-- SPDX-License-Identifier: MIT
-- Returns what a dead or stopped worker left in its list.
-- KEYS p ready retry dead receipts stat
-- ARGV prefix worker crashed take_dot max_crashes max_uncertain
--      crash_pause_ms uncertain_pause_ms
-- Returns {queued, unsent, uncertain, stale}.
redis.call('HDEL', KEYS[6], '_')
local prefix, worker = ARGV[1], ARGV[2]
local crashed, take_dot = ARGV[3] == '1', ARGV[4] == '1'
local result = {0, 0, 0, 0}
local ids = redis.call('LRANGE', KEYS[1], 0, -1)
if #ids == 0 then
  return result
end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)

local function bury(id, key, n, reason)
  redis.call('HSET', key, 'st', 'X', 'ts', now, 'rep', reason)
  redis.call('ZADD', KEYS[4], now, id)
  redis.call('RPUSH', KEYS[5], 'X|' .. id .. '|' .. n .. '|' .. now .. '|'
    .. reason)
  redis.call('HINCRBY', KEYS[6], 'dead', 1)
end

local function set_aside(id, key, pause_ms, reason)
  redis.call('HSET', key, 'st', 'R', 'err', reason)
  redis.call('ZADD', KEYS[3], now + pause_ms, id)
end

local function requeue(id, key)
  redis.call('HSET', key, 'st', 'Q')
  redis.call('RPUSH', KEYS[2], id)
end

for i = 1, #ids do
  local id = ids[i]
  local key = prefix .. 'j:' .. id
  local h = redis.call('HMGET', key, 'st', 'own', 'n')
  local st, mine, n = h[1], h[2] == worker, h[3] or 0
  if st == 'Q' then
    redis.call('LREM', KEYS[1], 1, id)
    redis.call('RPUSH', KEYS[2], id)
    result[1] = result[1] + 1
  elseif st == 'P' and mine then
    -- Certainly not sent (I5); the new token fences the old worker off (I6).
    redis.call('LREM', KEYS[1], 1, id)
    redis.call('HINCRBY', key, 'tok', 1)
    redis.call('HDEL', key, 'own')
    if crashed then
      local c = redis.call('HINCRBY', key, 'c', 1)
      if c >= tonumber(ARGV[5]) then
        bury(id, key, n, 'poison: ' .. c .. ' workers crashed on it')
      elseif c == 1 then
        -- One death is more often the machine's fault than the job's.
        requeue(id, key)
      else
        set_aside(id, key, tonumber(ARGV[7]) * 2 ^ (c - 2), 'worker crashed')
      end
    else
      requeue(id, key)
    end
    result[2] = result[2] + 1
  elseif st == 'D' and mine then
    if take_dot then
      redis.call('LREM', KEYS[1], 1, id)
      redis.call('HINCRBY', key, 'tok', 1)
      redis.call('HDEL', key, 'own')
      redis.call('HINCRBY', KEYS[6], 'uncertain', 1)
      n = redis.call('HINCRBY', key, 'n', 1)
      local u = redis.call('HINCRBY', key, 'u', 1)
      if u > tonumber(ARGV[6]) then
        bury(id, key, n, 'uncertain: maybe sent ' .. u .. ' times')
      else
        set_aside(id, key, tonumber(ARGV[8]), 'worker died after the dot')
      end
      result[3] = result[3] + 1
    end
  else
    -- Final, set aside, or another's: this occurrence means nothing.
    redis.call('LREM', KEYS[1], 1, id)
    result[4] = result[4] + 1
  end
end
return result
