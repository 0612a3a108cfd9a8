-- SPDX-License-Identifier: MIT
-- The last gate before the final dot: from here on the job is maybe sent.
-- KEYS j
-- ARGV token
-- Returns 1 (send it) or 0 (another worker has it).  Repeated after a lost
-- reply it says 1 again: nothing was sent in between.
redis.call('HDEL', KEYS[1], '_')
local h = redis.call('HMGET', KEYS[1], 'st', 'tok')
if h[2] ~= ARGV[1] then
  return 0
end
if h[1] == 'P' then
  redis.call('HSET', KEYS[1], 'st', 'D')
  return 1
end
return h[1] == 'D' and 1 or 0
