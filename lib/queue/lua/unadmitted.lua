-- SPDX-License-Identifier: MIT
-- Finds the envelope of a job that has no record yet; changes nothing.
-- KEYS intake intake:bulk
-- ARGV scan_max id
-- Returns the envelope, or nil.
local id = ARGV[2]
for i = 1, #KEYS do
  if redis.call('LLEN', KEYS[i]) <= tonumber(ARGV[1]) then
    for _, text in ipairs(redis.call('LRANGE', KEYS[i], 0, -1)) do
      if string.find(text, id, 1, true) then
        local ok, job = pcall(cjson.decode, text)
        if ok and type(job) == 'table' and job.id == id then
          return text
        end
      end
    end
  end
end
return false
