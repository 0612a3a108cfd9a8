-- SPDX-License-Identifier: MIT
-- Reads the epoch, or begins a new one: its absence means that Redis lost its
-- data.
-- KEYS epoch stat
-- ARGV fresh
redis.call('HDEL', KEYS[2], '_')
local epoch = redis.call('GET', KEYS[1])
if not epoch then
  epoch = ARGV[1]
  redis.call('SET', KEYS[1], epoch)
end
return epoch
