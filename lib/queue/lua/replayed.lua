-- SPDX-License-Identifier: MIT
-- Says that an instance has told again what it sent, to a Redis of this
-- generation.
-- KEYS replayed stat
-- ARGV instance generation
redis.call('HDEL', KEYS[2], '_')
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
