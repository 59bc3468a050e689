#!lua name=mta_sts
-- SPDX-License-Identifier: ISC
-- mta_sts.lua - shows mta-sts-milter's counters to people at redis-cli. Redis 7 or later. Nothing here writes.
--
--   redis-cli FCALL_RO mta_sts_stats 1 mta-sts:stats
--   redis-cli FCALL_RO mta_sts_domain 1 'mta-sts:domain:{example.com}'
--   redis-cli FCALL_RO mta_sts_top 1 mta-sts:domains 20 plaintext
--
-- `stsctl redis-setup` loads it; by hand: redis-cli -x FUNCTION LOAD REPLACE < mta_sts.lua
-- Anybody may have written to the keys: names and numbers that the milter cannot have written are left out.
-- Each line is a status reply, which redis-cli prints without quotes.

local FIELDS_MAX = 4096		-- in a hash; cipher names come from the MTA, but there are not that many
local NAME_WIDTH = 40
local TOP_WIDTH = 27		-- of a name in tables with more columns
local TOP_ROWS = 1000		-- printed at most
local TOP_SCANNED = 2000	-- Redis is blocked meanwhile, and the milter waits no longer than redis_timeout

local GROUPS = { 'result', 'policy', 'tls', 'reason', 'cipher', 'aligned', 'rcpt', 'history', 'action', 'cause' }
local SINGLE = { 'messages', 'sessions', 'exempt', 'forged', 'refused', 'requiretls' }
local TIMES = { first_seen = 'first seen', last_seen = 'last seen', last_plaintext = 'last plaintext' }
local ALIGNED = { yes = true, no = true, unknown = true }

-- Short names for fields.
local SHORT = {
	plaintext = 'tls:none', fail = 'result:fail', softfail = 'result:softfail', pass = 'result:pass',
	downgrade = 'history:downgrade',
}

-- ---- values ----

local function number_of(value)
	if value and #value <= 15 and string.find(value, '^%d+$') then return tonumber(value) end
	return nil
end

local function is_name(name)
	return #name <= 111 and string.find(name, '^[%w%._:+-]+$') ~= nil
end

local function is_domain(name)
	return #name <= 253 and string.find(name, '^[%l%d._-]+$') ~= nil
end

local function wrong_type(key, wanted)
	local kind = redis.call('TYPE', key).ok
	return kind ~= wanted and kind ~= 'none' and redis.error_reply('ERR ' .. key .. ' is no ' .. wanted) or nil
end

-- A hash as name -> number, and the number of foreign fields in it; or nil and an error.
local function read_counters(key)
	local failure = wrong_type(key, 'hash')
	if failure then return nil, failure end
	if redis.call('HLEN', key) > FIELDS_MAX then return nil, redis.error_reply('ERR ' .. key .. ' has too many fields') end
	local flat, counters, odd = redis.call('HGETALL', key), {}, 0
	for i = 1, #flat, 2 do
		local n = number_of(flat[i + 1])
		if n and is_name(flat[i]) then counters[flat[i]] = n else odd = odd + 1 end
	end
	return counters, odd
end

-- Days since 1970-01-01 -> Gregorian year, month, day: with years that begin in March, the leap day comes last.
local function civil(days)
	local z = days + 719468
	local era = math.floor(z / 146097)
	local doe = z - era * 146097
	local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
	local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
	local mp = math.floor((5 * doy + 2) / 153)
	local month = mp < 10 and mp + 3 or mp - 9
	return yoe + era * 400 + (month <= 2 and 1 or 0), month, doy - math.floor((153 * mp + 2) / 5) + 1
end

-- Seconds since the epoch as a UTC time; '-' for none, and for times beyond this millennium.
local function time_text(seconds)
	if not seconds or seconds <= 0 or seconds >= 32503680000 then return '-' end
	local y, m, d = civil(math.floor(seconds / 86400))
	local s = seconds % 86400
	return string.format('%04d-%02d-%02dT%02d:%02d:%02dZ', y, m, d, math.floor(s / 3600), math.floor(s % 3600 / 60), s % 60)
