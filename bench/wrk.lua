-- The same request again and again. METHOD, BODY and KEY come from the environment; the results go
-- out as one line of numbers, for load.py.

wrk.method = os.getenv("BENCH_METHOD") or "GET"
wrk.headers["Authorization"] = "Bearer " .. os.getenv("BENCH_KEY")
local body = os.getenv("BENCH_BODY")
if body then
  wrk.body = body
  wrk.headers["Content-Type"] = "application/json"
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    "BENCH {\"requests\":%d,\"refused\":%d,\"broken\":%d,\"microseconds\":%d,\"p50\":%d,\"p99\":%d}\n",
    summary.requests, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    summary.duration, latency:percentile(50), latency:percentile(99)))
end
