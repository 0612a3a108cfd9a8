-- SPDX-License-Identifier: MIT
-- Adds what one instance has counted since its start to what all have counted.
-- KEYS tally told stat
-- ARGV told_ttl_s rows_max (name numbers)...
-- told holds what the instance said last, and only the difference is added: the
-- same said twice counts once, and what Redis lost in a rewind is added again.
redis.call('HDEL', KEYS[3], '_')

local function read(text)
  local numbers = {}
  for number in string.gmatch(text or '', '%d+') do
    numbers[#numbers + 1] = tonumber(number)
  end
  return numbers
end

-- Lua's own text of a large number is not exact.
local function write(numbers)
  local words = {}
  for i = 1, #numbers do
    words[i] = string.format('%.0f', numbers[i])
  end
  return table.concat(words, ' ')
end

-- What was counted before, unless the counting began anew since.
local function before(text, now)
  local numbers = read(text)
  for i = 1, #now do
    if not numbers[i] or numbers[i] > now[i] then
      return {}
    end
  end
  return numbers
end

local room = tonumber(ARGV[2]) - redis.call('HLEN', KEYS[1])
for i = 3, #ARGV, 2 do
  local name, text = ARGV[i], ARGV[i + 1]
  local known = redis.call('HGET', KEYS[1], name)
  local told = redis.call('HGET', KEYS[2], name)
  if not known then
    room = room - 1
  end
  if (known or room >= 0) and not (known and told == text) then
    local now, sums = read(text), read(known)
    local old, any = before(told, now), false
    -- Another number of buckets, of another version: begins anew.
    if #sums ~= #now then
      sums = {}
    end
    for n = 1, #now do
      sums[n] = (sums[n] or 0) + now[n] - (old[n] or 0)
      any = any or now[n] > 0
    end
    redis.call('HSET', KEYS[1], name, write(sums))
    if any then
      redis.call('HSET', KEYS[2], name, text)
    end
  end
end
redis.call('EXPIRE', KEYS[2], ARGV[1])
return 1
