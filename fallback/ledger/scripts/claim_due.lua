-- Take due refs, each for a lease: what a dead worker took becomes due again.
-- KEYS  1 due set  2 bell  3 refs that go first, by their score in it (if any); then the others by due time
-- ARGV  1 the caller's time  2 lease (s)  3 how many at most  4 life of the bell (ms)
--       5 how many of those that go first are examined  6 how far Redis' clock may be from the caller's (s)
-- While a shift takes orders no bell is needed; when nothing is left, the next order rings again.
local refs = {}
-- By Redis' clock, unless it has jumped: the caller's continues as before, and is the same for all callers.
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
if math.abs(now - ARGV[1]) > tonumber(ARGV[6]) then now = tonumber(ARGV[1]) end
local due_by, put_off_to = string.format('%.6f', now), string.format('%.6f', now + ARGV[2])
-- Redis allows this write when memory is full, and then the following ones (see commit.lua).
redis.call('DEL', KEYS[2])
local function take(ref)
  redis.call('ZADD', KEYS[1], put_off_to, ref)
  refs[#refs + 1] = ref
end
local most = tonumber(ARGV[3])
if KEYS[3] then
  local first = redis.call('ZRANGEBYSCORE', KEYS[3], due_by, '+inf', 'LIMIT', 0, ARGV[5])
  local due = #first > 0 and redis.call('ZMSCORE', KEYS[1], unpack(first)) or {}
  for i, ref in ipairs(first) do
    if #refs < most and due[i] and tonumber(due[i]) <= tonumber(due_by) then take(ref) end
  end
end
for _, ref in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', due_by, 'LIMIT', 0, most - #refs)) do take(ref) end
if #refs > 0 then redis.call('SET', KEYS[2], 1, 'PX', ARGV[4]) end
return refs
