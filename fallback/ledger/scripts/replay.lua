-- What accept answered under this key before, if anything.
-- KEYS  1 idempotency key
local before = redis.call('GET', KEYS[1])
-- So that WAIT waits for whoever captured it, too (see accept.lua).
if before then redis.call('PUBLISH', 'replayed', '') end
return before
