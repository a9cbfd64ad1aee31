-- Write a changed order if it still is at the version that was read: compare-and-set, all or nothing.
-- KEYS  1 order  2 received (for the sequence)  3 once: the outside event, or ''  then one key for each move
-- ARGV  1 version that was read  2 writer (names this commit)  3 document  4 personal data, or ''  5 timeline, or ''
--       6 ref  7 life of the outside event (ms)  then two for each move: what to do, and its figure or ''
-- Moves: 'put' into a sorted set at the figure; 'list' at the accept sequence; 'take' out of it; 'name' a string that
--        answers the ref; 'free' that string if it is ours.
-- Answers 'done' | 'conflict' | 'missing' | 'already'
local version = redis.call('HGET', KEYS[1], 'v')
if not version then return 'missing' end
if version ~= ARGV[1] then
  -- The same commit sent again after its answer was lost.
  return redis.call('HGET', KEYS[1], 'w') == ARGV[2] and 'done' or 'conflict'
end
if KEYS[3] ~= '' and not redis.call('SET', KEYS[3], ARGV[6], 'NX', 'PX', ARGV[7]) then return 'already' end

redis.call('HSET', KEYS[1], 'v', version + 1, 'w', ARGV[2], 'doc', ARGV[3])
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'who', ARGV[4]) end
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'log', redis.call('HGET', KEYS[1], 'log') .. ARGV[5]) end
for i = 4, #KEYS do
  local move, figure = ARGV[2 * i], ARGV[2 * i + 1]
  if move == 'put' then redis.call('ZADD', KEYS[i], figure, ARGV[6])
  elseif move == 'list' then redis.call('ZADD', KEYS[i], redis.call('ZSCORE', KEYS[2], ARGV[6]), ARGV[6])
  elseif move == 'take' then redis.call('ZREM', KEYS[i], ARGV[6])
  elseif move == 'name' then redis.call('SET', KEYS[i], ARGV[6])
  elseif redis.call('GET', KEYS[i]) == ARGV[6] then redis.call('DEL', KEYS[i]) end
end
return 'done'
