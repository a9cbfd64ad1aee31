-- Accept a new order: all or nothing, and idempotent.
-- KEYS  1 idempotency key  2 cart  3 order  4 sequence  5 exposure  6 stock
--       7 whether the payment provider answers  8 tallies  then ARGV[8] indexes by sequence,
--       then ARGV[10] sets of receivers (see commit.lua, 'tell'), then pairs of due set and bell
-- ARGV  1 ref  2 what to remember under the key  3 its life (ms)  4 document  5 personal data  6 timeline
--       7 life of a bell (ms)  8 number of indexes  9 what the order takes, in JSON, or '' if it is not counted
--       10 number of receivers  11 when they are told  12 what
--       then one due time for each due set
-- Returns {'key', what was remembered} | {'cart', ref that holds it} | {'ref'}: another order has it
--         | {'sold_out', then {SKU, pieces that are left} for each that does not suffice}
--         | {'pay_first', 1 if a card was given}: it would take too much that is not authorized
--         | {'accepted', SKUs that may be late, then 0 or 1 for each bell: ring it}
local function known(how, key, what)
  -- Since Redis 8, and in Valkey, WAIT returns at once if the connection has only read: what is read here was written
  -- by another connection, and may not be on a replica yet. PUBLISH is replicated, works without free memory and writes
  -- nothing. In a cluster, where keys have a hash tag, it is not replicated, so the same is written again; the first
  -- write changes nothing, and allows the other when memory is full (see commit.lua).
  if string.sub(key, 1, 1) == '{' then
    redis.call('PERSIST', KEYS[3])
    redis.call('SET', key, what, 'KEEPTTL')
  else
    redis.call('PUBLISH', 'replayed', '')
  end
  return {how, what}
end
local before = redis.call('GET', KEYS[1])
if before then return known('key', KEYS[1], before) end
local holder = redis.call('GET', KEYS[2])
if holder then return known('cart', KEYS[2], holder) end
if redis.call('EXISTS', KEYS[3]) == 1 then return {'ref'} end

local takes = ARGV[9] ~= '' and cjson.decode(ARGV[9])

-- The counts begin after the last order that is not in them, which is noted in the field ''.
local function count(key, field, by, last)
  if redis.call('HSETNX', KEYS[5], '', last) == 1 then redis.call('HSET', KEYS[5], 'since', takes.at) end
  redis.call('HSETNX', key, '', redis.call('HGET', KEYS[5], ''))
  redis.call('HINCRBY', key, field, by)
end
local function refused(why, answer)
  count(KEYS[5], 'refused:' .. why, 1, redis.call('GET', KEYS[4]) or 0)
  redis.call('HINCRBY', KEYS[8], 'refused ' .. why, 1)
  return answer
end

local late = {}
if takes then
  local sold_out = {'sold_out'}
  for _, each in ipairs(takes.pieces) do
    local sku, wanted, available = unpack(each)
    local left = available - (redis.call('HGET', KEYS[6], sku) or 0)
    if wanted > left then
      late[#late + 1] = sku
      sold_out[#sold_out + 1] = {sku, math.max(left, 0)}
    end
  end
  if #late > 0 and takes.refuse then return refused('sold_out', sold_out) end
  -- A card is as good as an authorization while the provider answers: it decides within seconds.
  local secured = takes.sum == 0 or (takes.card and redis.call('GET', KEYS[7]) ~= '0')
  local open = takes.sum + (redis.call('HGET', KEYS[5], 'sum:' .. takes.currency) or 0)
  if not secured and (takes.sum > takes.limit_of_one or open > takes.limit_of_all) then
    return refused('pay_first', {'pay_first', takes.card and 1 or 0})
  end
end

-- INCR is refused when memory is full, and nothing is written before it; Redis refuses nothing after the first write.
local sequence = redis.call('INCR', KEYS[4])
local document, log = ARGV[4], ARGV[6]
if takes then
  for _, each in ipairs(takes.pieces) do count(KEYS[6], each[1], each[2], sequence - 1) end
  if takes.sum > 0 then count(KEYS[5], 'sum:' .. takes.currency, takes.sum, sequence - 1) end
  if #late > 0 then
    count(KEYS[5], 'late', 1, sequence - 1)
    document = document .. ',"late":' .. cjson.encode(late) .. '}'  -- behind the compressed part: see ledger/redis/packing.py
    log = log .. takes.event
  end
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('SET', KEYS[2], ARGV[1])
redis.call('HSET', KEYS[3], 'v', 1, 'doc', document, 'who', ARGV[5], 'log', log)
local last_index = 8 + ARGV[8]
for i = 9, last_index do
  redis.call('ZADD', KEYS[i], sequence, ARGV[1])
end
local last_receiver = last_index + ARGV[10]
for i = last_index + 1, last_receiver do
  if redis.call('ZCARD', KEYS[i]) < 100000 then redis.call('ZADD', KEYS[i], ARGV[11], ARGV[12]) end
  redis.call('EXPIRE', KEYS[i], 345600)
end
local answer = {'accepted', late}
for i = last_receiver + 1, #KEYS, 2 do
  redis.call('ZADD', KEYS[i], ARGV[11 + #answer], ARGV[1])
  answer[#answer + 1] = redis.call('SET', KEYS[i + 1], 1, 'NX', 'PX', ARGV[7]) and 1 or 0
end
return answer
