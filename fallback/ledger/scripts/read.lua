-- Reads many values at one moment, also when memory is full: Redis then refuses MULTI, whatever follows it.
-- KEYS  one for each read
-- ARGV  for each read: how many words, the command, its arguments
-- Returns what each command returns
local found, at = {}, 1
for i = 1, #KEYS do
  local words = tonumber(ARGV[at])
  found[i] = redis.call(ARGV[at + 1], KEYS[i], unpack(ARGV, at + 2, at + words))
  at = at + words + 1
end
return found
