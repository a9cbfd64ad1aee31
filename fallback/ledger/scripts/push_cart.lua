-- Keep a cart that the shop pushed, and the version before it.
-- KEYS  1 the cart  2 how many bytes there are, by the hour in which they expire
-- ARGV  1 print  2 issued at  3 document  4 life (s)  5 most bytes in all
-- Returns 'kept' | 'older': a newer version is there | 'full'
local there = redis.call('HMGET', KEYS[1], 'print', 'issued_at', 'doc', 'ends', 'size')
if there[1] == ARGV[1] then return 'kept' end
if there[1] and tonumber(there[2]) > tonumber(ARGV[2]) then return 'older' end
local function hour(seconds) return string.format('%d', math.floor(seconds / 3600)) end
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local ends, ended = math.max(now + ARGV[4], there[4] or 0), there[4] and hour(there[4])
local size, had = #ARGV[3] + (there[3] and #there[3] or 0), tonumber(there[5] or 0)
local total, over, by_hour = size - had, {}, redis.call('HGETALL', KEYS[2])
for i = 1, #by_hour, 2 do
  if tonumber(by_hour[i]) < tonumber(hour(now)) then over[#over + 1] = by_hour[i] else total = total + by_hour[i + 1] end
end
if total > tonumber(ARGV[5]) then return 'full' end

-- HSET is refused when memory is full, and nothing is written before it.
redis.call('HSET', KEYS[1], 'print', ARGV[1], 'issued_at', ARGV[2], 'doc', ARGV[3], 'ends', string.format('%.3f', ends), 'size', size)
if there[1] then redis.call('HSET', KEYS[1], 'print_before', there[1], 'doc_before', there[3]) end
redis.call('PEXPIREAT', KEYS[1], string.format('%d', ends * 1000))
if ended then redis.call('HINCRBY', KEYS[2], ended, -had) end
redis.call('HINCRBY', KEYS[2], hour(ends), size)
-- Longer than any cart is kept.
redis.call('EXPIRE', KEYS[2], 11 * 24 * 3600)
if #over > 0 then redis.call('HDEL', KEYS[2], unpack(over)) end
return 'kept'
