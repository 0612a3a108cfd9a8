-- SPDX-License-Identifier: MIT
-- Says of each job what is known of it; changes nothing.
-- KEYS intake intake:bulk
-- ARGV prefix scan_max id...
-- Returns for each id "S|n|ts|rep", "X|n|ts|rep", "L|n|0|", "-" (missing) or "?"
-- (not admitted yet, and the intake is too long to look through).
local out, missing, some = {}, {}, false
for i = 3, #ARGV do
  local h = redis.call('HMGET', ARGV[1] .. 'j:' .. ARGV[i],
    'st', 'n', 'ts', 'rep')
  if h[1] == 'S' or h[1] == 'X' then
    out[i - 2] = h[1] .. '|' .. (h[2] or 0) .. '|' .. (h[3] or 0) .. '|'
      .. (h[4] or '')
  elseif h[1] then
    out[i - 2] = 'L|' .. (h[2] or 0) .. '|0|'
  else
    out[i - 2] = '-'
    missing[ARGV[i]] = i - 2
    some = true
  end
end
if not some then
  return out
end
local len = redis.call('LLEN', KEYS[1]) + redis.call('LLEN', KEYS[2])
if len > tonumber(ARGV[2]) then
  for _, place in pairs(missing) do
    out[place] = '?'
  end
  return out
end
for i = 1, 2 do
  for _, text in ipairs(redis.call('LRANGE', KEYS[i], 0, -1)) do
    local ok, job = pcall(cjson.decode, text)
    if ok and type(job) == 'table' and type(job.id) == 'string'
        and missing[job.id] then
      out[missing[job.id]] = 'L|0|0|'
    end
  end
end
return out
