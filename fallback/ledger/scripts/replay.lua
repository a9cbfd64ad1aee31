-- What accept returned for this key before, if anything.
-- KEYS  1 idempotency key
local before = redis.call('GET', KEYS[1])
-- So that WAIT also waits for the connection that wrote it (see accept.lua).
if before and string.sub(KEYS[1], 1, 1) == '{' then
  redis.call('PEXPIRE', KEYS[1], redis.call('PTTL', KEYS[1]))
elseif before then
  redis.call('PUBLISH', 'replayed', '')
end
return before
