-- wrk -s wrk.lua URL -- DEPTH [SIZE]: sends DEPTH requests at once, each with
-- SIZE octets of content, a string in JSON, if that is given; prints the outcome
-- as one line of JSON.

function init(args)
  local depth = tonumber(args[1] or "1")
  local size = tonumber(args[2] or "0")
  if size > 0 then
    wrk.method = "POST"
    wrk.body = '"' .. string.rep("a", size - 2) .. '"'
  end
  -- A `request` of our own is called for each: without it wrk repeats its own.
  if depth > 1 then
    local batch = string.rep(wrk.format(), depth)
    request = function() return batch end
  end
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"seconds":%f,"p50":%f,"p99":%f,"refused":%d,"broken":%d}\n',
    summary.requests,
    summary.duration / 1e6,
    latency:percentile(50) / 1e3,
    latency:percentile(99) / 1e3,
    errors.status,
    errors.connect + errors.read + errors.write + errors.timeout
  ))
end
