-- wrk's requests: each body once, with an idempotency key of its own. Arguments: file of bodies, first line, how many, salt.
local threads = 0
function setup(thread)
  thread:set('number', threads)
  threads = threads + 1
end

function init(args)
  bodies, salt, at = {}, args[4], 0
  local line_number, first = 0, tonumber(args[2])
  local last = first + tonumber(args[3])
  for line in io.lines(args[1]) do
    if line_number >= last then break end
    -- Each thread takes every second line, so that no two send the same order.
    if line_number >= first and line_number % 2 == number then bodies[#bodies + 1] = line end
    line_number = line_number + 1
  end
end

function request()
  at = at + 1
  local headers = { ['Content-Type'] = 'application/json', ['Idempotency-Key'] = salt .. '-' .. number .. '-' .. at }
  return wrk.format('POST', '/v1/orders', headers, bodies[(at - 1) % #bodies + 1])
end

function done(summary, latency)
  io.write(string.format('{"requests": %d, "seconds": %f, "p99_ms": %f, "errors": %d}\n', summary.requests,
    summary.duration / 1e6, latency:percentile(99) / 1000, summary.errors.status + summary.errors.timeout))
end
