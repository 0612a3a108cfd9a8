-- SPDX-License-Identifier: MIT
-- Moves to the lanes what may be sent now: retries that are due, held jobs whose
-- kind is no longer paused, then batches from the intake, read, checked and
-- without doubles.
-- KEYS intake ready receipts malformed stat epoch retry ready:bulk intake:bulk
--      paused heldkinds
-- ARGV prefix max window malformed_max epoch receipts_max bulk_kinds idle
--      text_max
-- Returns {taken, admitted, doubled, malformed, promoted}; taken is -1 if Redis
-- is not in the epoch that the caller knows.
-- FIFO: the intake's head is the oldest; it is pushed first at the head of
-- ready, whose tail is taken first.
--@include now
--@include kinds
local prefix, max, window = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
if redis.call('GET', KEYS[6]) ~= ARGV[5] then
  return {-1, 0, 0, 0, 0}
end
-- The first write frees memory, so the script runs in a full Redis, too
-- (invariant 14).
redis.call('HDEL', KEYS[5], '_')
local now = now_ms()
local admitted, doubled, malformed, promoted = 0, 0, 0, 0

-- Back to a lane, behind what waits there, if the record still agrees.
local function promote(id, from)
  local key = prefix .. 'j:' .. id
  local h = redis.call('HMGET', key, 'st', 'l')
  if h[1] == from then
    redis.call('HSET', key, 'st', 'Q')
    redis.call('LPUSH', h[2] == 'b' and KEYS[8] or KEYS[2], id)
  end
  promoted = promoted + 1
end

-- Kept for weeks, but never sent: of what is longer than an envelope may be, as
-- much as shows that it is.
local function cut(text)
  return string.sub(text, 1, tonumber(ARGV[9]))
end

local function set_aside_malformed(text)
  redis.call('RPUSH', KEYS[4], cut(text))
  redis.call('LTRIM', KEYS[4], -tonumber(ARGV[4]), -1)
  malformed = malformed + 1
end

-- Does the job's own "not before" lie ahead?  One that contradicts itself goes
-- to a worker at once, who says so.
local function is_early(job)
  return type(job.nb) == 'number' and job.nb > now and job.nb < 2 ^ 53
    and not (type(job.na) == 'number' and job.na > 0 and job.na < job.nb)
end

local function admit_new(key, job, kind, bulk, text)
  redis.call('HSET', key, 'st', 'Q', 'n', 0, 'ta', now, 'k', kind, 'b',
    cut(text))
  if bulk then
    redis.call('HSET', key, 'l', 'b')
  end
  if is_early(job) then
    redis.call('HSET', key, 'st', 'R')
    redis.call('ZADD', KEYS[7], job.nb, job.id)
  else
    redis.call('LPUSH', bulk and KEYS[8] or KEYS[2], job.id)
  end
  admitted = admitted + 1
end

local function drop_double(key, st, id)
  if st == 'S' or st == 'X' then
    -- The producer does not know yet: tell it again.
    local h = redis.call('HMGET', key, 'n', 'ts', 'rep')
    redis.call('RPUSH', KEYS[3], st .. '|' .. id .. '|' .. (h[1] or 0) .. '|'
      .. (h[2] or 0) .. '|' .. (h[3] or ''))
  end
  doubled = doubled + 1
end

-- May another bulk job be admitted?  While its lane is full the rest waits, as
-- it came, in a list of its own: it must not hold up the other lane.
local waiting = redis.call('LLEN', KEYS[9])
local room = window - redis.call('LLEN', KEYS[8])

local function admit(text, queued)
  local ok, job = pcall(cjson.decode, text)
  if not ok or type(job) ~= 'table' or type(job.id) ~= 'string'
      or #job.id < 1 or #job.id > 64 or string.find(job.id, '[^%w_.-]') then
    return set_aside_malformed(text)
  end
  local kind = type(job.kind) == 'string' and #job.kind <= 64
    and not string.find(job.kind, '[^a-z0-9_.-]') and job.kind or ''
  local key = prefix .. 'j:' .. job.id
  local st = redis.call('HGET', key, 'st')
  if st then
    return drop_double(key, st, job.id)
  end
  local bulk = ARGV[7] ~= '' and kind_is_in(ARGV[7], kind)
  if bulk and not queued and (waiting > 0 or room <= 0) then
    redis.call('RPUSH', KEYS[9], text)
    waiting = waiting + 1
    return
  end
  admit_new(key, job, kind, bulk, text)
  if bulk then
    room = room - 1
  end
end

local due = redis.call('ZRANGEBYSCORE', KEYS[7], '-inf', now, 'LIMIT', 0, max)
for i = 1, #due do
  redis.call('ZREM', KEYS[7], due[i])
  promote(due[i], 'R')
end
for _, kind in ipairs(redis.call('SMEMBERS', KEYS[11])) do
  local held = prefix .. 'held:' .. kind
  if promoted < max
      and redis.call('HEXISTS', KEYS[10], 'kind:' .. kind) == 0 then
    local ids = redis.call('LRANGE', held, 0, max - promoted - 1)
    redis.call('LTRIM', held, #ids, -1)
    for i = 1, #ids do
      promote(ids[i], 'H')
    end
    if redis.call('EXISTS', held) == 0 then
      redis.call('SREM', KEYS[11], kind)
    end
  end
end
if waiting > 0 and room > 0 then
  local batch = redis.call('LRANGE', KEYS[9], 0, math.min(max, room) - 1)
  redis.call('LTRIM', KEYS[9], #batch, -1)
  waiting = waiting - #batch
  promoted = promoted + #batch
  for i = 1, #batch do
    admit(batch[i], true)
  end
end

local batch = {}
if redis.call('LLEN', KEYS[2]) < window then
  batch = redis.call('LRANGE', KEYS[1], 0, max - 1)
end
if #batch > 0 then
  redis.call('LTRIM', KEYS[1], #batch, -1)
  -- Where nobody reads receipts they must not fill Redis; losing some is
  -- harmless (invariant 7).
  redis.call('LTRIM', KEYS[3], -tonumber(ARGV[6]), -1)
  for i = 1, #batch do
    admit(batch[i], false)
  end
end

-- Idle workers wait for ready only.  "!" is no job: it wakes one, which drops it
-- and then looks at both lanes.
local idle = math.min(tonumber(ARGV[8]), redis.call('LLEN', KEYS[8]))
if idle > 0 and redis.call('EXISTS', KEYS[2]) == 0
    and redis.call('HEXISTS', KEYS[10], 'queue') == 0
    and redis.call('HEXISTS', KEYS[10], 'lane:bulk') == 0 then
  for _ = 1, idle do
    redis.call('LPUSH', KEYS[2], '!')
  end
end
for name, count in pairs({admitted = admitted, doubled = doubled,
    malformed = malformed}) do
  if count > 0 then
    redis.call('HINCRBY', KEYS[5], name, count)
  end
end
return {#batch, admitted, doubled, malformed, promoted}
