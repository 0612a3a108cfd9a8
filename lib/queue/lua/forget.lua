-- SPDX-License-Identifier: MIT
-- Counts an instance's lists that hold jobs, and forgets the instance if asked
-- to, but never while there is one: nobody would sweep it any more.
-- KEYS inst replayed
-- ARGV prefix instance slots forget(0|1)
local busy = 0
for slot = 0, tonumber(ARGV[3]) - 1 do
  if redis.call('EXISTS', ARGV[1] .. 'p:' .. ARGV[2] .. ':' .. slot) == 1 then
    busy = busy + 1
  end
end
if busy == 0 and ARGV[4] == '1' then
  redis.call('HDEL', KEYS[1], ARGV[2])
  redis.call('HDEL', KEYS[2], ARGV[2])
end
return busy
