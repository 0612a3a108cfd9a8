-- SPDX-License-Identifier: MIT
-- Takes a batch of verdicts into the producer's in-flight list; a batch that
-- was not finished comes again.
-- KEYS receipts receipts:p
-- ARGV max
if redis.call('EXISTS', KEYS[2]) == 1 then
  return redis.call('LRANGE', KEYS[2], 0, -1)
end
local batch = redis.call('LRANGE', KEYS[1], 0, tonumber(ARGV[1]) - 1)
if #batch == 0 then
  return batch
end
redis.call('LTRIM', KEYS[1], #batch, -1)
redis.call('RPUSH', KEYS[2], unpack(batch))
return batch
