-- SPDX-License-Identifier: MIT
-- Says how an instance is, and reads what is paused.
-- KEYS status stat paused
-- ARGV json ttl_ms
-- Returns the names of the pauses.
redis.call('HDEL', KEYS[2], '_')
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return redis.call('HKEYS', KEYS[3])
