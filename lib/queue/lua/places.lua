-- SPDX-License-Identifier: MIT
-- Counts the jobs of every place at one moment; changes nothing.
-- KEYS intake intake:bulk ready ready:bulk retry dead malformed receipts
--      heldkinds inst
-- ARGV prefix slots
-- Returns {intake, ready, bulk, in hand, retry, due, held, dead, malformed,
-- receipts}.
--@include now
local prefix, held, in_hand = ARGV[1], 0, 0
for _, kind in ipairs(redis.call('SMEMBERS', KEYS[9])) do
  held = held + redis.call('LLEN', prefix .. 'held:' .. kind)
end
for _, instance in ipairs(redis.call('HKEYS', KEYS[10])) do
  for slot = 0, tonumber(ARGV[2]) - 1 do
    in_hand = in_hand
      + redis.call('LLEN', prefix .. 'p:' .. instance .. ':' .. slot)
  end
end
return {
  redis.call('LLEN', KEYS[1]) + redis.call('LLEN', KEYS[2]),
  redis.call('LLEN', KEYS[3]), redis.call('LLEN', KEYS[4]), in_hand,
  redis.call('ZCARD', KEYS[5]),
  redis.call('ZCOUNT', KEYS[5], '-inf', now_ms()), held,
  redis.call('ZCARD', KEYS[6]), redis.call('LLEN', KEYS[7]),
  redis.call('LLEN', KEYS[8]),
}
