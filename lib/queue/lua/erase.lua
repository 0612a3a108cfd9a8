-- SPDX-License-Identifier: MIT
-- Takes what a job says of people out of the queue: its producer's word.
-- KEYS intake intake:bulk ready ready:bulk retry dead stat
-- ARGV prefix scan_max id
-- Returns 1 (nothing is left of it), 0 (a worker has it, or the intake is too
-- long to look through).  That it was sent is remembered, without words, so
-- that it is not sent again.
local id = ARGV[3]
local key = ARGV[1] .. 'j:' .. id
redis.call('HDEL', KEYS[7], '_')

-- A double may still lie in the intake, whatever the record says.
local too_long = false
for i = 1, 2 do
  if redis.call('LLEN', KEYS[i]) > tonumber(ARGV[2]) then
    too_long = true
  else
    for _, text in ipairs(redis.call('LRANGE', KEYS[i], 0, -1)) do
      if string.find(text, id, 1, true) then
        local ok, job = pcall(cjson.decode, text)
        if ok and type(job) == 'table' and job.id == id then
          redis.call('LREM', KEYS[i], 0, text)
        end
      end
    end
  end
end

local h = redis.call('HMGET', key, 'st', 'k')
local st = h[1]
if st == 'P' or st == 'D' then
  return 0
end
-- All its occurrences; one that is in no lane was claimed and not begun.
if st == 'Q' and redis.call('LREM', KEYS[3], 0, id)
    + redis.call('LREM', KEYS[4], 0, id) == 0 then
  return 0
end
if st == 'S' then
  redis.call('HDEL', key, 'at')
  redis.call('HSET', key, 'rep', '', 'fg', 1)
elseif st then
  if st == 'R' then
    redis.call('ZREM', KEYS[5], id)
  elseif st == 'H' then
    redis.call('LREM', ARGV[1] .. 'held:' .. h[2], 0, id)
  elseif st == 'X' then
    redis.call('ZREM', KEYS[6], id)
  end
  redis.call('DEL', key)
  redis.call('HINCRBY', KEYS[7], 'erased', 1)
end
return too_long and 0 or 1
