-- Write a changed order if it is still at the version that was read: compare-and-set, all or nothing.
-- KEYS  1 order  2 received (for the sequence)  3 once: the external event, or the order again if there is none
--       4 booked: what was granted, by order, or the order again  then one key for each move
-- ARGV  1 version that was read  2 writer (names this commit)  3 document  4 personal data, or ''  5 timeline, or ''
--       6 ref  7 life of the external event (ms)  8 the sum of booked that was read, or ''
--       then two for each move: what to do, and its figure or ''
-- Moves: 'put' into a sorted set at the figure; 'list' at the accept sequence; 'take' out of it; 'name' a string that
--        holds the ref, if nothing has that name; 'free' that string if it is ours; 'count' in a hash, '<by> <field>'
--        (see accept.lua); 'tell' a receiver, '<when> <what>'.
-- Returns 'done' | 'conflict' | 'missing' | 'already'
local version, writers = unpack(redis.call('HMGET', KEYS[1], 'v', 'w'))
local sequence = redis.call('ZSCORE', KEYS[2], ARGV[6])
if not version or not sequence then return 'missing' end
writers = writers or ''
if version ~= ARGV[1] then
  -- The same commit was sent again after its response was lost; others may have come after it.
  return string.find(writers, ARGV[2], 1, true) and 'done' or 'conflict'
end
if KEYS[3] ~= KEYS[1] and redis.call('EXISTS', KEYS[3]) == 1 then return 'already' end
if KEYS[4] ~= KEYS[1] then
  local entries, sum = redis.call('ZRANGE', KEYS[4], 0, -1, 'WITHSCORES'), 0
  for i = 2, #entries, 2 do sum = sum + tonumber(entries[i]) end
  if sum ~= tonumber(ARGV[8]) then return 'conflict' end
end

-- If the first write of a script is one that Redis allows when memory is full, it allows the following ones too: known
-- orders are worked on while no new ones are taken.
redis.call('PERSIST', KEYS[1])
if KEYS[3] ~= KEYS[1] then redis.call('SET', KEYS[3], ARGV[6], 'PX', ARGV[7]) end
redis.call('HSET', KEYS[1], 'v', version + 1, 'w', string.sub(ARGV[2] .. writers, 1, 64), 'doc', ARGV[3])
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'who', ARGV[4]) end
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'log', redis.call('HGET', KEYS[1], 'log') .. ARGV[5]) end
for i = 5, #KEYS do
  local move, figure = ARGV[2 * i - 1], ARGV[2 * i]
  if move == 'put' then redis.call('ZADD', KEYS[i], figure, ARGV[6])
  elseif move == 'list' then redis.call('ZADD', KEYS[i], sequence, ARGV[6])
  elseif move == 'take' then redis.call('ZREM', KEYS[i], ARGV[6])
  elseif move == 'tell' then
    -- A receiver that is away for long cannot fill the memory; nor does one that the settings no longer name.
    if redis.call('ZCARD', KEYS[i]) < 100000 then redis.call('ZADD', KEYS[i], string.match(figure, '^(%S+) (.*)$')) end
    redis.call('EXPIRE', KEYS[i], 345600)
  elseif move == 'name' then redis.call('SET', KEYS[i], ARGV[6], 'NX')
  elseif move == 'count' then
    local last = redis.call('HGET', KEYS[i], '')
    local by, field = string.match(figure, '^(%S+) (.*)$')
    if last and tonumber(sequence) > tonumber(last) then redis.call('HINCRBY', KEYS[i], field, by) end
  elseif redis.call('GET', KEYS[i]) == ARGV[6] then redis.call('DEL', KEYS[i]) end
end
return 'done'
