-- SPDX-License-Identifier: MIT
-- Registers an instance and says that it lives.
-- KEYS inst stat
-- ARGV instance
-- A plain HINCRBY is refused by a full Redis and every instance would look
-- dead: free something first.
redis.call('HDEL', KEYS[2], '_')
return redis.call('HINCRBY', KEYS[1], ARGV[1], 1)
