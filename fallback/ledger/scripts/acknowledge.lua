-- Who works on an alert, also when memory is full. Of two people at the same moment the first stays.
-- KEYS  1 alerts  2 acknowledged   ARGV  1 alert  2 when it began, as JSON  3 the acknowledgement
-- Returns the acknowledgement that stands; nothing if no alert of that kind is active that began then
redis.call('PERSIST', KEYS[2])  -- as in write.lua
local memory = cjson.decode(redis.call('GET', KEYS[1]) or '{}')
local told = memory.lasting and memory.lasting[ARGV[1]]
if not told or told.began ~= ARGV[2] then return false end
local taken = redis.call('HGET', KEYS[2], ARGV[1])
if taken and cjson.decode(taken).began == ARGV[2] then return taken end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
return ARGV[3]
