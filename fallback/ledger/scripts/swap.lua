-- Write a value if the one that was read still stands.
-- KEYS  1 value   ARGV  1 what was read ('' for nothing)  2 new value  3 life (ms)   Answers 1 if it is written
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
