-- Take what is due, and put each off by a lease: what a dead worker took comes due again by itself.
-- KEYS  1 due set  2 bell   ARGV  1 now  2 now + lease  3 how many at most  4 life of the bell (ms)
-- While somebody takes orders nobody needs to be rung; when nothing is left the next order rings again.
local refs = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
-- Taken when memory is full, and opens the way for the others (see commit.lua).
redis.call('DEL', KEYS[2])
for _, ref in ipairs(refs) do
  redis.call('ZADD', KEYS[1], ARGV[2], ref)
end
if #refs > 0 then redis.call('SET', KEYS[2], 1, 'PX', ARGV[4]) end
return refs
