-- SPDX-License-Identifier: ISC
-- senders.lua - all kinds of MAIL and HELO arguments.
dofile(lib .. "/mta.lua")

local longest = string.rep("a", 63) .. "." .. string.rep("b", 63) .. "." .. string.rep("c", 63) .. "." .. string.rep("d", 61)

-- sender, domain, identity
local rows = {
	{ "<a@Good.Test>", "good.test", "mailfrom" },
	{ "a@good.test", "good.test", "mailfrom" },
	{ "<a@good.test.>", "good.test", "mailfrom" },
	{ '<"a@b"@good.test>', "good.test", "mailfrom" },
	{ '<"a\\"@b"@good.test>', "good.test", "mailfrom" },
	{ "<x@y@good.test>", "good.test", "mailfrom" },
	{ "<@r1.test,@r2.test:u@good.test>", "good.test", "mailfrom" },
	{ "<a@under_score.test>", "under_score.test", "mailfrom" },
	{ "<jos\u{e9}@b\u{fc}cher.test>", "xn--bcher-kva.test", "mailfrom" },
	{ "<a@B\u{dc}CHER.test>", "xn--bcher-kva.test", "mailfrom" },
	{ "<a@" .. longest .. ">", longest, "mailfrom" },
	{ "<a@e" .. longest .. ">", "-", "mailfrom" },
	{ "<>", "mail.sender.test", "helo" },
	{ "<postmaster>", "-", "mailfrom" },
	{ "<u@[192.0.2.1]>", "-", "mailfrom" },
	{ "<u@[IPv6:::1]>", "-", "mailfrom" },
	{ "<u@192.0.2.1>", "-", "mailfrom" },
	{ "<a@>", "-", "mailfrom" },
	{ "<a@bad..test>", "-", "mailfrom" },
	{ "<a@b\xfccher.test>", "-", "mailfrom" },
	{ "<a@x y.test>", "-", "mailfrom" },
	{ "<a@good.test", "-", "mailfrom", either = "good.test" },
}

mta.case("senders", function()
	local conn = mta.open()
	mta.helo(conn)
	for _, row in ipairs(rows) do
		mta.message(conn, row[1], mta.TLS13)
		local field = mta.field(conn)
		local domain = field:match("; domain=([^;]*);")

		if domain ~= row[2] and domain ~= row.either then
			error(row[1] .. ": domain " .. domain, 0)
		end
		mta.want(conn, "identity=" .. row[3])
		-- the longest name leaves no room for _mta-sts
		if domain == "-" or domain == longest then
			mta.want(conn, "result=none", "policy=absent")
		else
			mta.want(conn, "result=temperror", "policy=unknown")
		end
	end
	mta.close(conn)
end)

mta.case("null sender, by name of HELO", function()
	local names = { ["Good.Test"] = "good.test", ["localhost"] = "-", ["[192.0.2.1]"] = "-", ["[IPv6:::1]"] = "-",
		["192.0.2.1"] = "-", ["a..b.test"] = "-", ["a b.test"] = "-", ["."] = "-",
		["b\u{fc}cher.test"] = "xn--bcher-kva.test", [string.rep("x", 900)] = "-" }

	for name, domain in pairs(names) do
		local conn = mta.open()
		mta.helo(conn, name)
		mta.message(conn, "<>", mta.TLS13)
		mta.want(conn, "identity=helo", "domain=" .. domain)
		mta.close(conn)
	end
end)
