-- SPDX-License-Identifier: MIT
-- Moves to ready what may be sent now: retries that are due, then a batch from
-- the intake, read, checked and without doubles.
-- KEYS intake ready receipts malformed stat epoch retry
-- ARGV prefix max window malformed_max epoch receipts_max
-- Returns {taken, admitted, doubled, malformed, promoted}; taken is -1 if Redis
-- is not in the epoch that the caller knows.
-- FIFO: the intake's head is the oldest; it is pushed first at the head of
-- ready, whose tail is taken first.
local prefix, max = ARGV[1], tonumber(ARGV[2])
if redis.call('GET', KEYS[6]) ~= ARGV[5] then
  return {-1, 0, 0, 0, 0}
end
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local due = redis.call('ZRANGEBYSCORE', KEYS[7], '-inf', now, 'LIMIT', 0, max)
for i = 1, #due do
  -- The first write frees memory, so the script runs in a full Redis, too (I8).
  redis.call('ZREM', KEYS[7], due[i])
  local key = prefix .. 'j:' .. due[i]
  if redis.call('HGET', key, 'st') == 'R' then
    redis.call('HSET', key, 'st', 'Q')
    redis.call('LPUSH', KEYS[2], due[i])
  end
end
if redis.call('LLEN', KEYS[2]) >= tonumber(ARGV[3]) then
  return {0, 0, 0, 0, #due}
end
local batch = redis.call('LRANGE', KEYS[1], 0, max - 1)
if #batch == 0 then
  return {0, 0, 0, 0, #due}
end
redis.call('LTRIM', KEYS[1], #batch, -1)
-- Where nobody reads receipts they must not fill Redis; losing some is harmless
-- (I15).
redis.call('LTRIM', KEYS[3], -tonumber(ARGV[6]), -1)
local admitted, doubled, malformed = 0, 0, 0
for i = 1, #batch do
  local ok, job = pcall(cjson.decode, batch[i])
  if not ok or type(job) ~= 'table' or type(job.id) ~= 'string'
      or #job.id < 1 or #job.id > 64 or string.find(job.id, '[^%w_.-]') then
    redis.call('RPUSH', KEYS[4], batch[i])
    redis.call('LTRIM', KEYS[4], -tonumber(ARGV[4]), -1)
    malformed = malformed + 1
  else
    local key = prefix .. 'j:' .. job.id
    local st = redis.call('HGET', key, 'st')
    if not st then
      redis.call('HSET', key, 'st', 'Q', 'n', 0, 'ta', now, 'b', batch[i])
      redis.call('LPUSH', KEYS[2], job.id)
      admitted = admitted + 1
    else
      if st == 'S' or st == 'X' then
        -- The producer does not know yet: tell it again.
        local h = redis.call('HMGET', key, 'n', 'ts', 'rep')
        redis.call('RPUSH', KEYS[3], st .. '|' .. job.id .. '|' .. (h[1] or 0)
          .. '|' .. (h[2] or 0) .. '|' .. (h[3] or ''))
      end
      doubled = doubled + 1
    end
  end
end
redis.call('HINCRBY', KEYS[5], 'admitted', admitted)
if doubled > 0 then
  redis.call('HINCRBY', KEYS[5], 'doubled', doubled)
end
if malformed > 0 then
  redis.call('HINCRBY', KEYS[5], 'malformed', malformed)
end
return {#batch, admitted, doubled, malformed, #due}
