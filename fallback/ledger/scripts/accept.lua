-- Capture a new order: all or nothing, and idempotent.
-- KEYS  1 idempotency key  2 cart  3 order  4 sequence  then ARGV[8] indexes by sequence, then pairs of due set and bell
-- ARGV  1 ref  2 what to remember under the key  3 its life (ms)  4 document  5 personal data  6 timeline
--       7 life of a bell (ms)  8 number of indexes  then one due time for each due set
-- Returns {'key', what was remembered} | {'cart', ref that holds it} | {'ref'}: another order has it
--         | {'accepted', 0 or 1 for each bell: ring it}
local function known(how, what)
  -- Since Redis 8, and in Valkey, WAIT returns at once if the connection has only read: what is read here was captured
  -- by another connection, and may not be on a replica yet. PUBLISH is replicated, works without free memory and writes
  -- nothing.
  redis.call('PUBLISH', 'replayed', '')
  return {how, what}
end
local before = redis.call('GET', KEYS[1])
if before then return known('key', before) end
local holder = redis.call('GET', KEYS[2])
if holder then return known('cart', holder) end
if redis.call('EXISTS', KEYS[3]) == 1 then return {'ref'} end

-- INCR is refused when memory is full, and nothing is written before it; Redis refuses nothing after the first write.
local sequence = redis.call('INCR', KEYS[4])
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('SET', KEYS[2], ARGV[1])
redis.call('HSET', KEYS[3], 'v', 1, 'doc', ARGV[4], 'who', ARGV[5], 'log', ARGV[6])
local last_index = 4 + ARGV[8]
for i = 5, last_index do
  redis.call('ZADD', KEYS[i], sequence, ARGV[1])
end
local answer = {'accepted'}
for i = last_index + 1, #KEYS, 2 do
  redis.call('ZADD', KEYS[i], ARGV[8 + #answer], ARGV[1])
  answer[#answer + 1] = redis.call('SET', KEYS[i + 1], 1, 'NX', 'PX', ARGV[7]) and 1 or 0
end
return answer
