-- SPDX-License-Identifier: MIT
-- The last gate before the final dot: from here on the job is maybe sent.
-- KEYS j
-- ARGV token
-- Returns 1 (send it) or 0 (another worker has it).  Repeated after a lost
-- reply it says 1 again: nothing was sent in between.
local h = redis.call('HMGET', KEYS[1], 'st', 'tok')
if h[2] ~= ARGV[1] then
  return 0
end
if h[1] == 'P' then
  -- A full Redis refuses this (an error is a table) until the script has freed
  -- something (invariant 14); one call less in all others.
  if type(redis.pcall('HSET', KEYS[1], 'st', 'D')) == 'table' then
    redis.call('HDEL', KEYS[1], '_')
    redis.call('HSET', KEYS[1], 'st', 'D')
  end
  return 1
end
return h[1] == 'D' and 1 or 0
