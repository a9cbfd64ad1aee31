-- Take a free lease, or renew our own; also when memory is full.
-- KEYS  1 lease   ARGV  1 holder  2 life (ms)   Returns 1 if we hold it now
local holder = redis.call('GET', KEYS[1])
if holder == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
if holder then return 0 end
redis.call('DEL', KEYS[1])  -- no key is there; this allows the write when memory is full (see write.lua)
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
