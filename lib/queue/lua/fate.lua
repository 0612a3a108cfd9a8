-- SPDX-License-Identifier: MIT
-- Notes what became of a mail after a server had taken it, and tells the
-- producer, who may know the mail longer than we do.
-- KEYS receipts stat
-- ARGV prefix id fate sure(0|1) weight text receipts_max
-- Returns 1 if that is news, 0 if there is no record, or one that says more.
--@include now
--@include story
local id, fate, sure, text = ARGV[2], ARGV[3], ARGV[4], ARGV[6]
local key = ARGV[1] .. 'j:' .. id
redis.call('HDEL', KEYS[2], '_')
local h, now = redis.call('HMGET', key, 'st', 'ft', 'at', 'fg'), now_ms()
-- Its person was erased: no words of a server, which may quote an address.
if h[4] then
  text = ''
end
local news = 0
if h[1] and tonumber(ARGV[5]) > tonumber(string.match(h[2] or '0', '^%d+')) then
  news = 1
  redis.call('HSET', key,
    'ft', ARGV[5] .. '|' .. fate .. '|' .. sure .. '|'
      .. string.format('%.0f', now),
    'at', story_add(h[3], now, 'report', fate .. '||'
      .. (sure == '1' and 'sure' or 'likely') .. '||' .. text))
end
redis.call('RPUSH', KEYS[1], 'B|' .. id .. '|' .. fate .. '|' .. sure .. '|'
  .. string.format('%.0f', now) .. '|' .. text)
-- Anybody can send reports, also while nobody takes receipts.
redis.call('LTRIM', KEYS[1], -tonumber(ARGV[7]), -1)
return news
