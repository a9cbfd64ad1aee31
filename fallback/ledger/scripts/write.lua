-- A few small writes at once, also when memory is full, if the value that was read is unchanged.
-- KEYS  1 what was read, or any other key  then one key for each write
-- ARGV  1 1 if a value was read, 2 if the first of a list, or 0  2 that value ('' for nothing)  3 its field in a hash, or ''
--       then for each write: how many words, the command, its arguments
-- Returns 1 if it was written
local function stands()
  if ARGV[1] == '2' then return redis.call('LINDEX', KEYS[1], 0) or '' end
  if ARGV[3] == '' then return redis.call('GET', KEYS[1]) or '' end
  return redis.call('HGET', KEYS[1], ARGV[3]) or ''
end
if ARGV[1] ~= '0' and stands() ~= ARGV[2] then return 0 end
-- If the first write is one that Redis allows when memory is full, it allows the following ones too.
redis.call('PERSIST', KEYS[2])
local at = 4
for i = 2, #KEYS do
  local words = tonumber(ARGV[at])
  redis.call(ARGV[at + 1], KEYS[i], unpack(ARGV, at + 2, at + words))
  at = at + words + 1
end
return 1
