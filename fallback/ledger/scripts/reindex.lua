-- Correct the index entries of an order that is still at the version that was looked at. No document is written.
-- KEYS  1 order  then one for each entry
-- ARGV  1 its version, or '' if there is no such order  2 ref  then two for each entry: what to do, and its figure or ''
-- 'add' to a sorted set, if it is not in it; 'put' into it at another figure; 'take' out of it; 'name' a string that holds
-- the ref, if nothing has that name; 'free' that string if it is ours.
-- Returns 1 if it was done, 0 if the order has changed
if (redis.call('HGET', KEYS[1], 'v') or '') ~= ARGV[1] then return 0 end
redis.call('PERSIST', KEYS[1])  -- as in commit.lua
for i = 2, #KEYS do
  local move, figure = ARGV[2 * i - 1], ARGV[2 * i]
  if move == 'add' then redis.call('ZADD', KEYS[i], 'NX', figure, ARGV[2])
  elseif move == 'put' then redis.call('ZADD', KEYS[i], figure, ARGV[2])
  elseif move == 'take' then redis.call('ZREM', KEYS[i], ARGV[2])
  elseif move == 'name' then redis.call('SET', KEYS[i], ARGV[2], 'NX')
  elseif redis.call('GET', KEYS[i]) == ARGV[2] then redis.call('DEL', KEYS[i]) end
end
return 1
