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
local now = now_text()
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
local text_max = tonumber(ARGV[9])
local function cut(text)
  return #text > text_max and string.sub(text, 1, text_max) or text
end

local function set_aside_malformed(text)
  redis.call('RPUSH', KEYS[4], cut(text))
  redis.call('LTRIM', KEYS[4], -tonumber(ARGV[4]), -1)
  malformed = malformed + 1
end

local function is_id(id)
  return #id >= 1 and #id <= 64 and not string.find(id, '[^%w_.-]')
end

local function is_kind(kind)
  return #kind <= 64 and not string.find(kind, '[^a-z0-9_.-]')
end

-- Does the job's own "not before" lie ahead?  One that contradicts itself goes
-- to a worker at once, who says so.
local function is_early(job)
  return type(job.nb) == 'number' and job.nb > tonumber(now)
    and job.nb < 2 ^ 53
    and not (type(job.na) == 'number' and job.na > 0 and job.na < job.nb)
end

-- The id and kind of an envelope that is written as most are, without reading
-- all of it, which costs more than all else here.  Only if nothing behind can
-- be "nb", not even in disguise; whether it is JSON to its end is then for its
-- worker to say.
local function glance(text)
  local id, kind = string.match(text,
    '^{"v":1,"id":"([%w_.-]+)","kind":"([%w_.-]+)",.*}$')
  if id and is_id(id) and is_kind(kind)
      and not string.find(text, '"nb"', 1, true)
      and not string.find(text, '\\u', 1, true) then
    return id, kind
  end
end

-- Returns the id, "" if there is none, the kind, and its own "not before" if
-- that lies ahead.
local function read(text)
  local id, kind = glance(text)
  if id then
    return id, kind
  end
  local ok, job = pcall(cjson.decode, text)
  if not ok or type(job) ~= 'table' or type(job.id) ~= 'string'
      or not is_id(job.id) then
    return ''
  end
  return job.id, type(job.kind) == 'string' and is_kind(job.kind) and job.kind
    or '', is_early(job) and job.nb
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

-- Which of these envelopes are to become jobs, in their order.  None is written
-- yet; seen are the ids of this batch, and any is whether one of them may have
-- a record.
local function choose(batch, queued)
  local jobs, keys, seen = {}, {}, {}
  for i = 1, #batch do
    local id, kind, nb = read(batch[i])
    if id == '' then
      set_aside_malformed(batch[i])
    else
      local key = prefix .. 'j:' .. id
      keys[#keys + 1] = key
      jobs[#jobs + 1] = {id = id, key = key, kind = kind, nb = nb,
        text = batch[i]}
    end
  end
  local any = #keys > 0 and redis.call('EXISTS', unpack(keys)) > 0
  local fresh = {}
  for _, job in ipairs(jobs) do
    local st = seen[job.id] or any and redis.call('HGET', job.key, 'st')
    job.bulk = ARGV[7] ~= '' and kind_is_in(ARGV[7], job.kind)
    if st then
      drop_double(job.key, st, job.id)
    elseif job.bulk and not queued and (waiting > 0 or room <= 0) then
      redis.call('RPUSH', KEYS[9], job.text)
      waiting = waiting + 1
    else
      seen[job.id] = 'Q'
      fresh[#fresh + 1] = job
      if job.bulk then
        room = room - 1
      end
    end
  end
  return fresh
end

local function admit(batch, queued)
  local fresh, lanes = choose(batch, queued), {{}, {}}
  for _, job in ipairs(fresh) do
    if not job.nb then
      table.insert(lanes[job.bulk and 2 or 1], job.id)
    end
  end
  -- First the places: should a record be refused, its id means nothing there,
  -- while a record without a place would wait for ever.
  for i, lane in ipairs({KEYS[2], KEYS[8]}) do
    if #lanes[i] > 0 then
      redis.call('LPUSH', lane, unpack(lanes[i]))
    end
  end
  for _, job in ipairs(fresh) do
    redis.call('HSET', job.key, 'st', job.nb and 'R' or 'Q', 'n', '0',
      'ta', now, 'k', job.kind, 'b', cut(job.text))
    if job.bulk then
      redis.call('HSET', job.key, 'l', 'b')
    end
    if job.nb then
      redis.call('ZADD', KEYS[7], job.nb, job.id)
    end
  end
  admitted = admitted + #fresh
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
  admit(batch, true)
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
  admit(batch, false)
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
