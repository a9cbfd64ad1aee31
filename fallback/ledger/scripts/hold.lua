-- Take a lease that is free, or renew our own.
-- KEYS  1 lease   ARGV  1 holder  2 life (ms)   Answers 1 if we hold it now
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
