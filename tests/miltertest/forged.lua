-- SPDX-License-Identifier: ISC
-- forged.lua - fields with our name are removed, fields with similar names stay, whoever sends them.
dofile(lib .. "/mta.lua")

local near = { "X-MTA-STS-Extra", "XX-MTA-STS", "X-MTA-ST", "X-MTA_STS", "MTA-STS", "X-MTA-STSS" }
local odd = { "X-MTA-STS", "x-mta-sts", "X-Mta-Sts", "X-mTA-sTS" }

local function mixed(count)
	local fields = {}

	for i = 1, count do
		fields[#fields + 1] = near[i % #near + 1]
		fields[#fields + 1] = odd[i % #odd + 1]
	end
	fields[#fields + 1] = near[1]
	return fields
end

for count = 0, 8 do
	mta.case(count .. " forged between near names", function()
		local conn = mta.open()
		mta.helo(conn)
		mta.message(conn, "<a@sender.test>", mta.TLS13, mixed(count))
		mta.want(conn, "domain=sender.test", "host=mx.test")
		mta.want_removed(conn, count)
		for _, name in ipairs(near) do
			if mt.eom_check(conn, MT_HDRDELETE, name) or mt.eom_check(conn, MT_HDRCHANGE, name) then
				error(name .. " was touched", 0)
			end
		end
		mta.close(conn)
	end)
end

mta.case("values of every kind", function()
	local conn = mta.open()
	mta.helo(conn)
	mta.message(conn, "<a@sender.test>", mta.TLS13, { { "X-MTA-STS", "" }, { "X-MTA-STS", string.rep("x", 900) },
	    { "X-MTA-STS", "a\n\tb" }, { "Subject", "X-MTA-STS: no" } })
	mta.want(conn, "domain=sender.test")
	mta.want_removed(conn, 3)
	mta.close(conn)
end)

mta.case("hundreds", function()
	local conn, fields = mta.open(), {}

	for i = 1, 300 do
		fields[i] = "X-MTA-STS"
	end
	mta.helo(conn)
	mta.message(conn, "<a@sender.test>", mta.TLS13, fields)
	mta.want(conn, "domain=sender.test")
	mta.want_removed(conn, 300)
	mta.close(conn)
end)

mta.case("also when the message is exempt", function()
	local conn = mta.open({ addr = "127.0.0.1" })
	mta.helo(conn)
	mta.message(conn, "<a@sender.test>", mta.PLAIN, { "X-MTA-STS", "x-mta-sts" })
	mta.want_none(conn)
	mta.want_removed(conn, 2)
	mta.message(conn, "<a@sender.test>", mta.PLAIN, {})
	mta.want_none(conn)
	mta.want_removed(conn, 0)
	mta.close(conn)
end)

mta.case("but not from a client in accept_header_from", function()
	local conn = mta.open({ addr = "198.51.100.7" })
	mta.helo(conn)
	mta.message(conn, "<a@sender.test>", mta.TLS13, { "X-MTA-STS" })
	mta.want(conn, "host=mx.test", "domain=sender.test")
	mta.want_removed(conn, 0)
	mta.close(conn)
end)
