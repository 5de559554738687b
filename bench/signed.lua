-- One after another the webhooks of the file BENCH_SIGNED: a signature, a tab and a body a line. With several threads
-- each takes its share. After the last one it begins again, which is meant for the ceiling alone.

dofile(os.getenv("BENCH_LUA") .. "/wrk.lua")
wrk.headers["Authorization"] = nil

local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local path, share = os.getenv("BENCH_SIGNED"), tonumber(os.getenv("BENCH_THREADS"))
local file
local headers = { ["Content-Type"] = "application/json" }

local function line()
  local found = file:read("*l")
  if not found then
    file:seek("set")
    found = file:read("*l")
  end
  return found
end

function init()
  file = assert(io.open(path))
  for _ = 1, number do line() end
end

-- wrk asks the first thread once for a request that it only looks at: what is signed there is asked for again.
local wasLookedAt = false

function request()
  local found = line()
  if number == 0 and not wasLookedAt then
    wasLookedAt = true
    file:seek("set")
  else
    for _ = 2, share do line() end
  end
  local tab = found:find("\t", 1, true)
  headers["Stripe-Signature"] = found:sub(1, tab - 1)
  return wrk.format(nil, nil, headers, found:sub(tab + 1))
end
