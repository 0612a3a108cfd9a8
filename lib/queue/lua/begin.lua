-- SPDX-License-Identifier: MIT
-- Starts an attempt on the job that was claimed.
-- KEYS p stat ready ready:bulk paused heldkinds epoch
-- ARGV prefix worker epoch id
-- Returns {"GO", id, token, attempts, crashes, uncertain, admitted, now,
-- envelope}, or {word}: LOST (not in the list), SKIP, UNCERTAIN, PAUSED, EPOCH.
--@include now
--@include begin_job
redis.call('HDEL', KEYS[2], '_')
if ARGV[3] ~= '' and redis.call('GET', KEYS[7]) ~= ARGV[3] then
  return {'EPOCH'}
end
-- Repeated after a lost reply, it must find the same: the only occurrence of
-- the id is dropped only when the record says that it lies elsewhere.
if redis.call('LINDEX', KEYS[1], 0) ~= ARGV[4] then
  return {'LOST'}
end
return begin_job({prefix = ARGV[1], list = KEYS[1], worker = ARGV[2],
  now = now_ms(), ready = KEYS[3], bulk = KEYS[4], heldkinds = KEYS[6],
  paused = pauses(KEYS[5])}, ARGV[4])
