-- Bodies of BENCH_BATCH events, no event twice: every id ends in the run, the thread and a serial number. It begins
-- at random, since the ids of real clients (UUIDs) arrive in no order, and an index takes those less easily.
-- BENCH_HEAD, BENCH_EVENT (its id as %s) and BENCH_TAIL are the parts of a body.

dofile(os.getenv("BENCH_LUA") .. "/wrk.lua")
wrk.headers["Content-Type"] = "application/json"

local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local head, event, tail = os.getenv("BENCH_HEAD"), os.getenv("BENCH_EVENT"), os.getenv("BENCH_TAIL")
local batch, run, serial = tonumber(os.getenv("BENCH_BATCH")), os.getenv("BENCH_RUN"), 0
local parts = {}

function init()
  math.randomseed(tonumber(run, 16) + number)
end

function request()
  for i = 1, batch do
    parts[i] = string.format(event, string.format("%08x-%s-%d-%09d", math.random(0, 0x7fffffff), run, number, serial))
    serial = serial + 1
  end
  return wrk.format(nil, nil, nil, head .. table.concat(parts, ",") .. tail)
end
