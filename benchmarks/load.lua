-- Messages for wrk: every request has an id and a sender of its own. Arguments: sms or chat, and a word unique to the run.

local places = { "Juwana", "Tayu", "Wedarijaksa", "Trangkil", "Margoyoso", "Dukuhseti", "Kayen", "Sukolilo", "Tambakromo",
  "Winong", "Pucakwangi", "Jaken", "Batangan", "Jakenan", "Gabus", "Margorejo", "Gembong", "Tlogowungu", "Cluwak",
  "Gunungwungkal" }
local kind, run, count, first

function init(args)
  kind, run, count = args[1], args[2], 0
  first = tonumber(run, 16) % 1000000000
end

local function sms(number)
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
  return string.format(
    "from=%%2B62811%010d&to=21512&text=LAPOR+%s+tetangga+saya+dipukul+lagi+malam+ini%%2C+anaknya+menangis+%d"
      .. "&id=%s-%08d&date=2026-11-21T08%%3A00%%3A00Z&linkId=&networkCode=51010",
    (first + number) % 10000000000, places[number % #places + 1], number, run, number)
end

local function chat(number)
  wrk.headers["Content-Type"] = "application/json"
  local user = 1000000000 + (first + number) % 1000000000
  return string.format(
    '{"update_id":%d,"message":{"message_id":%d,"date":%d,"chat":{"id":%d,"type":"private","first_name":"X"},'
      .. '"from":{"id":%d,"is_bot":false,"first_name":"X"},"text":"LAPOR %s tetangga saya dipukul lagi malam ini %d"}}',
    (first * 1000) + number, number, os.time(), user, user, places[number % #places + 1], number)
end

function request()
  count = count + 1
  local body = kind == "chat" and chat(count) or sms(count)
  return wrk.format("POST", nil, nil, body)
end

function done(summary, latency, requests)
  local errors = summary.errors
  print(string.format(
    '{"requests":%d,"seconds":%.6f,"p50":%.3f,"p99":%.3f,"errors":{"status":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d}}',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    errors.status, errors.connect, errors.read, errors.write, errors.timeout))
end