end

-- ---- lines ----

local function say(lines, format, ...)
	lines[#lines + 1] = { ok = (string.gsub(string.format(format, ...), '%s+$', '')) }
end

local function percent(n, of)
	if of <= 0 or n > of then return '-' end
	return string.format('%.1f%%', 100 * n / of)
end

local function fit(name, width)
	if #name <= width then return name end
	return string.sub(name, 1, width - 2) .. '..'
end

-- A key for display, which need not be one of ours: other than printable characters become '?'.
local function shown(key)
	return (string.gsub(key, '[^%w%p ]', '?'))
end

-- The fields of a group as { name, n }, largest first.
local function group_of(counters, group)
	local found = {}
	for field, n in pairs(counters) do
		local name = string.match(field, '^' .. group .. ':(.+)$')
		if name and (group ~= 'aligned' or ALIGNED[name]) then found[#found + 1] = { name = name, n = n } end
	end
	table.sort(found, function(a, b)
		if a.n ~= b.n then return a.n > b.n end
		return a.name < b.name
	end)
	return found
end

-- One line; with_aligned adds a column for messages from clients that seem to be the domain's own.
local function say_count(lines, counters, label, field, with_aligned)
	local n, messages = counters[field], counters.messages or 0
	local own = counters['aligned:' .. field]
	say(lines, '%-' .. NAME_WIDTH .. 's %10d %7s %10s', fit(label, NAME_WIDTH), n,
	    (field == 'exempt' or field == 'forged') and '' or percent(n, messages),
	    with_aligned and string.sub(field, 1, 8) ~= 'aligned:' and (own and string.format('%d', own) or '-') or '')
end

local function say_counters(lines, counters, with_aligned)
	for _, name in ipairs(SINGLE) do
		if counters[name] then say_count(lines, counters, name, name, with_aligned) end
	end
	for _, group in ipairs(GROUPS) do
		local fields = group_of(counters, group)
		if #fields > 0 then say(lines, '%s', group) end
		for _, field in ipairs(fields) do
			say_count(lines, counters, '  ' .. field.name, group .. ':' .. field.name, with_aligned)
		end
	end
end

local function say_odd(lines, odd)
	if odd > 0 then say(lines, '(%d fields that mta-sts-milter cannot have written are left out)', odd) end
end

local function usage(text)
	return redis.error_reply('ERR usage: FCALL_RO ' .. text)
end

-- ---- mta_sts_stats: KEYS stats or stats:DAY ----

local function stats(keys, args)
	if #keys ~= 1 or #args ~= 0 then return usage('mta_sts_stats 1 PREFIXstats') end
	local counters, odd = read_counters(keys[1])
	if not counters then return odd end
	local lines = {}
	say(lines, '%-' .. NAME_WIDTH .. 's %10s %7s', fit(shown(keys[1]), NAME_WIDTH), 'count', 'share')
	if not next(counters) then say(lines, 'nothing is counted yet') end
	say_counters(lines, counters, false)
	say_odd(lines, odd)
	return lines
end

-- ---- mta_sts_domain: KEYS domain:{D}, and any number of domain:{D}:DAY ----

local function say_day(lines, key)
	local counters, odd = read_counters(key)
	if not counters then return odd end
	local messages, plaintext, failed = counters.messages or 0, counters['tls:none'] or 0, counters['result:fail'] or 0
	say(lines, '%-20s %10d %10d %7s %10d %7s', shown(string.match(key, '[^:]*$')), messages,
	    plaintext, percent(plaintext, messages), failed, percent(failed, messages))
	return nil
end

local function domain(keys, args)
	if #keys < 1 or #args ~= 0 then return usage("mta_sts_domain 1 'PREFIXdomain:{DOMAIN}' ['PREFIXdomain:{DOMAIN}:DAY'...]") end
	local counters, odd = read_counters(keys[1])
	if not counters then return odd end
	local lines = {}
	say(lines, '%-' .. NAME_WIDTH .. 's %10s %7s %10s', fit(shown(keys[1]), NAME_WIDTH), 'count', 'share', 'aligned')
	if not next(counters) then say(lines, 'nothing is counted') end
	for _, name in ipairs({ 'first_seen', 'last_seen', 'last_plaintext' }) do
		if counters[name] then say(lines, '%-' .. NAME_WIDTH .. 's %s', TIMES[name], time_text(counters[name])) end
	end
	say_counters(lines, counters, true)
	say_odd(lines, odd)
	if #keys > 1 then
		say(lines, '%-20s %10s %10s %7s %10s %7s', 'day', 'messages', 'plaintext', 'share', 'fail', 'share')
	end
	for i = 2, #keys do
		local failure = say_day(lines, keys[i])
		if failure then return failure end
	end
	return lines
end

-- ---- mta_sts_top: KEYS domains, ARGV how many, by which field ----

-- The domains' hashes are not in KEYS, since the caller cannot know them beforehand. Redis still checks each against the
-- caller's ACL. Redis Cluster does not allow this; stsctl stats --top queries from outside, and works there.
local function top_row(prefix, name, seen, field)
	local held = redis.pcall('HMGET', prefix .. 'domain:{' .. name .. '}', 'messages', field)
	if held.err then return nil, not string.find(held.err, '^WRONGTYPE') and held or nil end
	local n = number_of(held[2])
	if not n or n == 0 then return nil end
	return { name = name, n = n, messages = number_of(held[1]) or 0, seen = tonumber(seen) }
end

local function top(keys, args)
	local prefix = #keys == 1 and string.match(keys[1], '^(.*)domains$')
	local rows = args[1] and number_of(args[1]) or not args[1] and 20 or 0
	local field = SHORT[args[2]] or args[2] or 'messages'
	if not prefix or #args > 2 or rows < 1 or rows > TOP_ROWS or not is_name(field) then
		return usage('mta_sts_top 1 PREFIXdomains [HOW-MANY [FIELD]]')
	end
	local failure = wrong_type(keys[1], 'zset')
	if failure then return failure end
	local held, found = redis.call('ZREVRANGE', keys[1], 0, TOP_SCANNED - 1, 'WITHSCORES'), {}
	for i = 1, #held, 2 do
		local row
		if is_domain(held[i]) then row, failure = top_row(prefix, held[i], held[i + 1], field) end
		if failure then return failure end
		found[#found + 1] = row
	end
	table.sort(found, function(a, b)
		if a.n ~= b.n then return a.n > b.n end
		return a.name < b.name
	end)
	local lines = {}
	say(lines, '%-' .. TOP_WIDTH .. 's %10s %7s %10s  %s', fit('domain, by ' .. field, TOP_WIDTH), 'count', 'share',
	    'messages', 'last seen')
	for i = 1, math.min(rows, #found) do
		local row = found[i]
		say(lines, '%-' .. TOP_WIDTH .. 's %10d %7s %10d  %s', fit(row.name, TOP_WIDTH), row.n,
		    percent(row.n, row.messages), row.messages, time_text(row.seen))
	end
	local all = redis.call('ZCARD', keys[1])
	if all > TOP_SCANNED then say(lines, '(of the %d domains seen last; there are %d)', TOP_SCANNED, all) end
	return lines
end

redis.register_function{ function_name = 'mta_sts_stats', callback = stats, flags = { 'no-writes' },
    description = 'counters of all mail: KEYS stats or stats:DAY' }
redis.register_function{ function_name = 'mta_sts_domain', callback = domain, flags = { 'no-writes' },
    description = 'counters of a sender domain: KEYS domain:{D}, any domain:{D}:DAY' }
redis.register_function{ function_name = 'mta_sts_top', callback = top, flags = { 'no-writes' },
    description = 'sender domains: KEYS domains, ARGV how many, by which field' }
