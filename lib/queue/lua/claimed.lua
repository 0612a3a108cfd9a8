-- SPDX-License-Identifier: MIT
-- Names the jobs in the hands of an instance's workers; changes nothing.
-- KEYS inst
-- ARGV prefix instance slots
local out = {}
for slot = 0, tonumber(ARGV[3]) - 1 do
  local list = ARGV[1] .. 'p:' .. ARGV[2] .. ':' .. slot
  for _, id in ipairs(redis.call('LRANGE', list, 0, 9)) do
    out[#out + 1] = id
  end
end
return out
