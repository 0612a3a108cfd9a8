-- SPDX-License-Identifier: MIT
-- How old the oldest job of each place is; changes nothing.
-- KEYS ready ready:bulk retry dead
-- ARGV prefix
-- Returns {ready, bulk, retry, dead} in ms, 0 = none.
--@include now
local now, out = now_ms(), {0, 0, 0, 0}
for i = 1, 2 do
  local id = redis.call('LINDEX', KEYS[i], -1)
  local ta = id and redis.call('HGET', ARGV[1] .. 'j:' .. id, 'ta')
  if ta then
    out[i] = math.max(0, now - ta)
  end
end
for i = 3, 4 do
  local first = redis.call('ZRANGE', KEYS[i], 0, 0, 'WITHSCORES')
  if first[2] then
    out[i] = math.max(0, now - first[2])
  end
end
return out
