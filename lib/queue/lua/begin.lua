-- SPDX-License-Identifier: MIT
-- Starts an attempt on the job that was claimed.
-- KEYS p
-- ARGV prefix worker epoch id
-- Returns {"GO", id, token, attempts, crashes, uncertain, admitted, now,
-- envelope}, or {word}: LOST (not in the list), SKIP, UNCERTAIN, PAUSED, EPOCH.
--@include now
--@include begin_job
local prefix, id = ARGV[1], ARGV[4]
redis.call('HDEL', prefix .. 'stat', '_')
if ARGV[3] ~= '' and redis.call('GET', prefix .. 'epoch') ~= ARGV[3] then
  return {'EPOCH'}
end
-- Repeated after a lost reply, it must find the same: the only occurrence of
-- the id is dropped only when the record says that it lies elsewhere.
if redis.call('LINDEX', KEYS[1], 0) ~= id then
  return {'LOST'}
end
return begin_job({prefix = prefix, list = KEYS[1], worker = ARGV[2],
  now = now_text(), paused = pauses(prefix)}, id)
