-- SPDX-License-Identifier: MIT
-- The claim when BRPOPLPUSH is refused because Redis is full.
-- KEYS ready p
local id = redis.call('RPOP', KEYS[1])
if id then
  redis.call('LPUSH', KEYS[2], id)
end
return id
