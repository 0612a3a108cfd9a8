-- SPDX-License-Identifier: MIT
-- Reads the records of some jobs; changes nothing.
-- KEYS retry
-- ARGV prefix id...
-- Returns for each {id, st ("" = no record), k, l, n, c, u, ta, due, ts, own,
-- rl, err, rep, at, b, ft}.
local out = {}
for i = 2, #ARGV do
  local id = ARGV[i]
  local row = redis.call('HMGET', ARGV[1] .. 'j:' .. id, 'st', 'k', 'l', 'n',
    'c', 'u', 'ta', 'due', 'ts', 'own', 'rl', 'err', 'rep', 'at', 'b', 'ft')
  for j = 1, 16 do
    row[j] = row[j] or ''
  end
  if row[1] == 'R' then
    row[8] = redis.call('ZSCORE', KEYS[1], id) or ''
  end
  table.insert(row, 1, id)
  out[i - 1] = row
end
return out
