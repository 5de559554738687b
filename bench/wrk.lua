-- The same request again and again. METHOD, BODY, KEY, COOKIE and PAUSE come from the environment; the results go
-- out as one line of numbers, for load.py.

wrk.method = os.getenv("BENCH_METHOD") or "GET"
wrk.headers["Authorization"] = "Bearer " .. os.getenv("BENCH_KEY")
local cookie = os.getenv("BENCH_COOKIE")
if cookie then
  wrk.headers["Cookie"] = cookie
end
local body = os.getenv("BENCH_BODY")
if body then
  wrk.body = body
  wrk.headers["Content-Type"] = "application/json"
end

-- Milliseconds before each request, from none to twice the mean, so that connections do not fall into step. Without the
-- function wrk sends as soon as it was answered.
local pause = tonumber(os.getenv("BENCH_PAUSE"))
if pause then
  function delay()
    return math.random(0, 2 * pause)
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    "BENCH {\"requests\":%d,\"refused\":%d,\"broken\":%d,\"microseconds\":%d,\"p50\":%d,\"p99\":%d}\n",
    summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    summary.duration, latency:percentile(50), latency:percentile(99)))
end
