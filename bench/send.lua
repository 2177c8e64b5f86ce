-- wrk: POSTs the bodies of a file, one a line, in turn. REQUESTS_FILE names it, REQUESTS_PATH is where they go.
local requests, turn = {}, 0

function init()
  local headers = {["Content-Type"] = "application/json", ["Host"] = "127.0.0.1"}
  for body in io.lines(os.getenv("REQUESTS_FILE")) do
    requests[#requests + 1] = wrk.format("POST", os.getenv("REQUESTS_PATH"), headers, body)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end
